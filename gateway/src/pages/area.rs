//! The frame around the pages of a person who is signed in.

use bursar_kernel::OrganizationId;
use bursar_operations::Profile;
use bursar_orgs_and_membership::Organization;

/// Which of its pages a person looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Account,
    Keys,
    Security,
    Organization,
}

/// What the navigation shows.
pub(super) struct Area {
    place: Place,
    /// The path and the name of the organization that is looked at, or else of the active one.
    pub(super) organization: Option<(String, String)>,
}

impl Area {
    /// Around pages about the person.
    pub(super) fn of(profile: &Profile, place: Place) -> Self {
        let active = profile.organizations.iter().find(|it| profile.is_active(it.organization));
        let organization = active.map(|it| (path_of(it.organization), it.name.clone()));
        Self { place, organization }
    }

    /// Around pages about an organization.
    pub(super) fn on(organization: &Organization) -> Self {
        let shown = (path_of(organization.id), organization.name.clone());
        Self { place: Place::Organization, organization: Some(shown) }
    }

    pub(super) fn is(&self, word: &str) -> bool {
        word == match self.place {
            Place::Account => "account",
            Place::Keys => "keys",
            Place::Security => "security",
            Place::Organization => "organization",
        }
    }
}

/// The path of an organization's page.
pub(super) fn path_of(organization: OrganizationId) -> String {
    format!("/organizations/{organization}")
}

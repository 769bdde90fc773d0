use bursar_identity::{Actor, User};
use bursar_kernel::{Account, DomainError, OrganizationId, Result};
use bursar_orgs_and_membership::{MembershipId, Role};

use crate::{authenticate::active_account, authorize::admit, core::Core, error, operation::Operation};

/// A person, with the organizations that it belongs to.
pub struct Profile {
    /// The person.
    pub user: User,
    /// Its organizations, oldest membership first.
    pub organizations: Vec<OrganizationOfUser>,
    /// The account that it has chosen.
    pub active_account: Account,
}

/// An organization as one of its members sees it in the own profile.
pub struct OrganizationOfUser {
    /// The membership.
    pub member: MembershipId,
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// What the person may do in it.
    pub role: Role,
}

/// Who the caller is.
///
/// # Errors
/// `forbidden` for a key without the scope `read`.
pub async fn read_profile(core: &Core, actor: &Actor) -> Result<Profile> {
    admit(actor, Operation::ReadProfile)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let reader = core.db.reader();
    let user =
        core.users.by_id(reader, user).await?.ok_or_else(|| DomainError::from(&error::NOT_AUTHENTICATED))?;
    let organizations = core
        .members
        .of_user(reader, user.id)
        .await?
        .into_iter()
        .map(|of_user| OrganizationOfUser {
            member: of_user.membership.id,
            organization: of_user.membership.organization,
            name: of_user.organization_name,
            role: of_user.membership.role,
        })
        .collect();
    let active_account = active_account(core, reader, user.id).await?;
    Ok(Profile { user, organizations, active_account })
}

impl Profile {
    /// Whether the organization is the active account.
    #[must_use]
    pub fn is_active(&self, organization: OrganizationId) -> bool {
        self.active_account == Account::Organization(organization)
    }
}

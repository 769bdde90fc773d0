use std::fmt;

use bursar_kernel::{CacheTag, DomainError, OrganizationId, Reader, Result, Tx, UnixTimestamp, UserId};

use crate::{membership::Membership, remote_config::RemoteConfig};

/// People who share an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its identifier.
    pub id: OrganizationId,
    /// As its owner wrote it.
    pub name: String,
    /// The name in the form of addresses; no two organizations have the same.
    pub slug: String,
    /// When it was made.
    pub created_at: UnixTimestamp,
    /// When it was last changed.
    pub updated_at: UnixTimestamp,
    /// Whether members' clients receive the stored configuration.
    pub remote_config_enabled: bool,
    /// The configuration for members' clients, as JSON text. It holds secrets.
    pub default_remote_config: Option<String>,
    /// What a trusted outside issuer calls it.
    pub external_organization_id: Option<String>,
    /// How many people are in it.
    pub member_count: u64,
    /// When it was deleted.
    pub deleted_at: Option<UnixTimestamp>,
}

/// Logs do not learn the secrets of the configuration.
impl fmt::Debug for Organization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Organization")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("slug", &self.slug)
            .field("created_at", &self.created_at)
            .field("updated_at", &self.updated_at)
            .field("remote_config_enabled", &self.remote_config_enabled)
            .field("default_remote_config", &self.default_remote_config.as_ref().map(|_| "[secret]"))
            .field("external_organization_id", &self.external_organization_id)
            .field("member_count", &self.member_count)
            .field("deleted_at", &self.deleted_at)
            .finish()
    }
}

/// 1 to 100 characters without control characters, no space at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationName(String);

impl OrganizationName {
    /// The most characters that a name has.
    pub const MAX_CHARACTERS: usize = 100;

    /// From what somebody typed; spaces around it do not count.
    ///
    /// # Errors
    /// `invalid_field` for `name` when it is empty, too long or holds control characters.
    pub fn new(text: &str) -> Result<Self> {
        let name = text.trim();
        if name.is_empty() || name.chars().count() > Self::MAX_CHARACTERS {
            return Err(DomainError::invalid("name", "must be 1 to 100 characters"));
        }
        if name.chars().any(char::is_control) {
            return Err(DomainError::invalid("name", "must not hold control characters"));
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What it takes to make an organization.
#[derive(Clone, Debug)]
pub struct NewOrganization {
    /// What to call it.
    pub name: OrganizationName,
    /// Who becomes its owner.
    pub creator: UserId,
}

/// What to change of an organization; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct OrganizationChange {
    /// What to call it. Its slug stays, so that old links lead to it.
    pub name: Option<OrganizationName>,
    /// Whether members' clients receive the stored configuration.
    pub remote_config_enabled: Option<bool>,
    /// The configuration for members' clients.
    pub default_remote_config: Option<RemoteConfig>,
}

/// An organization that hands a configuration to its members' clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguringOrganization {
    /// Which.
    pub organization: OrganizationId,
    /// What it is called.
    pub name: String,
}

/// What kind of thing a cached organization is.
const CACHED_KIND: &str = "organization";

/// What is invalidated when an organization is deleted.
#[must_use]
pub fn organization_tag(organization: OrganizationId) -> CacheTag {
    CacheTag::new(CACHED_KIND, organization)
}

/// Which organization is said to have been deleted, if it is said of one.
#[must_use]
pub fn organization_of_tag(tag: &CacheTag) -> Option<OrganizationId> {
    let (CACHED_KIND, which) = tag.parts() else { return None };
    which.parse().ok()
}

/// The organizations.
#[async_trait::async_trait]
pub trait Organizations: Send + Sync {
    /// Makes one, and its creator the owner: two rows. The creator's active account stays.
    ///
    /// # Errors
    /// `too_many_organizations` when the creator is in as many as one person can be.
    async fn create(&self, tx: &mut Tx, new: NewOrganization) -> Result<(Organization, Membership)>;

    /// The one with this identifier, unless it was deleted.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(&self, reader: Reader<'_>, id: OrganizationId) -> Result<Option<Organization>>;

    /// Changes one: one row.
    ///
    /// # Errors
    /// `organization_not_found` when there is none, or it was deleted.
    async fn update(
        &self,
        tx: &mut Tx,
        id: OrganizationId,
        change: OrganizationChange,
    ) -> Result<Organization>;

    /// Deletes one: its row stays, with its name and slug, and says since when; its configuration
    /// and its provider keys are erased, its pending invites revoked. So many rows. Whoever acts on
    /// it falls back to their own account by themselves. Caches are told by [`organization_tag`].
    ///
    /// # Errors
    /// `organization_not_found` when there is none, or it was deleted before.
    async fn delete(&self, tx: &mut Tx, id: OrganizationId) -> Result<()>;

    /// Lets one transaction at a time change who is in an organization, until it is over: whatever
    /// changes members, invites, seats or provider keys takes this first. No row is written.
    ///
    /// # Errors
    /// `organization_not_found` when there is none, or it was deleted.
    async fn lock(&self, tx: &mut Tx, id: OrganizationId) -> Result<Organization>;

    /// What a person's clients are offered: the configurations of those of their organizations that
    /// have one stored and hand it out, oldest membership first.
    ///
    /// # Errors
    /// When the database cannot be read, or a configuration does not open.
    async fn with_remote_config(
        &self,
        reader: Reader<'_>,
        user: UserId,
    ) -> Result<Vec<ConfiguringOrganization>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_its_length_counts_characters() {
        assert_eq!(OrganizationName::new("  Acme ").unwrap().as_str(), "Acme");
        assert!(OrganizationName::new(&"é".repeat(100)).is_ok());
        assert!(OrganizationName::new(&"é".repeat(101)).is_err());
    }

    #[test]
    fn a_tag_leads_back_to_its_organization_and_another_kind_to_none() {
        let id = OrganizationId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(organization_of_tag(&organization_tag(id)), Some(id));
        let user = UserId::from_uuid(uuid::Uuid::from_u128(7));
        assert_eq!(organization_of_tag(&crate::membership::membership_tag(id, user)), None);
    }

    #[test]
    fn a_name_that_breaks_a_rule_names_the_field() {
        for name in ["", "   ", "a\nb", "a\0b", "a\u{85}b", &"x".repeat(101)] {
            let error = OrganizationName::new(name).unwrap_err();
            assert_eq!((error.code(), error.get("field")), ("invalid_field", Some("name")), "{name:?}");
        }
    }
}

use bursar_kernel::{DomainError, OrganizationId, Reader, Result, Tx, UnixTimestamp, UserId};

use crate::membership::Membership;

/// People who share an account.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The configuration for members' clients, as JSON text.
    pub default_remote_config: Option<String>,
    /// What a trusted outside issuer calls it.
    pub external_organization_id: Option<String>,
    /// How many people are in it.
    pub member_count: u64,
    /// When it was deleted.
    pub deleted_at: Option<UnixTimestamp>,
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
    fn a_name_that_breaks_a_rule_names_the_field() {
        for name in ["", "   ", "a\nb", "a\0b", "a\u{85}b", &"x".repeat(101)] {
            let error = OrganizationName::new(name).unwrap_err();
            assert_eq!((error.code(), error.get("field")), ("invalid_field", Some("name")), "{name:?}");
        }
    }
}

use bursar_kernel::{Account, DomainError, Result, Secret, UnixTimestamp};

use crate::{
    key_holder::{Holder, KeyHolder},
    networks::Networks,
    scope::ScopeSet,
    spend_limit::SpendLimit,
};

bursar_kernel::typed_id!(
    /// An API key. Not the secret: it may be shown and logged.
    ApiKeyId, "key");

/// The most keys that one person, one organization or the deployment makes which were not revoked:
/// their list is answered whole.
pub const MAX_OF_HOLDER: u64 = 200;

/// A key, without its secret: that is known to whoever holds it and to nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// The account that it acts on.
    pub account: Account,
    /// Whose it is.
    pub holder: KeyHolder,
    /// What it is called.
    pub name: String,
    /// What its text begins with.
    pub prefix: String,
    /// What its text ends with.
    pub last_four: String,
    /// What it may do; a person's as far as they still may.
    pub scopes: ScopeSet,
    /// When it was made.
    pub created_at: UnixTimestamp,
    /// When it was last used, a little late.
    pub last_used_at: Option<UnixTimestamp>,
    /// From when on it is refused.
    pub expires_at: Option<UnixTimestamp>,
    /// When it was ended.
    pub revoked_at: Option<UnixTimestamp>,
    /// Why it was ended.
    pub revocation_reason: Option<String>,
    /// Whether it is switched on.
    pub enabled: bool,
    /// From where it may be used.
    pub networks: Networks,
    /// How often it may be used in a minute.
    pub per_minute: Option<u32>,
    /// What it may spend.
    pub spend_limit: Option<SpendLimit>,
    /// Whether it is the key that an organization has from its beginning.
    pub is_primary: bool,
}

/// 1 to 100 characters without control characters, no space at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyName(String);

impl KeyName {
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

/// What it takes to make a key.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// The account that it is to act on; [`Account::DEPLOYMENT`] for a key of the deployment.
    pub account: Account,
    /// Whose it is to be.
    pub holder: KeyHolder,
    /// What to call it.
    pub name: KeyName,
    /// What it may do, from [`crate::scopes_for`].
    pub scopes: ScopeSet,
    /// From when on it is refused; never when absent.
    pub expires_at: Option<UnixTimestamp>,
    /// From where it may be used.
    pub networks: Networks,
    /// How often it may be used in a minute; as often as one likes when absent.
    pub per_minute: Option<u32>,
    /// What it may spend; anything when absent.
    pub spend_limit: Option<SpendLimit>,
}

impl NewKey {
    /// In whose list it will be.
    ///
    /// # Errors
    /// `invalid_field` for what no key can have.
    pub(crate) fn check(&self, now: UnixTimestamp) -> Result<Holder> {
        check_expiry(self.expires_at, now)?;
        check_per_minute(self.per_minute)?;
        self.spend_limit.map(SpendLimit::checked).transpose()?;
        self.holder.on(self.account)
    }
}

/// # Errors
/// `invalid_field` for `expiresAt` when it is not in the future.
pub(crate) fn check_expiry(expires_at: Option<UnixTimestamp>, now: UnixTimestamp) -> Result<()> {
    match expires_at {
        Some(end) if end <= now => Err(DomainError::invalid("expiresAt", "must be in the future")),
        _ => Ok(()),
    }
}

/// # Errors
/// `invalid_field` for `perMinuteLimit` when the key could never be used.
pub(crate) fn check_per_minute(per_minute: Option<u32>) -> Result<()> {
    match per_minute {
        Some(0) => Err(DomainError::invalid("perMinuteLimit", "must be at least 1")),
        _ => Ok(()),
    }
}

/// A key that was just made, or given another secret.
#[derive(Debug)]
pub struct CreatedKey {
    /// The key.
    pub key: ApiKey,
    /// Its whole text, which nobody can find out again.
    pub secret: Secret<String>,
}

#[cfg(test)]
impl ApiKey {
    /// A person's on their own account, limited by nothing.
    pub(crate) fn example() -> Self {
        let user = bursar_kernel::UserId::from_uuid(uuid::Uuid::nil());
        Self {
            id: ApiKeyId::from_uuid(uuid::Uuid::nil()),
            account: Account::Personal(user),
            holder: KeyHolder::Person(user),
            name: "ci".to_owned(),
            prefix: "sk".to_owned(),
            last_four: "abcd".to_owned(),
            scopes: ScopeSet::ALL,
            created_at: UnixTimestamp::from_micros(0),
            last_used_at: None,
            expires_at: None,
            revoked_at: None,
            revocation_reason: None,
            enabled: true,
            networks: Networks::default(),
            per_minute: None,
            spend_limit: None,
            is_primary: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_breaks_a_rule_names_the_field() {
        assert_eq!(KeyName::new(" ci ").unwrap().as_str(), "ci");
        assert!(KeyName::new(&"é".repeat(100)).is_ok());
        for name in ["", "  ", "a\tb", "a\u{7f}b", &"x".repeat(101)] {
            let error = KeyName::new(name).unwrap_err();
            assert_eq!((error.code(), error.get("field")), ("invalid_field", Some("name")), "{name:?}");
        }
    }
}

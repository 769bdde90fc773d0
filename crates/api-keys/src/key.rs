use bursar_kernel::{Account, CacheTag, DomainError, Reader, Result, Secret, Tx, UnixTimestamp, UserId};

use crate::scope::ScopeSet;

bursar_kernel::typed_id!(
    /// An API key. Not the secret: it may be shown and logged.
    ApiKeyId, "key");

/// The most keys that one person has which were not revoked: their list is answered whole.
pub const MAX_OF_CREATOR: u64 = 200;

/// A key, without its secret: that is known to whoever holds it and to nobody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// The account that it acts on.
    pub account: Account,
    /// The person as whom it acts.
    pub creator: UserId,
    /// What its creator calls it.
    pub name: String,
    /// What its text begins with.
    pub prefix: String,
    /// What its text ends with.
    pub last_four: String,
    /// What it may do, as far as its creator still may.
    pub scopes: ScopeSet,
    /// When it was made.
    pub created_at: UnixTimestamp,
    /// When it was last used, a little late.
    pub last_used_at: Option<UnixTimestamp>,
    /// From when on it is refused.
    pub expires_at: Option<UnixTimestamp>,
    /// When it was ended.
    pub revoked_at: Option<UnixTimestamp>,
    /// Whether it is switched on.
    pub enabled: bool,
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
    /// The account that it is to act on.
    pub account: Account,
    /// The person as whom it is to act.
    pub creator: UserId,
    /// What to call it.
    pub name: KeyName,
    /// What it may do, from [`crate::scopes_for`].
    pub scopes: ScopeSet,
    /// From when on it is refused; never when absent.
    pub expires_at: Option<UnixTimestamp>,
}

/// A key that was just made.
#[derive(Debug)]
pub struct CreatedKey {
    /// The key.
    pub key: ApiKey,
    /// Its whole text, which nobody can find out again.
    pub secret: Secret<String>,
}

/// What kind of thing a cached key is.
const CACHED_KIND: &str = "api_key";

/// What is invalidated when a key changes.
pub(crate) fn tag_of_hash(hash: &[u8; 32]) -> CacheTag {
    CacheTag::new(CACHED_KIND, hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// The hash of the key that is said to have changed, if it is said of a key.
#[must_use]
pub fn hash_of_tag(tag: &CacheTag) -> Option<[u8; 32]> {
    let (CACHED_KIND, digits) = tag.parts() else { return None };
    let half = |digits: Option<&str>| u128::from_str_radix(digits?, 16).ok().map(u128::to_be_bytes);
    let halves = [half(digits.get(..32))?, half(digits.get(32..64))?];
    halves.concat().try_into().ok()
}

/// The API keys.
#[async_trait::async_trait]
pub trait ApiKeys: Send + Sync {
    /// Makes one: one row.
    ///
    /// # Errors
    /// `invalid_field` for `expiresAt` when it is not in the future; `too_many_api_keys` when the
    /// creator has [`MAX_OF_CREATOR`] keys that were not revoked.
    async fn create(&self, tx: &mut Tx, new: NewKey) -> Result<CreatedKey>;

    /// A person's keys that were not revoked, newest first: all of them, at most
    /// [`MAX_OF_CREATOR`].
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn of_creator(&self, reader: Reader<'_>, creator: UserId) -> Result<Vec<ApiKey>>;

    /// The key of this hash, also when it was revoked or has expired.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_hash(&self, reader: Reader<'_>, hash: &[u8; 32]) -> Result<Option<ApiKey>>;

    /// A person's key that was not revoked.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(&self, reader: Reader<'_>, creator: UserId, id: ApiKeyId) -> Result<Option<ApiKey>>;

    /// Ends a person's key for ever: one row, and caches are told. `false`, and no row, when it was ended before or is
    /// not theirs.
    ///
    /// # Errors
    /// When the database refuses.
    async fn revoke(&self, tx: &mut Tx, creator: UserId, id: ApiKeyId) -> Result<bool>;

    /// Ends every key of a person, who is to have none any more: so many rows, and caches are told.
    ///
    /// # Errors
    /// When the database refuses.
    async fn revoke_all(&self, tx: &mut Tx, creator: UserId) -> Result<u64>;

    /// Notes when keys were used, and says how many rows changed: none for a use that is not
    /// later than the one that is known.
    ///
    /// # Errors
    /// When the database refuses.
    async fn used(&self, tx: &mut Tx, uses: &[(ApiKeyId, UnixTimestamp)]) -> Result<u64>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_comes_back_from_its_tag() {
        let hash = std::array::from_fn(|place| u8::try_from(place * 7).unwrap());
        assert_eq!(hash_of_tag(&tag_of_hash(&hash)), Some(hash));
        for tag in [CacheTag::new("book", "00".repeat(32)), CacheTag::new(CACHED_KIND, "é".repeat(32))] {
            assert_eq!(hash_of_tag(&tag), None);
        }
    }

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

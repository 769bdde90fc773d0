use std::time::Duration;

use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};

use crate::{
    foreign_prefix::{ForeignPrefix, ImportedKey},
    key::{ApiKey, ApiKeyId, CreatedKey, NewKey},
    key_change::KeyChange,
    key_holder::Holder,
    revocation_reason::RevocationReason,
};

/// The longest that a secret stays good beside the one that took its place.
pub const MAX_OVERLAP: Duration = Duration::from_hours(30 * 24);

/// The API keys.
#[async_trait::async_trait]
pub trait ApiKeys: Send + Sync {
    /// Makes one: one row.
    ///
    /// # Errors
    /// `invalid_field` for an `expiresAt` that is not in the future, a `perMinuteLimit` of 0 and a
    /// spend limit of nothing; `too_many_api_keys` when the person, the organization or the
    /// deployment has [`crate::MAX_OF_HOLDER`] keys that were not revoked; `internal` when the holder
    /// can have no key on the account.
    async fn create(&self, tx: &mut Tx, new: NewKey) -> Result<CreatedKey>;

    /// The keys of a holder that were not revoked, newest first: all of them. The primary one of an
    /// organization is not among them.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn held_by(&self, reader: Reader<'_>, holder: Holder) -> Result<Vec<ApiKey>>;

    /// The key of this hash, also when it was revoked or has expired. By the hash that it had before
    /// it was rotated it ends when that does, if not sooner.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_hash(&self, reader: Reader<'_>, hash: &[u8; 32]) -> Result<Option<ApiKey>>;

    /// A key that was not revoked, whosever it is: the caller checks that.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn by_id(&self, reader: Reader<'_>, id: ApiKeyId) -> Result<Option<ApiKey>>;

    /// The same, which nobody else changes before the transaction ends: what is decided about it holds.
    ///
    /// # Errors
    /// When the database refuses.
    async fn lock(&self, tx: &mut Tx, id: ApiKeyId) -> Result<Option<ApiKey>>;

    /// Changes a key: one row, and caches are told. `None`, and no row, when it was revoked meanwhile.
    ///
    /// # Errors
    /// `invalid_field` as for [`Self::create`].
    async fn update(&self, tx: &mut Tx, key: &ApiKey, change: KeyChange) -> Result<Option<ApiKey>>;

    /// Gives a key another secret: one row, and caches are told. The secret before it is good for
    /// `overlap` longer, the one before that is refused at once. An imported key gets one of our own
    /// form. `None`, and no row, when it was revoked meanwhile, and for an organization's primary
    /// key, which is renewed instead ([`crate::OrganizationKeys::renew`]).
    ///
    /// # Errors
    /// `invalid_field` for `overlapSeconds` when it is longer than [`MAX_OVERLAP`].
    async fn rotate(&self, tx: &mut Tx, key: &ApiKey, overlap: Duration) -> Result<Option<CreatedKey>>;

    /// Ends a key for ever: one row, and caches are told. `false`, and no row, when it was ended
    /// before.
    ///
    /// # Errors
    /// When the database refuses.
    async fn revoke(&self, tx: &mut Tx, key: &ApiKey, reason: Option<RevocationReason>) -> Result<bool>;

    /// Ends every key of a holder, who is to have none any more, an organization's primary one
    /// included: so many rows, and caches are told.
    ///
    /// # Errors
    /// When the database refuses.
    async fn revoke_all(&self, tx: &mut Tx, holder: Holder, reason: &RevocationReason) -> Result<u64>;

    /// Notes when keys were used, and says how many rows changed: none for a use that is not
    /// later than the one that is known.
    ///
    /// # Errors
    /// When the database refuses.
    async fn used(&self, tx: &mut Tx, uses: &[(ApiKeyId, UnixTimestamp)]) -> Result<u64>;

    /// Takes keys over from another system, and texts that begin with `prefix` for keys from now on:
    /// so many rows, and caches are told of prefixes. A key whose hash is known already is left as it
    /// is and not counted, also when it was imported once and has another secret now. Holders have as
    /// many as they bring along.
    ///
    /// # Errors
    /// `invalid_field` for a `lastFour` that is longer; `internal` when a holder can have no key on
    /// an account.
    async fn import(&self, tx: &mut Tx, prefix: &ForeignPrefix, keys: Vec<ImportedKey>) -> Result<u64>;

    /// What imported keys begin with: all of them, in their order.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn foreign_prefixes(&self, reader: Reader<'_>) -> Result<Vec<ForeignPrefix>>;
}

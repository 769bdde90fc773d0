use bursar_kernel::{OrganizationId, Reader, Result, Secret, Tx, UserId};

use crate::key::ApiKey;

/// The key that an organization has from its beginning: the one key whose text can be shown again.
#[derive(Debug)]
pub struct OrganizationKey {
    /// The key.
    pub key: ApiKey,
    /// Its whole text.
    pub secret: Secret<String>,
}

/// The one `ak_` key of each organization. Its text is kept sealed, since the organization's page
/// shows it.
#[async_trait::async_trait]
pub trait OrganizationKeys: Send + Sync {
    /// The key of an organization; `None` when it has none that was not revoked.
    ///
    /// # Errors
    /// When the database cannot be read, or the sealed text does not open.
    async fn current(
        &self,
        reader: Reader<'_>,
        organization: OrganizationId,
    ) -> Result<Option<OrganizationKey>>;

    /// Gives an organization another key: one row, and the one that it had is revoked, of which
    /// caches are told. However many ask at once, one key is left.
    ///
    /// # Errors
    /// When the database refuses.
    async fn renew(
        &self,
        tx: &mut Tx,
        organization: OrganizationId,
        creator: UserId,
    ) -> Result<OrganizationKey>;
}

use std::sync::Arc;

use bursar_identity::PublicKey;
use bursar_kernel::Result;

use crate::core::Core;

/// The public keys that our access tokens are signed with, for services that verify them.
///
/// # Errors
/// When the database cannot be read.
pub async fn published_keys(core: &Core) -> Result<Arc<[PublicKey]>> {
    core.key_ring.published(core.db.reader()).await
}

use bursar_identity::SigningKeyId;
use bursar_kernel::Result;

use crate::{audited::Audited, core::Core, operation::Operation};

/// Signs access tokens with a new key from now on. Tokens under the old one stay good until they
/// end. It is for whoever runs the deployment; no API leads here.
///
/// # Errors
/// When the database refuses.
pub async fn rotate_signing_key(core: &Core) -> Result<SigningKeyId> {
    let mut tx = core.db.begin().await?;
    let key = core.signing_keys.rotate(&mut tx).await?;
    Audited::system()
        .write(&mut tx, Operation::RotateSigningKey, crate::audited::DEPLOYMENT, key.id(), None)
        .await?;
    tx.commit().await?;
    Ok(key.id())
}

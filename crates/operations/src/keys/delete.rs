use bursar_api_keys::ApiKeyId;
use bursar_identity::Actor;
use bursar_kernel::{DomainError, Result};

use crate::{audited::Audited, authorize::admit, core::Core, error, operation::Operation};

/// Ends a key: it is refused from the next request on.
///
/// # Errors
/// `api_key_not_found` for an unknown one, one of another person, and one that has been ended.
pub async fn delete_api_key(core: &Core, actor: &Actor, key: ApiKeyId) -> Result<()> {
    admit(actor, Operation::DeleteApiKey)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let not_found = || DomainError::from(&error::API_KEY_NOT_FOUND);
    let mut tx = core.db.begin().await?;
    let known = core.api_keys.by_id(tx.reader(), user, key).await?.ok_or_else(not_found)?;
    if !core.api_keys.revoke(&mut tx, user, key).await? {
        return Err(not_found());
    }
    Audited::by(actor).write(&mut tx, Operation::DeleteApiKey, known.account.id(), key, None).await?;
    tx.commit().await
}

use bursar_api_keys::ApiKey;
use bursar_identity::Actor;
use bursar_kernel::{DomainError, Result};

use crate::{authorize::admit, core::Core, error, operation::Operation};

/// The caller's own keys that have not been ended, newest first. A key sees only those of its own
/// account.
///
/// # Errors
/// `forbidden` for a key without the scope `read`.
pub async fn list_api_keys(core: &Core, actor: &Actor) -> Result<Vec<ApiKey>> {
    admit(actor, Operation::ListApiKeys)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut keys = core.api_keys.of_creator(core.db.reader(), user).await?;
    if !actor.is_person() {
        keys.retain(|key| key.account == actor.account);
    }
    Ok(keys)
}

use bursar_api_keys::{ApiKeyId, RevocationReason};
use bursar_identity::Actor;
use bursar_kernel::{DomainError, Result};
use serde_json::json;

use super::own::changeable;
use crate::{audited::Audited, authorize::admit, core::Core, error, operation::Operation};

/// Ends a key: it is refused from the next request on. A key may end itself, and no other.
///
/// # Errors
/// `api_key_not_found` for an unknown one, one that is another's, and one that has been ended;
/// `insufficient_permissions` for an organization's and a plain member; `primary_key` for the one
/// that is only ever replaced.
pub async fn delete_api_key(
    core: &Core,
    actor: &Actor,
    key: ApiKeyId,
    reason: Option<RevocationReason>,
) -> Result<()> {
    admit(actor, Operation::DeleteApiKey)?;
    let mut tx = core.db.begin().await?;
    let known = changeable(core, &mut tx, actor, key).await?;
    if known.is_primary && actor.is_person() {
        return Err(DomainError::from(&error::PRIMARY_KEY));
    }
    let after = json!({ "reason": reason.as_ref().map(RevocationReason::as_str) }).to_string();
    if !core.api_keys.revoke(&mut tx, &known, reason).await? {
        return Err(DomainError::from(&error::API_KEY_NOT_FOUND));
    }
    Audited::by(actor).write(&mut tx, Operation::DeleteApiKey, known.account.id(), key, Some(after)).await?;
    tx.commit().await
}

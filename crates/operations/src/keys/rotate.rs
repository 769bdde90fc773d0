use std::time::Duration;

use bursar_api_keys::{ApiKeyId, CreatedKey};
use bursar_identity::Actor;
use bursar_kernel::{DomainError, Result};
use serde_json::json;

use super::own::{changeable, covered};
use crate::{
    audited::Audited,
    authorize::{admit, recently_proved},
    core::Core,
    error,
    operation::Operation,
};

/// Gives a key another secret. The one before is good for `overlap` longer, so that a program can be
/// moved to the new one while it runs; with no overlap it is refused at once.
///
/// # Errors
/// `api_key_not_found`; `insufficient_permissions`; `recent_sign_in_required`; `scope_too_wide` for an
/// organization's key that may do more than the caller could give; `primary_key` for the
/// one that has an operation of its own; `invalid_field` for an overlap that is too long.
pub async fn rotate_api_key(
    core: &Core,
    actor: &Actor,
    id: ApiKeyId,
    overlap: Duration,
) -> Result<CreatedKey> {
    admit(actor, Operation::RotateApiKey)?;
    recently_proved(core, actor)?;
    let mut tx = core.db.begin().await?;
    let known = changeable(core, &mut tx, actor, id).await?;
    if known.is_primary {
        return Err(DomainError::from(&error::PRIMARY_KEY));
    }
    covered(core, &tx, actor, &known).await?;
    let rotated = core.api_keys.rotate(&mut tx, &known, overlap).await?;
    let rotated = rotated.ok_or_else(|| DomainError::from(&error::API_KEY_NOT_FOUND))?;
    let after = json!({ "overlapSeconds": overlap.as_secs() }).to_string();
    Audited::by(actor).write(&mut tx, Operation::RotateApiKey, known.account.id(), id, Some(after)).await?;
    tx.commit().await?;
    Ok(rotated)
}

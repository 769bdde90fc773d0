use bursar_api_keys::{
    ApiKey, ApiKeyId, KeyChange, KeyHolder, KeyName, Networks, Scope, SpendLimit, scopes_for,
};
use bursar_identity::Actor;
use bursar_kernel::{DomainError, Result, UnixTimestamp};

use super::{
    own::{changeable, covered},
    told::told,
};
use crate::{
    audited::Audited,
    authorize::{admit, recently_proved, standing},
    core::Core,
    error,
    operation::Operation,
};

/// What to change of a key; what is absent stays, and `Some(None)` takes a limit away.
#[derive(Clone, Debug, Default)]
#[expect(clippy::option_option, reason = "a limit is left, taken away or replaced")]
pub struct UpdateApiKey {
    /// How its owner knows it.
    pub name: Option<KeyName>,
    /// What it may do.
    pub scopes: Option<Vec<Scope>>,
    /// When it ends by itself.
    pub expires_at: Option<Option<UnixTimestamp>>,
    /// Whether it is switched on.
    pub enabled: Option<bool>,
    /// From where it may be used.
    pub networks: Option<Networks>,
    /// How often it may be used in a minute.
    pub per_minute: Option<Option<u32>>,
    /// What it may spend.
    pub spend_limit: Option<Option<SpendLimit>>,
}

/// Changes a key. What makes it narrower is done at once; what makes it wider asks for a recent
/// sign-in, as making it did.
///
/// # Errors
/// `api_key_not_found`; `insufficient_permissions`; `scope_too_wide` for a scope that the caller could
/// not use itself; `recent_sign_in_required`; `invalid_field`.
pub async fn update_api_key(
    core: &Core,
    actor: &Actor,
    id: ApiKeyId,
    command: UpdateApiKey,
) -> Result<ApiKey> {
    admit(actor, Operation::UpdateApiKey)?;
    let mut tx = core.db.begin().await?;
    let before = changeable(core, &mut tx, actor, id).await?;
    let scopes = match &command.scopes {
        None => None,
        Some(scopes) => Some(allowed(core, &tx, actor, &before, scopes).await?),
    };
    let change = KeyChange {
        name: command.name,
        scopes,
        expires_at: command.expires_at,
        enabled: command.enabled,
        networks: command.networks,
        per_minute: command.per_minute,
        spend_limit: command.spend_limit,
    };
    if change.widens(&before) {
        recently_proved(core, actor)?;
        if change.scopes.is_none() {
            covered(core, &tx, actor, &before).await?;
        }
    }
    let updated = core.api_keys.update(&mut tx, &before, change).await?;
    let updated = updated.ok_or_else(|| DomainError::from(&error::API_KEY_NOT_FOUND))?;
    Audited::by(actor)
        .before(&told(&before))
        .write(
            &mut tx,
            Operation::UpdateApiKey,
            updated.account.id(),
            updated.id,
            Some(told(&updated).to_string()),
        )
        .await?;
    tx.commit().await?;
    Ok(updated)
}

/// Scopes that whoever changes the key may give: a key is never wider than who made it so.
async fn allowed(
    core: &Core,
    tx: &bursar_kernel::Tx,
    actor: &Actor,
    key: &ApiKey,
    scopes: &[Scope],
) -> Result<bursar_api_keys::ScopeSet> {
    let forbidden = || DomainError::from(&error::FORBIDDEN);
    let user = match key.holder {
        KeyHolder::Person(user) => user,
        _ => actor.user().ok_or_else(forbidden)?,
    };
    let standing = standing(core, tx.reader(), key.account, user).await?.ok_or_else(forbidden)?;
    scopes_for(standing, Some(scopes))
}

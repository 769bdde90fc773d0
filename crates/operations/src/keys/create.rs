use bursar_api_keys::{CreatedKey, KeyName, NewKey, Scope, scopes_for};
use bursar_identity::Actor;
use bursar_kernel::{DomainError, Result, UnixTimestamp};

use crate::{
    audited::Audited,
    authorize::{admit, recently_proved, standing},
    core::Core,
    error,
    operation::Operation,
};

/// A key to be.
pub struct CreateApiKey {
    /// How its owner will know it.
    pub name: KeyName,
    /// When it ends by itself.
    pub expires_at: Option<UnixTimestamp>,
    /// What it may do; what keys of its creator may do by default when it does not say.
    pub scopes: Option<Vec<Scope>>,
}

/// Makes a key that acts as the caller on the account that is active now. Its secret is in the
/// answer and nowhere else.
///
/// # Errors
/// `scope_too_wide` for a scope that the caller could not use itself; `forbidden` for anyone but a
/// person; `recent_sign_in_required`.
pub async fn create_api_key(core: &Core, actor: &Actor, command: CreateApiKey) -> Result<CreatedKey> {
    admit(actor, Operation::CreateApiKey)?;
    recently_proved(core, actor)?;
    let forbidden = || DomainError::from(&error::FORBIDDEN);
    let creator = actor.user().ok_or_else(forbidden)?;
    let mut tx = core.db.begin().await?;
    let standing = standing(core, tx.reader(), actor.account, creator).await?.ok_or_else(forbidden)?;
    let scopes = scopes_for(standing, command.scopes.as_deref())?;
    let new = NewKey {
        account: actor.account,
        creator,
        name: command.name,
        scopes,
        expires_at: command.expires_at,
    };
    let created = core.api_keys.create(&mut tx, new).await?;
    let after = serde_json::json!({
        "scopes": created.key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
        "expiresAt": created.key.expires_at.map(UnixTimestamp::rfc3339),
    });
    Audited::by(actor)
        .write(&mut tx, Operation::CreateApiKey, actor.account.id(), created.key.id, Some(after.to_string()))
        .await?;
    tx.commit().await?;
    Ok(created)
}

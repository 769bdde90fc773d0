use bursar_api_keys::{
    ApiKey, ApiKeyId, CreatedKey, Holder, KeyHolder, KeyName, Networks, NewKey, Scope, ScopeSet,
};
use bursar_kernel::{Account, DomainError, Result};

use super::told::told;
use crate::{
    audited::{Audited, DEPLOYMENT},
    core::Core,
    error,
    operation::Operation,
};

/// What a service may do when nothing else was said.
const DEFAULT_SCOPES: ScopeSet = ScopeSet::of(&[Scope::Read, Scope::UsageWrite, Scope::KeysVerify]);

/// Makes a key for the product that runs beside this deployment, from its command line: it reports
/// usage of every account and verifies the keys of all.
///
/// # Errors
/// `too_many_api_keys`.
pub async fn create_service_key(core: &Core, name: KeyName, scopes: &[Scope]) -> Result<CreatedKey> {
    let mut tx = core.db.begin().await?;
    let new = NewKey {
        account: Account::DEPLOYMENT,
        holder: KeyHolder::Deployment,
        name,
        scopes: if scopes.is_empty() { DEFAULT_SCOPES } else { ScopeSet::of(scopes) },
        expires_at: None,
        networks: Networks::default(),
        per_minute: None,
        spend_limit: None,
    };
    let created = core.api_keys.create(&mut tx, new).await?;
    let after = told(&created.key).to_string();
    Audited::system()
        .write(&mut tx, Operation::CreateServiceKey, DEPLOYMENT, created.key.id, Some(after))
        .await?;
    tx.commit().await?;
    Ok(created)
}

/// The keys of services that have not been ended, newest first, for the command line.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_service_keys(core: &Core) -> Result<Vec<ApiKey>> {
    core.api_keys.held_by(core.db.reader(), Holder::Deployment).await
}

/// Ends a service's key, from the command line of the deployment.
///
/// # Errors
/// `api_key_not_found`.
pub async fn revoke_service_key(core: &Core, id: ApiKeyId) -> Result<()> {
    let not_found = || DomainError::from(&error::API_KEY_NOT_FOUND);
    let mut tx = core.db.begin().await?;
    let known = core.api_keys.by_id(tx.reader(), id).await?;
    let known = known.filter(|key| key.holder == KeyHolder::Deployment).ok_or_else(not_found)?;
    if !core.api_keys.revoke(&mut tx, &known, None).await? {
        return Err(not_found());
    }
    Audited::system().write(&mut tx, Operation::RevokeServiceKey, DEPLOYMENT, id, None).await?;
    tx.commit().await
}

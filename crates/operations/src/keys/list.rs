use bursar_api_keys::{ApiKey, Holder, ScopeSet, Standing};
use bursar_identity::Actor;
use bursar_kernel::{Account, DomainError, OrganizationId, Result};

use crate::{
    authorize::{admit, on_organization, standing},
    core::Core,
    error,
    operation::Operation,
};

/// The caller's own keys that have not been ended, newest first. A key sees only those of its own
/// account.
///
/// # Errors
/// `forbidden` for a key without the scope `read`, and for one that is no person's.
pub async fn list_api_keys(core: &Core, actor: &Actor) -> Result<Vec<ApiKey>> {
    admit(actor, Operation::ListApiKeys)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut keys = core.api_keys.held_by(core.db.reader(), Holder::Person(user)).await?;
    if !actor.is_person() {
        keys.retain(|key| key.account == actor.account);
    }
    Ok(keys)
}

/// The organization's own keys that have not been ended, newest first, without the one that is shown
/// with the organization.
///
/// # Errors
/// `organization_not_found`.
pub async fn list_organization_api_keys(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<Vec<ApiKey>> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ReadProviderKeys, organization).await?;
    core.api_keys.held_by(reader, Holder::Organization(organization)).await
}

/// The scopes that the caller may give to a key on the account: none on an account that is not theirs.
///
/// # Errors
/// `forbidden` for anyone but a person.
pub async fn grantable_scopes(core: &Core, actor: &Actor, account: Account) -> Result<ScopeSet> {
    admit(actor, Operation::CreateApiKey)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let standing = standing(core, core.db.reader(), account, user).await?;
    Ok(standing.map(Standing::grantable).unwrap_or_default())
}

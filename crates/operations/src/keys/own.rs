use bursar_api_keys::{ApiKey, ApiKeyId, KeyHolder, error::SCOPE_TOO_WIDE};
use bursar_identity::{Actor, Principal};
use bursar_kernel::{Account, DomainError, OrganizationId, Result, Tx, UserId};
use bursar_orgs_and_membership::{Permission, allows};

use crate::{authorize::standing, core::Core, error};

/// The key that the caller may change: its own, and an organization's own where the caller runs the
/// organization; locked, so that what is decided about it holds. Any other is answered like one that
/// does not exist.
///
/// # Errors
/// `api_key_not_found`; `insufficient_permissions` for an organization's key and a plain member.
pub(super) async fn changeable(core: &Core, tx: &mut Tx, actor: &Actor, id: ApiKeyId) -> Result<ApiKey> {
    let not_found = || DomainError::from(&error::API_KEY_NOT_FOUND);
    let key = core.api_keys.by_id(tx.reader(), id).await?.ok_or_else(not_found)?;
    match (&actor.principal, key.holder, key.account) {
        // A key knows itself.
        (Principal::Key { key: own, .. } | Principal::OrganizationKey { key: own, .. }, ..)
            if *own == id.uuid() => {}
        (Principal::Person { user, .. }, KeyHolder::Person(holder), _) if holder == *user => {}
        (
            Principal::Person { user, .. },
            KeyHolder::Organization { .. },
            Account::Organization(organization),
        ) => runs(core, tx, organization, *user).await?,
        _ => return Err(not_found()),
    }
    core.api_keys.lock(tx, id).await?.ok_or_else(not_found)
}

/// Asked under the organization's lock: the person may be removed at this moment.
async fn runs(core: &Core, tx: &mut Tx, organization: OrganizationId, user: UserId) -> Result<()> {
    let not_found = || DomainError::from(&error::API_KEY_NOT_FOUND);
    match core.organizations.lock(tx, organization).await {
        Err(error) if error.is(&error::ORGANIZATION_NOT_FOUND) => return Err(not_found()),
        locked => drop(locked?),
    }
    match core.members.of(tx.reader(), organization, user).await? {
        Some(membership) if allows(membership.role, Permission::ManageKeys) => Ok(()),
        Some(_) => Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS)),
        None => Err(not_found()),
    }
}

/// Whether the person could have made an organization's key with these scopes: who gives it a new
/// secret, or makes it wider, is given what it may do. A person's key shrinks with its person by itself.
///
/// # Errors
/// `scope_too_wide`.
pub(super) async fn covered(core: &Core, tx: &Tx, actor: &Actor, key: &ApiKey) -> Result<()> {
    let (KeyHolder::Organization { .. }, Some(user)) = (key.holder, actor.user()) else { return Ok(()) };
    let own = standing(core, tx.reader(), key.account, user).await?;
    let beyond = |scopes: &bursar_api_keys::ScopeSet| key.scopes.iter().find(|scope| !scopes.holds(*scope));
    match own.map(|own| beyond(&own.grantable())) {
        Some(None) => Ok(()),
        Some(Some(scope)) => Err(DomainError::from(&SCOPE_TOO_WIDE).param("scope", scope)),
        None => Err(DomainError::from(&error::FORBIDDEN)),
    }
}

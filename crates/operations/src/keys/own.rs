use bursar_api_keys::{ApiKey, ApiKeyId, KeyHolder};
use bursar_identity::{Actor, Principal};
use bursar_kernel::{Account, DomainError, Result, Tx};
use bursar_orgs_and_membership::{Permission, allows};

use crate::{core::Core, error};

/// The key that the caller may change: its own, and an organization's own where the caller runs the
/// organization; locked, so that what is decided about it holds. Any other is answered like one that
/// does not exist.
///
/// # Errors
/// `api_key_not_found`; `insufficient_permissions` for an organization's key and a plain member.
pub(super) async fn changeable(core: &Core, tx: &mut Tx, actor: &Actor, id: ApiKeyId) -> Result<ApiKey> {
    let not_found = || DomainError::from(&error::API_KEY_NOT_FOUND);
    let key = core.api_keys.lock(tx, id).await?.ok_or_else(not_found)?;
    match (&actor.principal, key.holder, key.account) {
        // A key knows itself.
        (Principal::Key { key: own, .. } | Principal::OrganizationKey { key: own, .. }, ..) => {
            if *own == id.uuid() { Ok(key) } else { Err(not_found()) }
        }
        (Principal::Person { user, .. }, KeyHolder::Person(holder), _) if holder == *user => Ok(key),
        (
            Principal::Person { user, .. },
            KeyHolder::Organization { .. },
            Account::Organization(organization),
        ) => match core.members.of(tx.reader(), organization, *user).await?.map(|member| member.role) {
            Some(role) if allows(role, Permission::ManageKeys) => Ok(key),
            Some(_) => Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS)),
            None => Err(not_found()),
        },
        _ => Err(not_found()),
    }
}

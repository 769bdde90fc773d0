use bursar_api_keys::masked;
use bursar_identity::Actor;
use bursar_kernel::{DomainError, OrganizationId, Result, Secret, UnixTimestamp};
use bursar_orgs_and_membership::{Organization, Permission, allows};
use serde_json::json;

use crate::{
    audited::Audited,
    authorize::{admit, on_organization},
    core::Core,
    error,
    operation::Operation,
};

/// An organization as its host product knows it.
pub struct OrganizationWithKey {
    /// The organization.
    pub organization: Organization,
    /// The key of its plan.
    pub plan: String,
    /// Its own key: whole for somebody who runs it and signed in, masked (`ak_1234…cdef`) for
    /// everybody else; absent where it was made before organizations had one.
    pub api_key: Option<Secret<String>>,
}

/// A key that took the place of the one before.
pub struct RegeneratedKey {
    /// Whose.
    pub organization: Organization,
    /// The key.
    pub api_key: Secret<String>,
    /// Since when.
    pub created_at: UnixTimestamp,
}

/// The organization that the caller acts on, with its own key.
///
/// # Errors
/// `organization_not_found` where the caller acts on a personal account.
pub async fn read_organization_with_key(core: &Core, actor: &Actor) -> Result<OrganizationWithKey> {
    admit(actor, Operation::ReadOrganizationKey)?;
    let id = acted_on(actor)?;
    let reader = core.db.reader();
    let (account, membership) =
        on_organization(core, reader, actor, Operation::ReadOrganizationKey, id).await?;
    let organization = core.organizations.by_id(reader, id).await?.ok_or_else(not_found)?;
    let plan = core.account_plans.of(reader, account.id()).await?.plan.key;
    let sees_whole = actor.is_person()
        && membership.is_some_and(|membership| allows(membership.role, Permission::ManageKeys));
    let api_key = core
        .organization_keys
        .current(reader, id)
        .await?
        .map(|key| if sees_whole { key.secret } else { Secret::new(masked(key.secret.expose())) });
    Ok(OrganizationWithKey { organization, plan, api_key })
}

/// Gives the organization that the caller acts on another key; the one before is refused from now on.
///
/// # Errors
/// `organization_not_found` where the caller acts on a personal account;
/// `insufficient_permissions`; `forbidden` for anyone but a person.
pub async fn regenerate_organization_key(core: &Core, actor: &Actor) -> Result<RegeneratedKey> {
    admit(actor, Operation::RegenerateOrganizationKey)?;
    let id = acted_on(actor)?;
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::RegenerateOrganizationKey, id).await?;
    let organization = core.organizations.lock(&mut tx, id).await?;
    // Asked again under the lock: the caller may be removed at this moment.
    let (account, _) =
        on_organization(core, tx.reader(), actor, Operation::RegenerateOrganizationKey, id).await?;
    let creator = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let renewed = core.organization_keys.renew(&mut tx, id, creator).await?;
    let after = json!({ "key": renewed.key.id.to_string() }).to_string();
    Audited::by(actor)
        .write(&mut tx, Operation::RegenerateOrganizationKey, account.id(), id, Some(after))
        .await?;
    tx.commit().await?;
    Ok(RegeneratedKey { organization, api_key: renewed.secret, created_at: renewed.key.created_at })
}

fn acted_on(actor: &Actor) -> Result<OrganizationId> {
    actor.account.organization().ok_or_else(not_found)
}

fn not_found() -> DomainError {
    DomainError::from(&error::ORGANIZATION_NOT_FOUND)
}

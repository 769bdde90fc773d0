use std::collections::BTreeMap;

use bursar_identity::Actor;
use bursar_kernel::{OrganizationId, Result, Secret};
use bursar_orgs_and_membership::ProviderName;
use serde_json::json;

use crate::{audited::Audited, authorize::on_organization, core::Core, operation::Operation};

/// The keys of model providers that an organization hands to its members, by provider.
///
/// # Errors
/// `organization_not_found`.
pub async fn read_provider_keys(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<BTreeMap<String, Secret<String>>> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ReadProviderKeys, organization).await?;
    core.provider_keys.of(reader, organization).await
}

/// Sets some of them, and takes those away that are given as nothing; the others stay.
///
/// # Errors
/// `organization_not_found`, `insufficient_permissions`; `invalid_field` for a key that is none.
pub async fn set_provider_keys(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    keys: BTreeMap<ProviderName, Option<Secret<String>>>,
) -> Result<BTreeMap<String, Secret<String>>> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::SetProviderKeys, organization).await?;
    core.organizations.lock(&mut tx, organization).await?;
    // Asked again under the lock: the caller may be removed at this moment.
    let (account, _) =
        on_organization(core, tx.reader(), actor, Operation::SetProviderKeys, organization).await?;
    let named = |is_set: bool| {
        let chosen = keys.iter().filter(move |(_, key)| key.is_some() == is_set);
        chosen.map(|(name, _)| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    let after = json!({ "set": named(true), "removed": named(false) }).to_string();
    core.provider_keys.replace(&mut tx, organization, keys).await?;
    let all = core.provider_keys.of(tx.reader(), organization).await?;
    Audited::by(actor)
        .write(&mut tx, Operation::SetProviderKeys, account.id(), organization, Some(after))
        .await?;
    tx.commit().await?;
    Ok(all)
}

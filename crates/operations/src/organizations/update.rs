use bursar_identity::Actor;
use bursar_kernel::{DomainError, OrganizationId, Result};
use bursar_orgs_and_membership::{Organization, OrganizationChange, Permission, allows};
use serde_json::json;

use crate::{audited::Audited, authorize::on_organization, core::Core, error, operation::Operation};

/// What is to change of an organization; what is absent stays.
pub type UpdateOrganization = OrganizationChange;

/// Changes an organization's settings. What members' clients are told is an admin's to say, the
/// rest its owners'.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` when one of the changes is not the caller's
/// to make: then none is made.
pub async fn update_organization(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    change: UpdateOrganization,
) -> Result<Organization> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::UpdateOrganization, organization).await?;
    let before = core.organizations.lock(&mut tx, organization).await?;
    // Asked again under the lock: the caller may be removed at this moment.
    let (account, membership) =
        on_organization(core, tx.reader(), actor, Operation::UpdateOrganization, organization).await?;
    let may_rename =
        membership.is_some_and(|membership| allows(membership.role, Permission::ConfigureOrganization));
    if change.name.is_some() && !may_rename {
        return Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS));
    }
    // The document itself may hold secrets: the trail says that it changed.
    let config_changed = change.default_remote_config.is_some();
    let after = core.organizations.update(&mut tx, organization, change).await?;
    let told = |organization: &Organization| {
        json!({
            "name": organization.name,
            "remoteConfigEnabled": organization.remote_config_enabled,
            "hasRemoteConfig": organization.default_remote_config.is_some(),
        })
    };
    let mut now = told(&after);
    if config_changed {
        now["remoteConfigReplaced"] = json!(true);
    }
    Audited::by(actor)
        .before(&told(&before))
        .write(&mut tx, Operation::UpdateOrganization, account.id(), organization, Some(now.to_string()))
        .await?;
    tx.commit().await?;
    Ok(after)
}

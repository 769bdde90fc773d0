use bursar_api_keys::{Holder, RevocationReason};
use bursar_identity::Actor;
use bursar_kernel::{OrganizationId, Result};
use serde_json::json;

use crate::{
    audited::Audited,
    authorize::{on_organization, recently_proved},
    core::Core,
    operation::Operation,
};

/// Deletes an organization: it is gone for everybody at once, with its keys, invites and stored
/// secrets. Its ledger and its audit trail stay.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` for anyone but an owner;
/// `recent_sign_in_required`.
pub async fn delete_organization(core: &Core, actor: &Actor, organization: OrganizationId) -> Result<()> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::DeleteOrganization, organization).await?;
    recently_proved(core, actor)?;
    let known = core.organizations.lock(&mut tx, organization).await?;
    // Asked again under the lock: the caller may be no owner any more.
    let (account, _) =
        on_organization(core, tx.reader(), actor, Operation::DeleteOrganization, organization).await?;
    core.organizations.delete(&mut tx, organization).await?;
    let reason = RevocationReason::new("its organization was deleted")?;
    core.api_keys.revoke_all(&mut tx, Holder::Organization(organization), &reason).await?;
    Audited::by(actor)
        .before(&json!({ "name": known.name, "memberCount": known.member_count }))
        .write(&mut tx, Operation::DeleteOrganization, account.id(), organization, None)
        .await?;
    tx.commit().await
}

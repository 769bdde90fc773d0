use bursar_identity::Actor;
use bursar_kernel::{Account, DomainError, OrganizationId, Result};

use crate::{
    audited::Audited,
    authorize::{admit, on_organization},
    core::Core,
    error,
    operation::Operation,
};

/// Chooses the active account: an organization of the person's, or with `None` its own.
///
/// # Errors
/// `organization_not_found` for one that it is no member of.
pub async fn switch_account(core: &Core, actor: &Actor, to: Option<OrganizationId>) -> Result<()> {
    admit(actor, Operation::SwitchAccount)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut tx = core.db.begin().await?;
    if let Some(organization) = to {
        on_organization(core, tx.reader(), actor, Operation::SwitchAccount, organization).await?;
    }
    core.active_accounts.set(&mut tx, user, to).await?;
    let account = to.map_or(Account::Personal(user), Account::Organization);
    Audited::by(actor)
        .write(&mut tx, Operation::SwitchAccount, Account::Personal(user).id(), account, None)
        .await?;
    tx.commit().await
}

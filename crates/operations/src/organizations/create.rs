use bursar_identity::{Actor, PersonLock};
use bursar_kernel::{Account, DomainError, Result};
use bursar_orgs_and_membership::{NewOrganization, Organization, OrganizationName};

use crate::{
    audited::Audited,
    authorize::{admit, lock_person},
    core::Core,
    error,
    operation::Operation,
};

/// Makes an organization that the caller owns, with a key of its own. The active account stays what it is.
///
/// # Errors
/// `forbidden` for anyone but a person.
pub async fn create_organization(core: &Core, actor: &Actor, name: OrganizationName) -> Result<Organization> {
    admit(actor, Operation::CreateOrganization)?;
    let creator = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut tx = core.db.begin().await?;
    lock_person(core, &mut tx, creator, PersonLock::Stays, &error::NOT_AUTHENTICATED).await?;
    let (organization, _) = core.organizations.create(&mut tx, NewOrganization { name, creator }).await?;
    core.organization_keys.renew(&mut tx, organization.id, creator).await?;
    let after = serde_json::json!({ "name": organization.name }).to_string();
    Audited::by(actor)
        .write(
            &mut tx,
            Operation::CreateOrganization,
            Account::Organization(organization.id).id(),
            organization.id,
            Some(after),
        )
        .await?;
    tx.commit().await?;
    Ok(organization)
}

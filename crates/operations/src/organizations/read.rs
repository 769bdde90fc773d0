use bursar_identity::Actor;
use bursar_kernel::{DomainError, OrganizationId, Result};
use bursar_orgs_and_membership::Organization;

use crate::{authorize::on_organization, core::Core, error, operation::Operation};

/// An organization, for its members.
///
/// # Errors
/// `organization_not_found` for an unknown one and for one of which the caller is no member.
pub async fn read_organization(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<Organization> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ReadOrganization, organization).await?;
    core.organizations
        .by_id(reader, organization)
        .await?
        .ok_or_else(|| DomainError::from(&error::ORGANIZATION_NOT_FOUND))
}

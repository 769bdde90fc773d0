//! Organizations.

use axum::extract::State;
use bursar_kernel::{OrganizationId, UnixTimestamp};
use bursar_operations::{create_organization, read_organization};
use bursar_orgs_and_membership::OrganizationName;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Created, Data},
    error::ErrorEnvelope,
};
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure, ids::Ids},
    state::AppState,
};

/// An organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Organization {
    /// `org_…`
    id: String,
    name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    remote_config_enabled: bool,
    /// A JSON document as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_remote_config: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_organization_id: Option<String>,
    member_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    deleted_at: Option<String>,
}

impl From<bursar_orgs_and_membership::Organization> for Organization {
    fn from(organization: bursar_orgs_and_membership::Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name,
            created_at: organization.created_at.rfc3339(),
            updated_at: organization.updated_at.rfc3339(),
            remote_config_enabled: organization.remote_config_enabled,
            default_remote_config: organization.default_remote_config,
            external_organization_id: organization.external_organization_id,
            member_count: organization.member_count,
            deleted_at: organization.deleted_at.map(UnixTimestamp::rfc3339),
        }
    }
}

/// An organization to make.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewOrganization {
    /// 1 to 100 characters.
    name: String,
}

/// Create an organization
///
/// The caller becomes its owner; the active account stays what it is.
#[utoipa::path(post, path = "/api/v1/organizations", tag = "organizations", operation_id = "createOrganization",
    request_body = NewOrganization,
    responses((status = 201, body = Data<Organization>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_organization(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<NewOrganization>,
) -> Result<Created<Organization>, Failure> {
    let name = OrganizationName::new(&body.name)?;
    Ok(Created(create_organization(&state.core, &actor, name).await?.into()))
}

/// Get an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}", tag = "organizations", operation_id = "getOrganization",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<Organization>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<Organization>, Failure> {
    Ok(Data::new(read_organization(&state.core, &actor, organization).await?.into()))
}

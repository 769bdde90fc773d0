//! Organizations.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use bursar_kernel::{DomainError, OrganizationId, UnixTimestamp};
use bursar_operations::{
    UpdateOrganization, create_organization, delete_organization, read_organization, update_organization,
};
use bursar_orgs_and_membership::{OrganizationName, RemoteConfig};
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

/// What to change; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationChanges {
    /// 1 to 100 characters; for owners.
    name: Option<String>,
    /// Whether members' clients follow the document.
    remote_config_enabled: Option<bool>,
    /// The document for members' clients: JSON as text, at most 256 KiB.
    default_remote_config: Option<String>,
}

/// Where clients are told of keys that no client of today knows.
const UNKNOWN_KEYS: HeaderName = HeaderName::from_static("x-remote-config-unknown-keys");

/// Change an organization
///
/// A document for clients is checked whole. Keys that are not known are kept, and named in the
/// header `X-Remote-Config-Unknown-Keys`.
#[utoipa::path(put, path = "/api/v1/organizations/{orgId}", tag = "organizations", operation_id = "updateOrganization",
    params(("orgId" = String, Path, description = "`org_…`")), request_body = OrganizationChanges,
    responses((status = 200, body = Data<Organization>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn put_organization(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Body(body): Body<OrganizationChanges>,
) -> Result<(HeaderMap, Data<Organization>), Failure> {
    let checked = body.default_remote_config.map(RemoteConfig::check).transpose()?;
    let (config, unknown_keys) = checked.map(|it| (it.config, it.unknown_keys)).unzip();
    let change = UpdateOrganization {
        name: body.name.as_deref().map(OrganizationName::new).transpose()?,
        remote_config_enabled: body.remote_config_enabled,
        default_remote_config: config,
    };
    let changed = update_organization(&state.core, &actor, organization, change).await?;
    let headers = unknown_keys.filter(|keys| !keys.is_empty()).map(|keys| keys.join(", "));
    let headers = headers.as_deref().map(header_text).transpose()?;
    let headers = headers.map(|value| (UNKNOWN_KEYS, value)).into_iter().collect();
    Ok((headers, Data::new(changed.into())))
}

/// A header holds visible ASCII only; a key may be anything.
fn header_text(text: &str) -> Result<HeaderValue, DomainError> {
    let ascii: String =
        text.chars().map(|letter| if matches!(letter, ' '..='~') { letter } else { '?' }).collect();
    HeaderValue::try_from(ascii).map_err(DomainError::internal)
}

/// Delete an organization
///
/// It is gone for all of its members at once; their active account falls back to their own.
#[utoipa::path(delete, path = "/api/v1/organizations/{orgId}", tag = "organizations", operation_id = "deleteOrganization",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn delete_organization_by_id(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<StatusCode, Failure> {
    delete_organization(&state.core, &actor, organization).await?;
    Ok(StatusCode::NO_CONTENT)
}

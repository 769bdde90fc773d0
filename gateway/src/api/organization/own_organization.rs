//! The organization that the caller acts on, and its key.

use axum::extract::State;
use bursar_operations::{read_organization_with_key, regenerate_organization_key};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Caller, body::Json, error::Detail};
use crate::{http::failure::Failure, state::AppState};

/// An organization with its key.
#[derive(Serialize, ToSchema)]
pub(super) struct OwnOrganization {
    /// `org_…`
    id: String,
    name: String,
    /// The name in the form of addresses.
    slug: String,
    /// The key of its plan, such as `pro`.
    plan: String,
    /// `ak_…`, whole for an owner or admin who signed in; masked (`ak_1234…cdef`) for everybody else.
    /// Null for an organization of before there were such keys: regenerating makes one.
    api_key: Option<String>,
    is_active: bool,
    #[schema(format = DateTime)]
    created_at: String,
}

/// A key that took the place of the one before.
#[derive(Serialize, ToSchema)]
pub(super) struct Regenerated {
    /// `org_…`
    id: String,
    name: String,
    /// `ak_…`
    api_key: String,
    /// When the key was made.
    #[schema(format = DateTime)]
    created_at: String,
}

/// Get the organization
///
/// The one that the caller acts on.
#[utoipa::path(get, path = "/api/organization", tag = "organization", operation_id = "getOwnOrganization",
    responses((status = 200, body = OwnOrganization), (status = "4XX", body = Detail)))]
pub(super) async fn get_own_organization(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<OwnOrganization>, Failure> {
    let read = read_organization_with_key(&state.core, &actor).await?;
    Ok(Json(OwnOrganization {
        id: read.organization.id.to_string(),
        name: read.organization.name,
        slug: read.organization.slug,
        plan: read.plan,
        api_key: read.api_key.map(|key| key.expose().clone()),
        is_active: read.organization.deleted_at.is_none(),
        created_at: read.organization.created_at.rfc3339(),
    }))
}

/// Regenerate the organization's key
///
/// The old one is refused from that moment on. For owners and admins who signed in.
#[utoipa::path(post, path = "/api/organization/regenerate-key", tag = "organization",
    operation_id = "regenerateOrganizationKey",
    responses((status = 200, body = Regenerated), (status = "4XX", body = Detail)))]
pub(super) async fn post_regenerate_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Regenerated>, Failure> {
    let renewed = regenerate_organization_key(&state.core, &actor).await?;
    Ok(Json(Regenerated {
        id: renewed.organization.id.to_string(),
        name: renewed.organization.name,
        api_key: renewed.api_key.expose().clone(),
        created_at: renewed.created_at.rfc3339(),
    }))
}

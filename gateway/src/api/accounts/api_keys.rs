//! The caller's API keys.

use axum::{extract::State, http::StatusCode};
use bursar_api_keys::{ApiKeyId, RevocationReason};
use bursar_kernel::OrganizationId;
use bursar_operations::{create_api_key, create_organization_api_key, delete_api_key, list_api_keys};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    body::{Created, Data},
    error::ErrorEnvelope,
    page::Items,
};
use crate::{
    api::{
        caller::Caller,
        key_shape::{CreateKey, Key, KeyWithSecret},
    },
    http::{body::Body, failure::Failure, ids::Ids, query::Query},
    state::AppState,
};

/// List the caller's API keys
#[utoipa::path(get, path = "/api/v1/api-keys", tag = "api-keys", operation_id = "listApiKeys",
    responses((status = 200, body = Data<Items<Key>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_keys(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Data<Items<Key>>, Failure> {
    let keys = list_api_keys(&state.core, &actor).await?;
    Ok(Data::new(Items::whole(keys.into_iter().map(Key::from).collect())))
}

/// Create an API key
///
/// It acts as the caller on the account that is active now.
#[utoipa::path(post, path = "/api/v1/api-keys", tag = "api-keys", operation_id = "createApiKey",
    request_body = CreateKey,
    responses((status = 201, body = Data<KeyWithSecret>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<CreateKey>,
) -> Result<Created<KeyWithSecret>, Failure> {
    let created = create_api_key(&state.core, &actor, body.try_into()?).await?;
    Ok(Created(created.into()))
}

/// Create a key that is the organization's own
///
/// It has scopes and no role, and stays when its creator leaves. For owners and admins.
#[utoipa::path(post, path = "/api/v1/organizations/{orgId}/api-keys", tag = "organizations",
    operation_id = "createOrganizationApiKey", request_body = CreateKey,
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 201, body = Data<KeyWithSecret>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_organization_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Body(body): Body<CreateKey>,
) -> Result<Created<KeyWithSecret>, Failure> {
    let created = create_organization_api_key(&state.core, &actor, organization, body.try_into()?).await?;
    Ok(Created(created.into()))
}

/// Why a key is ended.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Ending {
    /// For the audit log, at most 200 characters.
    reason: Option<String>,
}

/// Delete an API key
///
/// It is refused from the next request on. A key may end itself. An organization's own is ended by its
/// owners and admins.
#[utoipa::path(delete, path = "/api/v1/api-keys/{key_id}", tag = "api-keys", operation_id = "deleteApiKey",
    params(("key_id" = String, Path, description = "`key_…`"), Ending),
    responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn delete_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((key,)): Ids<(ApiKeyId,)>,
    Query(query): Query<Ending>,
) -> Result<StatusCode, Failure> {
    let reason = query.reason.as_deref().map(RevocationReason::new).transpose()?;
    delete_api_key(&state.core, &actor, key, reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

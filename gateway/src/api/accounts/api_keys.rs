//! The caller's API keys.

use axum::{extract::State, http::StatusCode};
use bursar_api_keys::{ApiKey, ApiKeyId, KeyName, Scope};
use bursar_kernel::{DomainError, UnixTimestamp};
use bursar_operations::{CreateApiKey, create_api_key, delete_api_key, list_api_keys};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Created, Data},
    error::ErrorEnvelope,
    page::Items,
};
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure, ids::Ids},
    state::AppState,
};

/// An API key without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Key {
    /// `key_…`
    id: String,
    name: String,
    /// What its text begins with.
    prefix: String,
    last_four: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    last_used_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

impl From<ApiKey> for Key {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name,
            prefix: key.prefix,
            last_four: key.last_four,
            created_at: key.created_at.rfc3339(),
            last_used_at: key.last_used_at.map(UnixTimestamp::rfc3339),
            expires_at: key.expires_at.map(UnixTimestamp::rfc3339),
        }
    }
}

/// A new key, with its secret: this is the only time that it is shown.
#[derive(Serialize, ToSchema)]
pub(super) struct NewKey {
    #[serde(flatten)]
    key_without_secret: Key,
    /// `sk_…`
    key: String,
}

/// A key to make.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateKey {
    /// 1 to 100 characters.
    name: String,
    /// RFC 3339; in the future.
    expires_at: Option<String>,
    /// Some of `read`, `usage:write`, `keys:verify`, `billing:write`, no more than the caller has.
    scopes: Option<Vec<String>>,
}

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
    responses((status = 201, body = Data<NewKey>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<CreateKey>,
) -> Result<Created<NewKey>, Failure> {
    let created = create_api_key(&state.core, &actor, body.try_into()?).await?;
    Ok(Created(NewKey { key: created.secret.expose().clone(), key_without_secret: created.key.into() }))
}

impl TryFrom<CreateKey> for CreateApiKey {
    type Error = DomainError;

    fn try_from(body: CreateKey) -> Result<Self, DomainError> {
        let expires_at = body
            .expires_at
            .map(|text| {
                UnixTimestamp::parse(&text).ok_or_else(|| {
                    DomainError::invalid("expiresAt", "must be an RFC 3339 date-time with an offset")
                })
            })
            .transpose()?;
        let named =
            |words: Vec<String>| words.iter().map(|word| Scope::named(word)).collect::<Result<_, _>>();
        let scopes = body.scopes.map(named).transpose()?;
        Ok(Self { name: KeyName::new(&body.name)?, expires_at, scopes })
    }
}

/// Delete an API key
///
/// It is refused from the next request on.
#[utoipa::path(delete, path = "/api/v1/api-keys/{key_id}", tag = "api-keys", operation_id = "deleteApiKey",
    params(("key_id" = String, Path, description = "`key_…`")),
    responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn delete_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((key,)): Ids<(ApiKeyId,)>,
) -> Result<StatusCode, Failure> {
    delete_api_key(&state.core, &actor, key).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! What an organization hands to its members' clients: a configuration, and keys of providers.

use std::collections::BTreeMap;

use axum::extract::State;
use bursar_api_keys::ApiKey;
use bursar_kernel::{DomainError, OrganizationId, Secret};
use bursar_operations::{
    list_organization_api_keys, read_provider_keys, read_remote_config, set_provider_keys,
};
use bursar_orgs_and_membership::ProviderName;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{body::Data, error::ErrorEnvelope};
use crate::{
    api::{caller::Caller, key_shape::Key},
    http::{body::Body, failure::Failure, ids::Ids},
    state::AppState,
};

/// The configuration of an organization.
#[derive(Serialize, ToSchema)]
pub(super) struct RemoteConfigText {
    /// A JSON document as text, byte for byte as it was written; `{}` when there is none.
    value: String,
    enabled: bool,
}

/// Get the configuration of an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/remote-config", tag = "organizations",
    operation_id = "getOrganizationRemoteConfig",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<RemoteConfigText>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_remote_config(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<RemoteConfigText>, Failure> {
    let config = read_remote_config(&state.core, &actor, organization).await?;
    Ok(Data::new(RemoteConfigText {
        value: config.value.unwrap_or_else(|| "{}".to_owned()),
        enabled: config.is_enabled,
    }))
}

/// The keys of an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationKeys {
    /// JSON as text: provider → key, handed to members. `{}` when there are none.
    #[schema(example = "{\"litellm\":\"sk-…\"}")]
    provider_api_keys: String,
    /// The organization's own keys, without their secrets.
    items: Vec<Key>,
}

fn keys(keys: &BTreeMap<String, Secret<String>>, own: Vec<ApiKey>) -> Result<OrganizationKeys, DomainError> {
    let open: BTreeMap<&str, &str> =
        keys.iter().map(|(name, key)| (name.as_str(), key.expose().as_str())).collect();
    let provider_api_keys = serde_json::to_string(&open).map_err(DomainError::internal)?;
    Ok(OrganizationKeys { provider_api_keys, items: own.into_iter().map(Key::from).collect() })
}

/// Get the keys of an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/api-keys", tag = "organizations",
    operation_id = "getOrganizationApiKeys",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<OrganizationKeys>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_keys(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<OrganizationKeys>, Failure> {
    let provider_keys = read_provider_keys(&state.core, &actor, organization).await?;
    let own = list_organization_api_keys(&state.core, &actor, organization).await?;
    Ok(Data::new(keys(&provider_keys, own)?))
}

/// Keys to set, by provider; null takes one away, and those that are not named stay.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = BTreeMap<String, Option<String>>, example = json!({"litellm": "sk-…"}))]
pub(super) struct ProviderKeys(Map<String, Value>);

/// Set the keys of providers
#[utoipa::path(put, path = "/api/v1/organizations/{orgId}/provider-api-keys", tag = "organizations",
    operation_id = "putProviderApiKeys", request_body = ProviderKeys,
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<OrganizationKeys>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn put_provider_keys(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Body(body): Body<ProviderKeys>,
) -> Result<Data<OrganizationKeys>, Failure> {
    let named = |(name, key): (String, Value)| {
        let key = match key {
            Value::Null => None,
            Value::String(key) => Some(Secret::new(key)),
            _ => return Err(DomainError::invalid("body", "must hold a text or null for each provider")),
        };
        ProviderName::new(&name).map(|name| (name, key))
    };
    let wanted = body.0.into_iter().map(named).collect::<Result<_, DomainError>>()?;
    let provider_keys = set_provider_keys(&state.core, &actor, organization, wanted).await?;
    let own = list_organization_api_keys(&state.core, &actor, organization).await?;
    Ok(Data::new(keys(&provider_keys, own)?))
}

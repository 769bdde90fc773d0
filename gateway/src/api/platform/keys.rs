//! Keys: whether one that the product was shown is good, and how one is changed and replaced.

use std::time::Duration;

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use bursar_api_keys::{ApiKeyId, KeyHolder, KeyName, Networks};
use bursar_operations::{
    UpdateApiKey, VerifiedKey, VerifyApiKey, rotate_api_key, update_api_key, verify_api_key,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Problem;
use crate::{
    api::{
        caller::Caller,
        key_shape::{Key, KeyWithSecret, WantedSpendLimit, address, end, per_minute, scopes, spend_limit},
    },
    http::{
        body::{Body, OptionalBody},
        decimal::{Exact, Usd},
        failure::Failure,
        ids::Ids,
        nullable::Nullable,
    },
    state::AppState,
};

/// A key that was shown.
#[derive(Deserialize, ToSchema)]
pub(super) struct Shown {
    /// Its whole text.
    key: String,
    /// Scopes that it must hold.
    #[serde(default)]
    permissions: Vec<String>,
    /// USD that its holder is about to spend, with at most six decimals: taken from the key's spend
    /// limit when the key is good for it.
    #[schema(value_type = Option<f64>)]
    cost: Option<Usd>,
    /// The address that the key was shown from. A key that is bound to networks is refused without.
    ip: Option<String>,
}

/// What is to be said of a key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verdict {
    valid: bool,
    /// `VALID`, `NOT_FOUND`, `EXPIRED`, `REVOKED`, `DISABLED`, `RATE_LIMITED`,
    /// `INSUFFICIENT_PERMISSIONS`, `USAGE_EXCEEDED`, `FORBIDDEN_IP`
    code: String,
    #[serde(flatten)]
    key: Option<Known>,
}

/// Whose key it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Known {
    /// `key_…`
    key_id: String,
    principal: Principal,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// `user_…` or `org_…`: whose credits it spends.
    account_id: String,
    scopes: Vec<String>,
    /// The key of the account's plan.
    plan: String,
    /// How often it may still be used, where that is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratelimit: Option<RateLimit>,
    /// USD that it may still spend, where that is limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    remaining: Option<Exact>,
    /// USD, with six decimals: what was left at most a second ago.
    #[schema(value_type = f64)]
    balance_usd: Exact,
}

/// How often a key may still be used.
#[derive(Serialize, ToSchema)]
struct RateLimit {
    /// Uses in a minute.
    limit: u32,
    remaining: u32,
    /// Seconds until all of them are there again.
    reset: u64,
}

/// Who a key acts as.
#[derive(Serialize, ToSchema)]
struct Principal {
    /// `user` or `organization`
    r#type: &'static str,
    id: String,
}

impl From<VerifiedKey> for Known {
    fn from(known: VerifiedKey) -> Self {
        let key = known.key;
        let account = key.account.to_string();
        let user = match key.holder {
            KeyHolder::Person(user) => Some(user.to_string()),
            KeyHolder::Organization { .. } | KeyHolder::Deployment => None,
        };
        let principal = match &user {
            Some(user) => Principal { r#type: "user", id: user.clone() },
            None => Principal { r#type: "organization", id: account.clone() },
        };
        Self {
            key_id: key.id.to_string(),
            principal,
            user_id: user,
            organization_id: key.account.organization().map(|id| id.to_string()),
            account_id: account,
            scopes: known.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            plan: known.plan.plan.key.clone(),
            ratelimit: known.quota.map(|quota| RateLimit {
                limit: quota.limit,
                remaining: quota.remaining,
                reset: quota.whole_in_seconds(),
            }),
            remaining: known.remaining.map(Exact::usd),
            balance_usd: Exact::usd(known.balance),
        }
    }
}

/// Verify an API key
///
/// Always 200, with the verdict in the body. A key of another account is `NOT_FOUND`, except to a
/// service of the deployment. A good key's use is counted against its limit a minute, and `cost` is
/// taken from what it may spend.
#[utoipa::path(post, path = "/api/v1/api-keys/verify", tag = "keys", operation_id = "verifyApiKey",
    request_body = Shown,
    responses((status = 200, body = Verdict), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn post_verify(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Shown>,
) -> Result<axum::Json<Verdict>, Failure> {
    let command = VerifyApiKey {
        key: body.key,
        permissions: body.permissions,
        cost: body.cost.map(|cost| cost.amount("cost")).transpose()?,
        ip: body.ip.as_deref().map(address).transpose()?,
    };
    let verification = verify_api_key(&state.core, &actor, command).await?;
    let verdict = verification.verdict;
    Ok(axum::Json(Verdict {
        valid: verdict == bursar_api_keys::Verdict::Valid,
        code: verdict.to_string(),
        key: verification.key.map(Known::from),
    }))
}

/// What to change of a key; what is left out stays, and null takes a limit away.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyPatch {
    /// 1 to 100 characters.
    name: Option<String>,
    /// No more than the caller has.
    scopes: Option<Vec<String>>,
    /// RFC 3339; in the future.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Nullable<String>,
    enabled: Option<bool>,
    /// From where it may be used; an empty list: from anywhere.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    allowed_cidrs: Nullable<Vec<String>>,
    /// How often it may be used in a minute.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    per_minute_limit: Nullable<u32>,
    #[serde(default)]
    #[schema(value_type = Option<WantedSpendLimit>)]
    spend_limit: Nullable<WantedSpendLimit>,
}

impl TryFrom<KeyPatch> for UpdateApiKey {
    type Error = bursar_kernel::DomainError;

    fn try_from(patch: KeyPatch) -> Result<Self, Self::Error> {
        let networks = patch.allowed_cidrs.0.map(Option::unwrap_or_default);
        Ok(Self {
            name: patch.name.as_deref().map(KeyName::new).transpose()?,
            scopes: patch.scopes.as_deref().map(scopes).transpose()?,
            expires_at: patch.expires_at.try_map(|text| end(&text))?,
            enabled: patch.enabled,
            networks: networks.as_deref().map(Networks::parse).transpose()?,
            per_minute: patch.per_minute_limit.try_map(per_minute)?,
            spend_limit: patch.spend_limit.try_map(|limit| spend_limit(&limit))?,
        })
    }
}

/// Change an API key
///
/// The caller's own, and an organization's own for its owners and admins. What makes it wider asks for
/// a recent sign-in.
#[utoipa::path(patch, path = "/api/v1/api-keys/{key_id}", tag = "keys", operation_id = "updateApiKey",
    request_body = KeyPatch, params(("key_id" = String, Path, description = "`key_…`")),
    responses((status = 200, body = Key), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn patch_key(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((key,)): Ids<(ApiKeyId,)>,
    Body(body): Body<KeyPatch>,
) -> Result<axum::Json<Key>, Failure> {
    Ok(axum::Json(update_api_key(&state.core, &actor, key, body.try_into()?).await?.into()))
}

/// How a key is replaced.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RotateKey {
    /// How long the old secret is good beside the new one: at most 30 days; 0 when it is left out.
    #[serde(default)]
    overlap_seconds: u64,
}

/// Rotate an API key
///
/// The key gets another secret, which is shown this once. The old one is refused after the overlap.
#[utoipa::path(post, path = "/api/v1/api-keys/{key_id}/rotate", tag = "keys", operation_id = "rotateApiKey",
    request_body = RotateKey, params(("key_id" = String, Path, description = "`key_…`")),
    responses((status = 201, body = KeyWithSecret), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn post_rotate(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((key,)): Ids<(ApiKeyId,)>,
    OptionalBody(body): OptionalBody<RotateKey>,
) -> Result<Response, Failure> {
    let overlap = Duration::from_secs(body.overlap_seconds);
    let rotated = rotate_api_key(&state.core, &actor, key, overlap).await?;
    Ok((StatusCode::CREATED, axum::Json(KeyWithSecret::from(rotated))).into_response())
}

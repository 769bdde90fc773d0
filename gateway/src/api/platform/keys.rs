//! Whether a key that the product was shown is good.

use axum::extract::State;
use bursar_kernel::Account;
use bursar_operations::{VerifyApiKey, verify_api_key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Problem;
use crate::{
    api::caller::Caller,
    http::{body::Body, decimal::Exact, failure::Failure},
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
}

/// What is to be said of a key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verdict {
    valid: bool,
    /// `VALID`, `NOT_FOUND`, `EXPIRED`, `REVOKED`, `DISABLED`, `INSUFFICIENT_PERMISSIONS`, …
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
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// `user_…` or `org_…`: whose credits it spends.
    account_id: String,
    scopes: Vec<String>,
    plan: &'static str,
    /// USD, with six decimals: what was left at most a second ago.
    #[schema(value_type = f64)]
    balance_usd: Exact,
}

/// Who a key acts as.
#[derive(Serialize, ToSchema)]
struct Principal {
    /// `user`
    r#type: &'static str,
    id: String,
}

/// Verify an API key
///
/// Always 200, with the verdict in the body. A key of another account is `NOT_FOUND`.
#[utoipa::path(post, path = "/api/v1/api-keys/verify", tag = "keys", operation_id = "verifyApiKey",
    request_body = Shown,
    responses((status = 200, body = Verdict), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn post_verify(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Shown>,
) -> Result<axum::Json<Verdict>, Failure> {
    let command = VerifyApiKey { key: body.key, permissions: body.permissions };
    let verification = verify_api_key(&state.core, &actor, command).await?;
    let verdict = verification.verdict;
    Ok(axum::Json(Verdict {
        valid: verdict == bursar_api_keys::Verdict::Valid,
        code: verdict.to_string(),
        key: verification.key.map(|known| Known {
            key_id: known.key.id.to_string(),
            principal: Principal { r#type: "user", id: known.key.creator.to_string() },
            user_id: known.key.creator.to_string(),
            organization_id: known.key.account.organization().map(|id| id.to_string()),
            account_id: Account::to_string(&known.key.account),
            scopes: known.scopes.iter().map(|scope| scope.as_str().to_owned()).collect(),
            plan: "free",
            balance_usd: Exact::usd(known.balance),
        }),
    }))
}

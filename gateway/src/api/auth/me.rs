//! Who the caller is, and the public keys of our tokens.

use axum::{Json, extract::State};
use bursar_operations::{published_keys, read_profile};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Detail;
use crate::{api::caller::Caller, http::failure::Failure, state::AppState};

/// The caller.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// `user_…`
    id: String,
    email: String,
    /// The active organization; null when the personal account is active.
    organization_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Who the caller is
#[utoipa::path(get, path = "/auth/me", tag = "auth", operation_id = "me",
    responses((status = 200, body = Me), (status = "4XX", body = Detail)))]
pub(super) async fn get_me(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Me>, Failure> {
    let profile = read_profile(&state.core, &actor).await?;
    Ok(Json(Me {
        id: profile.user.id.to_string(),
        email: profile.user.email.as_str().to_owned(),
        organization_id: profile.active_account.organization().map(|id| id.to_string()),
        created_at: profile.user.created_at.rfc3339(),
    }))
}

/// Public keys (RFC 7517).
#[derive(Serialize, ToSchema)]
pub(super) struct Jwks {
    keys: Vec<Jwk>,
}

/// One Ed25519 public key (RFC 8037).
#[derive(Serialize, ToSchema)]
struct Jwk {
    /// `OKP`
    kty: &'static str,
    /// `Ed25519`
    crv: &'static str,
    /// `EdDSA`
    alg: &'static str,
    /// `sig`
    r#use: &'static str,
    kid: String,
    x: String,
}

/// The public keys that our tokens are signed with
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", operation_id = "jwks", security(()),
    responses((status = 200, body = Jwks)))]
pub(super) async fn get_jwks(State(state): State<AppState>) -> Result<Json<Jwks>, Failure> {
    let keys = published_keys(&state.core)
        .await?
        .iter()
        .map(|key| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            alg: "EdDSA",
            r#use: "sig",
            x: key.x.clone(),
            kid: key.kid.to_string(),
        })
        .collect();
    Ok(Json(Jwks { keys }))
}

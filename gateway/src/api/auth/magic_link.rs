//! Signing in by a mailed link.

use axum::{Json, extract::State, http::StatusCode};
use bursar_kernel::Secret;
use bursar_operations::{MagicSignIn, request_magic_link, sign_in_by_link};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{error::Detail, password::Mailbox, registration::Tokens};
use crate::{
    api::caller::Client,
    http::{body::Body, failure::Failure},
    state::AppState,
};

/// Ask for a link that signs in
///
/// The same answer whether somebody has the address or not. The link is good once, for fifteen
/// minutes.
#[utoipa::path(post, path = "/auth/magic-link", tag = "recovery", operation_id = "requestMagicLink", security(()),
    request_body = Mailbox, responses((status = 202), (status = "4XX", body = Detail)))]
pub(super) async fn post_magic_link(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Mailbox>,
) -> Result<StatusCode, Failure> {
    request_magic_link(&state.core, &client.0, &body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A link that was followed.
#[derive(Deserialize, ToSchema)]
pub(super) struct Followed {
    /// From the link.
    token: String,
    /// The code of a second factor, for those who have one.
    totp: Option<String>,
}

/// Sign in by a link
#[utoipa::path(post, path = "/auth/magic-link/redeem", tag = "recovery", operation_id = "redeemMagicLink", security(()),
    request_body = Followed, responses((status = 200, body = Tokens), (status = "4XX", body = Detail)))]
pub(super) async fn post_redeem(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Followed>,
) -> Result<Json<Tokens>, Failure> {
    let shown = MagicSignIn { token: Secret::new(body.token), code: body.totp.map(Secret::new) };
    Ok(Json(sign_in_by_link(&state.core, &client.0, shown).await?.into()))
}

//! Passwords that were forgotten, and those that are changed.

use axum::{extract::State, http::StatusCode};
use bursar_kernel::Secret;
use bursar_operations::{change_password, request_password_reset, reset_password};
use serde::Deserialize;
use utoipa::ToSchema;

use super::error::Detail;
use crate::{
    api::caller::{Caller, Client},
    http::{body::Body, failure::Failure},
    state::AppState,
};

/// Whose mailbox is to get a link.
#[derive(Deserialize, ToSchema)]
pub(super) struct Mailbox {
    pub(super) email: String,
}

/// Ask for a link to choose a new password by
///
/// The same answer whether somebody has the address or not: only its mailbox learns it. The link is
/// good once, for an hour.
#[utoipa::path(post, path = "/auth/password/forgot", tag = "recovery", operation_id = "forgotPassword", security(()),
    request_body = Mailbox, responses((status = 202), (status = "4XX", body = Detail)))]
pub(super) async fn post_forgot(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Mailbox>,
) -> Result<StatusCode, Failure> {
    request_password_reset(&state.core, &client.0, &body.email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A new password, by a mailed link.
#[derive(Deserialize, ToSchema)]
pub(super) struct Reset {
    /// From the link.
    token: String,
    /// 8 to 128 characters, and not easy to guess.
    password: String,
}

/// Choose a new password by a link
///
/// Every session of the person ends.
#[utoipa::path(post, path = "/auth/password/reset", tag = "recovery", operation_id = "resetPassword", security(()),
    request_body = Reset, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn post_reset(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Reset>,
) -> Result<StatusCode, Failure> {
    reset_password(&state.core, &client.0, &body.token, body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new password in place of the present one.
#[derive(Deserialize, ToSchema)]
pub(super) struct Change {
    current_password: String,
    /// 8 to 128 characters, and not easy to guess.
    password: String,
}

/// Change the password
///
/// Every other session of the caller's ends.
#[utoipa::path(put, path = "/auth/password", tag = "recovery", operation_id = "changePassword",
    request_body = Change, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn put_password(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Change>,
) -> Result<StatusCode, Failure> {
    change_password(&state.core, &actor, Secret::new(body.current_password), body.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

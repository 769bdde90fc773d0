//! The address of a person: that it reads it, and another one.

use axum::{extract::State, http::StatusCode};
use bursar_identity::EmailAddress;
use bursar_operations::{change_email, request_email_change, request_email_verification, verify_email};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{error::Detail, password::Mailbox};
use crate::{
    api::caller::{Caller, Client},
    http::{body::Body, failure::Failure},
    state::AppState,
};

/// What stands in a mailed link.
#[derive(Deserialize, ToSchema)]
pub(super) struct Link {
    token: String,
}

/// Ask for a link that shows that the caller reads its address
#[utoipa::path(post, path = "/auth/email/verification", tag = "recovery", operation_id = "requestEmailVerification",
    responses((status = 202), (status = "4XX", body = Detail)))]
pub(super) async fn post_verification(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<StatusCode, Failure> {
    request_email_verification(&state.core, &actor).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Show by a link that one reads one's address
#[utoipa::path(post, path = "/auth/email/verify", tag = "recovery", operation_id = "verifyEmail", security(()),
    request_body = Link, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn post_verify(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Link>,
) -> Result<StatusCode, Failure> {
    verify_email(&state.core, &client.0, &body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a link to another address
///
/// By it the address becomes the caller's. Needs a recent sign-in.
#[utoipa::path(post, path = "/auth/email", tag = "recovery", operation_id = "requestEmailChange",
    request_body = Mailbox, responses((status = 202), (status = "4XX", body = Detail)))]
pub(super) async fn post_email(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Mailbox>,
) -> Result<StatusCode, Failure> {
    request_email_change(&state.core, &actor, EmailAddress::parse(&body.email)?).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Make the address that a link was sent to one's own
#[utoipa::path(post, path = "/auth/email/change", tag = "recovery", operation_id = "changeEmail", security(()),
    request_body = Link, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn post_change(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Link>,
) -> Result<StatusCode, Failure> {
    change_email(&state.core, &client.0, &body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

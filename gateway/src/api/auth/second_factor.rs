//! Codes of a device beside the password.

use axum::{Json, extract::State, http::StatusCode};
use bursar_identity::FactorState;
use bursar_kernel::Secret;
use bursar_operations::{
    begin_second_factor, confirm_second_factor, read_second_factor, remove_second_factor,
    renew_recovery_codes,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Detail;
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure},
    state::AppState,
};

/// Whether the caller signs in with a second factor.
#[derive(Serialize, ToSchema)]
pub(super) struct SecondFactor {
    /// `off`, `pending` until its first code, `on`
    state: &'static str,
    /// Recovery codes that were not used yet.
    recovery_codes_left: u32,
    /// Since when it is on.
    #[schema(format = DateTime)]
    since: Option<String>,
}

/// Get the state of the second factor
#[utoipa::path(get, path = "/auth/second-factor", tag = "second factor", operation_id = "getSecondFactor",
    responses((status = 200, body = SecondFactor), (status = "4XX", body = Detail)))]
pub(super) async fn get_second_factor(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<SecondFactor>, Failure> {
    Ok(Json(match read_second_factor(&state.core, &actor).await? {
        FactorState::Off => SecondFactor { state: "off", recovery_codes_left: 0, since: None },
        FactorState::Pending => SecondFactor { state: "pending", recovery_codes_left: 0, since: None },
        FactorState::On { recovery_codes_left, since } => {
            SecondFactor { state: "on", recovery_codes_left, since: Some(since.rfc3339()) }
        }
    }))
}

/// A secret for the device that will make the codes. Shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct Enrolment {
    /// In base32, to be typed.
    secret: String,
    /// `otpauth://…`, to be shown as a QR code.
    uri: String,
}

/// Begin to set up a second factor
///
/// It is asked for once its first code was shown. Needs a recent sign-in.
#[utoipa::path(post, path = "/auth/second-factor", tag = "second factor", operation_id = "beginSecondFactor",
    responses((status = 200, body = Enrolment), (status = "4XX", body = Detail)))]
pub(super) async fn post_second_factor(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Enrolment>, Failure> {
    let enrolment = begin_second_factor(&state.core, &actor).await?;
    Ok(Json(Enrolment {
        secret: enrolment.secret_base32.expose().clone(),
        uri: enrolment.otpauth_uri.expose().clone(),
    }))
}

/// A code of the device, or a recovery code.
#[derive(Deserialize, ToSchema)]
pub(super) struct Code {
    code: String,
}

/// Codes for the day when the device is lost: each is good once. Shown this once.
#[derive(Serialize, ToSchema)]
pub(super) struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    fn of(codes: &[Secret<String>]) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose().clone()).collect() }
    }
}

/// Turn the second factor on by its first code
///
/// Every other session of the caller's ends.
#[utoipa::path(post, path = "/auth/second-factor/confirm", tag = "second factor", operation_id = "confirmSecondFactor",
    request_body = Code, responses((status = 200, body = RecoveryCodes), (status = "4XX", body = Detail)))]
pub(super) async fn post_confirm(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Code>,
) -> Result<Json<RecoveryCodes>, Failure> {
    let codes = confirm_second_factor(&state.core, &actor, &body.code).await?;
    Ok(Json(RecoveryCodes::of(&codes)))
}

/// Make new recovery codes
///
/// The old ones are good for nothing. Needs a recent sign-in.
#[utoipa::path(post, path = "/auth/second-factor/recovery-codes", tag = "second factor", operation_id = "renewRecoveryCodes",
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = Detail)))]
pub(super) async fn post_recovery_codes(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<RecoveryCodes>, Failure> {
    let codes = renew_recovery_codes(&state.core, &actor).await?;
    Ok(Json(RecoveryCodes::of(&codes)))
}

/// Turn the second factor off by a code of it
///
/// Needs a recent sign-in.
#[utoipa::path(delete, path = "/auth/second-factor", tag = "second factor", operation_id = "removeSecondFactor",
    request_body = Code, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn delete_second_factor(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Code>,
) -> Result<StatusCode, Failure> {
    remove_second_factor(&state.core, &actor, &body.code).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Errors sit under `detail`: a sentence, an object with a code that clients match on, or the
//! list of what is wrong with a body.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::WWW_AUTHENTICATE},
    response::{IntoResponse as _, Response},
};
use bursar_kernel::{DomainError, ErrorKind, codes::INVALID_FIELD};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::{
    codes::{BODY_REQUIRED, CREDENTIAL_MALFORMED, CREDENTIALS_AMBIGUOUS, JSON_MALFORMED},
    status,
};

/// A failure of this family.
#[derive(Debug, Serialize, ToSchema)]
pub struct Detail {
    /// A sentence, `{"error", "message"}`, or `[{"type", "loc", "msg", "input"}]`.
    #[schema(value_type = Object, example = json!("Invalid email or password"))]
    detail: Value,
}

/// The failure in this family's words.
#[must_use]
pub fn render(error: &DomainError) -> Response {
    let (status, detail) = match error.code() {
        // An address that is taken is a plain 400 to the clients of this family.
        "email_taken" => (StatusCode::BAD_REQUEST, json!(error.to_string())),
        code @ ("invalid_grant" | "totp_required") => {
            (StatusCode::UNAUTHORIZED, json!({ "error": code, "message": error.to_string() }))
        }
        // What a client can act on: it asks for the password again.
        code @ "recent_sign_in_required" => {
            (status::of(error), json!({ "error": code, "message": error.to_string() }))
        }
        "invalid_token" => could_not_validate(),
        _ if error.is(&CREDENTIAL_MALFORMED) || error.is(&CREDENTIALS_AMBIGUOUS) => could_not_validate(),
        _ if is_about_the_body(error) => (StatusCode::UNPROCESSABLE_ENTITY, json!([body_fault(error)])),
        _ => (status::of(error), json!(error.to_string())),
    };
    let mut response = (status, Json(Detail { detail })).into_response();
    // A refused sign-in shows no scheme: there was no token to begin with.
    if error.kind() == ErrorKind::Unauthenticated
        && !matches!(error.code(), "invalid_sign_in" | "totp_required")
    {
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn could_not_validate() -> (StatusCode, Value) {
    (StatusCode::UNAUTHORIZED, json!("Could not validate credentials"))
}

fn is_about_the_body(error: &DomainError) -> bool {
    [&INVALID_FIELD, &JSON_MALFORMED, &BODY_REQUIRED].into_iter().any(|code| error.is(code))
}

/// `input` is never repeated here: the bodies of this family hold passwords and tokens.
fn body_fault(error: &DomainError) -> Value {
    let said = error.to_string();
    let kind = if said.ends_with(" is required") || error.is(&BODY_REQUIRED) {
        "missing"
    } else if error.is(&JSON_MALFORMED) {
        "json_invalid"
    } else {
        "value_error"
    };
    let field = error.get("field").filter(|field| *field != "body");
    let place: Vec<&str> =
        std::iter::once("body").chain(field.into_iter().flat_map(|path| path.split('.'))).collect();
    json!({ "type": kind, "loc": place, "msg": said, "input": null })
}

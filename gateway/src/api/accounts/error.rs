//! The error envelope: `{"data": null, "error": "<sentence>", "success": false}`, and the bare
//! errors that existing clients match on.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use bursar_kernel::{DomainError, ErrorKind};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::http::{codes::PATH_INVALID, failure::Context, status};

/// A failure of this family.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorEnvelope {
    /// Always null.
    #[schema(value_type = Option<String>, example = json!(null))]
    data: (),
    /// What failed, for people.
    error: String,
    /// Always false.
    #[schema(example = false)]
    success: bool,
}

/// The failure in this family's words.
#[must_use]
pub fn render(error: &DomainError, context: Context<'_>) -> Response {
    if error.code() == "invalid_grant" {
        // Other words make a client think that the fault is transient.
        let body = json!({
            "error": "invalid_grant",
            "error_description": error.to_string(),
            "success": false,
        });
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    if error.kind() == ErrorKind::Unauthenticated {
        let product = context.product_name;
        let sentence = format!(
            "Unauthorized: Please make sure you're using the latest version of {product} and re-authenticate your {product} account."
        );
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": sentence }))).into_response();
    }
    if error.is(&PATH_INVALID) {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error.to_string() }))).into_response();
    }
    let sentence = match error.kind() {
        ErrorKind::Internal => format!("{error} (request {})", context.request_id),
        _ => error.to_string(),
    };
    (status::of(error), Json(ErrorEnvelope { data: (), error: sentence, success: false })).into_response()
}

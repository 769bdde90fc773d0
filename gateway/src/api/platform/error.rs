//! RFC 9457: `application/problem+json` with a stable `type`, `urn:bursar:<code>`.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use bursar_kernel::{DomainError, codes::IDEMPOTENCY_KEY_REUSED};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{failure::Context, status};

/// A failure of this family.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:bursar:<code>`, stable for ever.
    #[serde(rename = "type")]
    #[schema(example = "urn:bursar:invalid_field")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What failed, for people.
    detail: String,
    /// The request, to ask us about.
    request_id: String,
    /// Each fault of the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// One fault of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Which event of a batch, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// Which field, as a path.
    pub field: String,
    /// The rule that it breaks.
    pub rule: String,
}

/// The failure in this family's words.
#[must_use]
pub fn render(error: &DomainError, context: Context<'_>) -> Response {
    let status =
        if error.is(&IDEMPOTENCY_KEY_REUSED) { StatusCode::UNPROCESSABLE_ENTITY } else { status::of(error) };
    let problem = Problem {
        kind: format!("urn:bursar:{}", error.code()),
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: error.to_string(),
        request_id: context.request_id.to_owned(),
        errors: faults(error),
    };
    let mut response = (status, Json(problem)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// Every fault of a batch, or the one field that is at fault.
fn faults(error: &DomainError) -> Vec<FieldError> {
    if let Some(faults) = error.get("faults").and_then(|text| serde_json::from_str(text).ok()) {
        return faults;
    }
    let Some(field) = error.get("field") else { return Vec::new() };
    let said = error.to_string();
    let rule = said.strip_prefix(field).map_or(said.as_str(), str::trim_start).to_owned();
    let index = error.get("index").and_then(|text| text.parse().ok());
    vec![FieldError { index, field: field.to_owned(), rule }]
}

//! From a failure to its status, for all families; a family states only its exceptions.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER};
use bursar_kernel::{DomainError, ErrorKind, codes::IDEMPOTENCY_IN_PROGRESS};

use super::codes;

/// How long a caller waits when nobody said how long: as long as most causes of a 503 last.
const DEFAULT_RETRY_AFTER_SECONDS: u64 = 1;

/// The status of a failure.
#[must_use]
pub fn of(error: &DomainError) -> StatusCode {
    if error.is(&codes::METHOD_NOT_ALLOWED) {
        return StatusCode::METHOD_NOT_ALLOWED;
    }
    if error.is(&codes::BODY_TOO_LARGE) {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    if error.is(&codes::MEDIA_TYPE_UNSUPPORTED) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    match error.kind() {
        ErrorKind::Invalid => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::PaymentRequired => StatusCode::PAYMENT_REQUIRED,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Adds `Retry-After` where trying again later helps.
pub fn add_retry_after(error: &DomainError, headers: &mut HeaderMap) {
    let helps = matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Unavailable)
        || error.is(&IDEMPOTENCY_IN_PROGRESS);
    if helps {
        let seconds = error
            .get("retry_after_seconds")
            .and_then(|text| text.parse().ok())
            .unwrap_or(DEFAULT_RETRY_AFTER_SECONDS);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

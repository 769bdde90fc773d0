//! `Idempotency-Key`: a retried request answers the first answer again.

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, request::Parts},
    response::{IntoResponse, Response},
};
use bursar_kernel::{DomainError, codes::IDEMPOTENCY_KEY_INVALID};

use super::failure::Failure;

/// The header of the key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header that marks an answer as given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The caller's key, if it sent one. Its form is the operations' rule.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(pub Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let mut values = parts.headers.get_all(KEY).iter();
        let invalid = || DomainError::from(&IDEMPOTENCY_KEY_INVALID).param("field", "Idempotency-Key");
        let Some(value) = values.next() else { return Ok(Self(None)) };
        let key = value.to_str().map_err(|_| invalid())?;
        if values.next().is_some() {
            return Err(invalid().into());
        }
        Ok(Self(Some(key.to_owned())))
    }
}

/// An answer that may be one that was given before; then it says so in `Idempotent-Replayed`.
#[derive(Debug)]
pub struct Replayable<T> {
    /// The answer.
    pub answer: T,
    /// Whether it was given before.
    pub replayed: bool,
}

impl<T: IntoResponse> IntoResponse for Replayable<T> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        if self.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

//! A failure on its way out: handlers, extractors and layers answer [`Failure`], and the frame
//! renders it once, in the words of the family of the route.

use std::{error::Error as _, sync::Arc};

use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use bursar_kernel::{Code, DomainError, ErrorKind};

use super::family::Family;
use crate::api;

/// What a handler answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// A failure that is not yet in any family's words.
#[derive(Clone, Debug)]
pub struct Failure(Arc<DomainError>);

impl From<DomainError> for Failure {
    fn from(error: DomainError) -> Self {
        Self(Arc::new(error))
    }
}

impl From<&Code> for Failure {
    fn from(code: &Code) -> Self {
        DomainError::from(code).into()
    }
}

impl Failure {
    /// What failed.
    #[must_use]
    pub fn error(&self) -> &DomainError {
        &self.0
    }
}

/// Carries the failure to the frame. Outside of it, it is a bare 500.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a family needs to know to word a failure.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The product's name.
    pub product_name: &'a str,
    /// The request's identifier.
    pub request_id: &'a str,
}

/// The response in the family's words, if this one carries a failure; any other stays as it is.
/// Logs what is our fault, once, with its causes.
#[must_use]
pub fn render(response: Response, family: Family, context: Context<'_>) -> Response {
    let Some(failure) = response.extensions().get::<Failure>().cloned() else { return response };
    let error = failure.error();
    log(error);
    let mut rendered = match family {
        Family::Auth => api::auth::error::render(error),
        Family::Organization => api::organization::error::render(error),
        Family::Accounts => api::accounts::error::render(error, context),
        Family::Platform | Family::Webhooks | Family::Site => api::platform::error::render(error, context),
    };
    let headers = rendered.headers_mut();
    keep(response.headers(), headers);
    super::status::add_retry_after(error, headers);
    rendered
}

/// Headers that the failing part set beside the failure, such as `Allow`.
fn keep(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if name != header::CONTENT_LENGTH && name != header::CONTENT_TYPE {
            to.append(name, value.clone());
        }
    }
}

fn log(error: &DomainError) {
    let causes = || {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        causes.join(": ")
    };
    match error.kind() {
        ErrorKind::Internal => tracing::error!(code = error.code(), cause = causes(), "our fault"),
        ErrorKind::Unavailable => tracing::warn!(code = error.code(), cause = causes(), "cannot answer now"),
        _ => tracing::debug!(code = error.code(), cause = causes(), "refused"),
    }
}

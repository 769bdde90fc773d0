//! A person at a browser: who it is, and the forms it sends.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header::CONTENT_TYPE, request::Parts},
    response::Response,
};
use bursar_kernel::{DomainError, ErrorKind, Result};
use bursar_operations::{Actor, Credential as Shown, authenticate};
use serde::de::DeserializeOwned;

use super::failure;
use crate::{
    api::caller::Client,
    http::{
        body::RawBody,
        codes::MEDIA_TYPE_UNSUPPORTED,
        credential::{self, Credential},
        origin, query,
    },
    state::AppState,
};

/// Who looks at a page, if it is signed in. Only a cookie says it: other credentials are not a
/// person's browser.
pub(super) struct Visitor(pub(super) Option<Actor>);

impl FromRequestParts<AppState> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Ok(Client(origin)) = Client::from_request_parts(parts, state).await;
        let shown = match credential::find(&parts.headers, &[]) {
            Ok(Credential::Cookie(secret)) => Shown::Cookie(secret),
            Ok(_) => return Ok(Self(None)),
            Err(error) => return Err(failure(state, error)),
        };
        match authenticate(&state.core, Some(&shown), origin).await {
            Ok(actor) => {
                tracing::Span::current().record("actor", actor.audit().kind);
                Ok(Self(Some(actor)))
            }
            // A session that has ended: as if there were none.
            Err(error) if error.kind() == ErrorKind::Unauthenticated => Ok(Self(None)),
            Err(error) => Err(failure(state, error)),
        }
    }
}

/// A form that a page of ours sent. Another site's is refused, and what is refused is answered as
/// a page.
pub(super) struct OurForm<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<AppState> for OurForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let ours = &state.config.public_url;
        let checked = origin::check(request.method(), request.headers(), ours)
            .map_err(|error| {
                error.saying(format!("This form is taken from {ours} only. Open the page there"))
            })
            .and_then(|()| check_type(request.headers()));
        checked.map_err(|error| failure(state, error))?;
        let body = RawBody::from_request(request, state).await;
        let RawBody(body) = body.map_err(axum::response::IntoResponse::into_response)?;
        query::parse(&String::from_utf8_lossy(&body)).map(Self).map_err(|error| failure(state, error))
    }
}

fn check_type(headers: &HeaderMap) -> Result<()> {
    let stated = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = stated.split(';').next().unwrap_or_default().trim();
    if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(())
    } else {
        Err(DomainError::from(&MEDIA_TYPE_UNSUPPORTED)
            .saying("Content-Type must be application/x-www-form-urlencoded"))
    }
}

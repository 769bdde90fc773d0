//! A person at a browser: who it is, and the forms it sends.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, Uri, header::CONTENT_TYPE, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, ErrorKind, Result};
use bursar_operations::{
    Actor, Credential as Shown, authenticate,
    error::{NOT_AUTHENTICATED, RECENT_SIGN_IN_REQUIRED},
};
use serde::de::DeserializeOwned;

use super::{failure, return_to};
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

/// A person who is signed in. Anybody else is led to the page to sign in on, and back.
pub(super) struct Person {
    pub(super) actor: Actor,
    /// Where the person comes back to when it is led away: a page, never the answer to a form.
    back: String,
}

impl FromRequestParts<AppState> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let back = if parts.method.is_safe() { with_query(&parts.uri) } else { page_of(parts.uri.path()) };
        match Visitor::from_request_parts(parts, state).await?.0 {
            Some(actor) => Ok(Self { actor, back }),
            None => Err(Redirect::to(&return_to::sign_in(&back)).into_response()),
        }
    }
}

impl Person {
    /// The answer. A person that has to prove itself first is led to where it does.
    pub(super) fn answered(&self, state: &AppState, outcome: Result<Response>) -> Response {
        outcome.unwrap_or_else(|error| {
            if error.is(&RECENT_SIGN_IN_REQUIRED) {
                Redirect::to(&return_to::step_up(&self.back)).into_response()
            } else if error.is(&NOT_AUTHENTICATED) {
                Redirect::to(&return_to::sign_in(&self.back)).into_response()
            } else {
                failure(state, error)
            }
        })
    }
}

fn with_query(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string)
}

/// The page whose form is sent to this path: `/organizations/org_…/invites` belongs to the page of
/// the organization, `/security/sessions` to that of the person's security.
fn page_of(path: &str) -> String {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let kept = match segments.as_slice() {
        // Pages of their own, which ask before they do it.
        ["organizations", .., "delete" | "remove"] => segments.len(),
        ["organizations", ..] => 2,
        _ => 1,
    };
    let kept = segments.get(..kept).unwrap_or(&segments);
    format!("/{}", kept.join("/"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_the_page_that_shows_it() {
        for (path, page) in [
            ("/account/name", "/account"),
            ("/security", "/security"),
            ("/security/sessions/ses_1/end", "/security"),
            ("/organizations/org_1/invites/inv_1/revoke", "/organizations/org_1"),
            ("/organizations/org_1/members/mbr_1/remove", "/organizations/org_1/members/mbr_1/remove"),
            ("/organizations/org_1/delete", "/organizations/org_1/delete"),
            ("/organizations", "/organizations"),
        ] {
            assert_eq!(page_of(path), page);
        }
    }
}

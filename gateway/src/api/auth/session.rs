//! Cookie sessions: what makes a caller a person at a browser.

use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header::SET_COOKIE},
    response::{IntoResponse, Response},
};
use bursar_operations::{SignOut, open_cookie_session, sign_out};

use super::{error::Detail, registration::Login};
use crate::{
    api::caller::{Caller, Client},
    http::{body::Body, cookie, failure::Failure},
    state::AppState,
};

/// Sign in with a cookie
///
/// The cookie `bursar_session` is `HttpOnly` and `SameSite=Lax`; writes with it need an `Origin` of
/// this site.
#[utoipa::path(post, path = "/auth/session", tag = "auth", operation_id = "openSession", security(()),
    request_body = Login, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn post_session(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Login>,
) -> Result<Response, Failure> {
    let (_, secret) = open_cookie_session(&state.core, &client.0, body.into()).await?;
    Ok(with_cookie(cookie::open(&secret, state.config.is_https())?))
}

/// Sign out of the cookie's session
#[utoipa::path(delete, path = "/auth/session", tag = "auth", operation_id = "closeSession",
    responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn delete_session(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Response, Failure> {
    sign_out(&state.core, &actor, SignOut::ThisSession).await?;
    Ok(with_cookie(cookie::close(state.config.is_https())?))
}

fn with_cookie(cookie: HeaderValue) -> Response {
    (StatusCode::NO_CONTENT, [(SET_COOKIE, cookie)]).into_response()
}

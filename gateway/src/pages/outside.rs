//! Signing in with an outside issuer: the browser goes there and comes back with a code.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::error::INVALID_TOKEN;
use bursar_kernel::{DomainError, Result, Sealer, Secret};
use bursar_operations::{FinishExternalSignIn, begin_external_sign_in, finish_external_sign_in};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{failure, return_to};
use crate::{
    api::caller::Client,
    http::{cookie, query::Query},
    state::AppState,
};

/// What the browser keeps while the person is away: for it alone, and for ten minutes.
const COOKIE: &str = "bursar_outside";
const COOKIE_SECONDS: i64 = 600;

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(go)).routes(routes!(come_back))
}

#[derive(Deserialize)]
struct Going {
    return_to: Option<String>,
}

/// What is remembered of a sign-in that has begun, sealed in a cookie.
#[derive(Serialize, Deserialize)]
struct Begun {
    issuer: String,
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
    /// Seconds since the epoch.
    until: i64,
}

/// Leads to the issuer.
#[utoipa::path(get, path = "/sign-in/with/{issuer}", params(("issuer" = String, Path)),
    responses((status = 303), (status = 404)), security(()))]
async fn go(
    State(state): State<AppState>,
    Path(issuer): Path<String>,
    Query(going): Query<Going>,
) -> Response {
    let return_to = return_to::local(going.return_to.as_deref(), &state.config.public_url);
    match begin(&state, issuer, return_to).await {
        Ok(answer) => answer,
        Err(error) => failure(&state, error),
    }
}

async fn begin(state: &AppState, issuer: String, return_to: String) -> Result<Response> {
    let begun = begin_external_sign_in(&state.core, &issuer, &comes_back_to(state, &issuer)).await?;
    let kept = Begun {
        issuer,
        state: begun.state.expose().clone(),
        nonce: begun.nonce.expose().clone(),
        verifier: begun.verifier.expose().clone(),
        return_to,
        until: state.db.reader().now().seconds() + COOKIE_SECONDS,
    };
    let kept = serde_json::to_string(&kept).map_err(DomainError::internal)?;
    let sealed = sealer(state).seal(state.db.entropy().as_ref(), COOKIE, kept.as_bytes())?;
    let cookie = set(state, &sealed, COOKIE_SECONDS)?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&begun.url)).into_response())
}

#[derive(Deserialize)]
struct Returned {
    code: Option<String>,
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Where the issuer sends the person back to.
#[utoipa::path(get, path = "/sign-in/with/{issuer}/callback", params(("issuer" = String, Path)),
    responses((status = 303), (status = 401)), security(()))]
async fn come_back(
    State(state): State<AppState>,
    Path(issuer): Path<String>,
    Query(returned): Query<Returned>,
    client: Client,
    headers: HeaderMap,
) -> Response {
    let answer = match finish(&state, &issuer, returned, &client, &headers).await {
        Ok(answer) => answer,
        Err(error) => failure(&state, error),
    };
    without_begun(&state, answer)
}

async fn finish(
    state: &AppState,
    issuer: &str,
    returned: Returned,
    client: &Client,
    headers: &HeaderMap,
) -> Result<Response> {
    // A sign-in that nobody began in this browser: somebody else's, brought here by a link.
    let begun = begun(state, headers).ok_or_else(|| refused("no sign-in was begun in this browser"))?;
    let same = begun.state.as_bytes().ct_eq(returned.state.unwrap_or_default().as_bytes());
    if begun.issuer != issuer || !bool::from(same) {
        return Err(refused("the answer is of another sign-in"));
    }
    let Some(code) = returned.code else {
        tracing::info!(error = returned.error, issuer, "an issuer let nobody in");
        return Ok(Redirect::to(&return_to::sign_in(&begun.return_to)).into_response());
    };
    let command = FinishExternalSignIn {
        issuer,
        redirect_uri: &comes_back_to(state, issuer),
        code: &code,
        verifier: &Secret::new(begun.verifier),
        nonce: &begun.nonce,
    };
    let (_, secret) = finish_external_sign_in(&state.core, &client.0, command).await?;
    let cookie = cookie::open(&secret, state.config.is_https())?;
    Ok(super::sign_in::with_cookie(cookie, &begun.return_to))
}

fn refused(why: &'static str) -> DomainError {
    DomainError::from(&INVALID_TOKEN)
        .saying("That took too long, or was begun elsewhere: sign in again")
        .because(why)
}

fn comes_back_to(state: &AppState, issuer: &str) -> String {
    format!("{}/sign-in/with/{issuer}/callback", state.config.public_url)
}

/// What this browser kept, if it is not too old.
fn begun(state: &AppState, headers: &HeaderMap) -> Option<Begun> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let sealed = cookies
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let kept = sealer(state).open(COOKIE, sealed).ok()?;
    let begun: Begun = serde_json::from_slice(&kept).ok()?;
    (state.db.reader().now().seconds() < begun.until).then_some(begun)
}

fn sealer(state: &AppState) -> Sealer {
    Sealer::new(&state.config.master_key, &state.config.older_master_keys)
}

/// A sign-in is finished once, however it ends.
fn without_begun(state: &AppState, mut answer: Response) -> Response {
    if let Ok(cookie) = set(state, "", 0) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

fn set(state: &AppState, value: &str, max_age_seconds: i64) -> Result<HeaderValue> {
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let path = "/sign-in/with";
    let text =
        format!("{COOKIE}={value}; HttpOnly; SameSite=Lax; Path={path}{secure}; Max-Age={max_age_seconds}");
    let mut header = HeaderValue::try_from(text).map_err(DomainError::internal)?;
    header.set_sensitive(true);
    Ok(header)
}

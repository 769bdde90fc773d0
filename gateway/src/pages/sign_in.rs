//! Signing in and out at a browser.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header::SET_COOKIE},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::error::{TOTP_REQUIRED, WRONG_CODE};
use bursar_kernel::{DomainError, ErrorKind, Result, Secret};
use bursar_operations::{SignIn, SignOut, browser_issuers, open_cookie_session, sign_out};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure, page, return_to,
    said::{self, Said},
    typed_password,
    visitor::{OurForm, Visitor},
};
use crate::{
    api::caller::Client,
    http::{cookie, query::Query, status},
    state::AppState,
};

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit)).routes(routes!(leave))
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    product_name: &'a str,
    email: &'a str,
    return_to: &'a str,
    sign_up: String,
    refusal: Option<String>,
    said: Said,
    /// The password that was right, sealed: the page asks for a code.
    typed_password: Option<String>,
    /// Other ways in.
    issuers: Vec<Issuer<'a>>,
}

/// An outside issuer to sign in with.
struct Issuer<'a> {
    label: &'a str,
    link: String,
}

fn issuers<'a>(state: &'a AppState, return_to: &str) -> Vec<Issuer<'a>> {
    let issuers = browser_issuers(&state.core).into_iter();
    issuers
        .map(|issuer| Issuer {
            label: &issuer.label,
            link: return_to::leading_back(&format!("/sign-in/with/{}", issuer.name), return_to),
        })
        .collect()
}

#[derive(Deserialize)]
struct Shown {
    return_to: Option<String>,
    signed_out: Option<String>,
    done: Option<String>,
}

/// The page to sign in on.
#[utoipa::path(get, path = "/sign-in", responses((status = 200), (status = 303)), security(()))]
async fn show(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Query(shown): Query<Shown>,
) -> Response {
    let return_to = return_to::local(shown.return_to.as_deref(), &state.config.public_url);
    if visitor.is_some() {
        return Redirect::to(&return_to).into_response();
    }
    let done = if shown.signed_out.is_some() { Some("signed-out") } else { shown.done.as_deref() };
    let content = SignInPage {
        product_name: &state.config.product_name,
        email: "",
        return_to: &return_to,
        sign_up: return_to::sign_up(&return_to),
        refusal: None,
        said: Said::done(done),
        typed_password: None,
        issuers: issuers(&state, &return_to),
    };
    page(StatusCode::OK, &content)
}

/// What somebody typed: a password, or the code that was asked for after it.
#[derive(Deserialize)]
struct Typed {
    email: String,
    password: Option<String>,
    /// As the page that asks for a code carries it.
    typed_password: Option<String>,
    return_to: Option<String>,
    /// Of a second factor.
    code: Option<String>,
}

impl Typed {
    fn password(&self, state: &AppState) -> Option<Secret<String>> {
        let typed = self.password.clone().map(Secret::new);
        let carried = || self.typed_password.as_ref();
        typed.or_else(|| carried().and_then(|text| typed_password::open(state, &self.email, text)))
    }
}

/// Opens a session and goes on to where the person was going.
#[utoipa::path(post, path = "/sign-in", responses((status = 303)), security(()))]
async fn submit(State(state): State<AppState>, client: Client, OurForm(typed): OurForm<Typed>) -> Response {
    let return_to = return_to::local(typed.return_to.as_deref(), &state.config.public_url);
    let Some(password) = typed.password(&state) else {
        let late = DomainError::from(&TOTP_REQUIRED).saying("That took too long: type your password again");
        return again(&state, &typed.email, &return_to, &late, None);
    };
    let command = SignIn {
        email: typed.email.clone(),
        password: password.clone(),
        code: typed.code.clone().map(Secret::new),
    };
    let opened = open_cookie_session(&state.core, &client.0, command).await;
    match opened.and_then(|(_, secret)| cookie::open(&secret, state.config.is_https())) {
        Ok(cookie) => with_cookie(cookie, &return_to),
        Err(error) if error.kind() == ErrorKind::Internal => failure(&state, error),
        // After a right password alone.
        Err(error) if error.is(&TOTP_REQUIRED) || error.is(&WRONG_CODE) => {
            match typed_password::seal(&state, &typed.email, &password) {
                Ok(sealed) => again(&state, &typed.email, &return_to, &error, Some(sealed)),
                Err(error) => failure(&state, error),
            }
        }
        Err(error) => again(&state, &typed.email, &return_to, &error, None),
    }
}

/// The same page, with what was typed but for the password.
fn again(
    state: &AppState,
    email: &str,
    return_to: &str,
    refused: &DomainError,
    typed_password: Option<String>,
) -> Response {
    // That a code is asked for refuses nothing.
    let goes_on = typed_password.is_some() && refused.is(&TOTP_REQUIRED);
    let content = SignInPage {
        product_name: &state.config.product_name,
        email,
        return_to,
        sign_up: return_to::sign_up(return_to),
        refusal: (!goes_on).then(|| said::in_words(refused)),
        said: Said::default(),
        typed_password,
        issuers: issuers(state, return_to),
    };
    let status = if goes_on { StatusCode::OK } else { status::of(refused) };
    let mut answer = page(status, &content);
    status::add_retry_after(refused, answer.headers_mut());
    answer
}

/// Where a person goes who signs out to come back as somebody else.
#[derive(Deserialize)]
struct Leaving {
    return_to: Option<String>,
}

/// Ends the session and shows the page to sign in on.
#[utoipa::path(post, path = "/sign-out", responses((status = 303)), security(()))]
async fn leave(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    OurForm(leaving): OurForm<Leaving>,
) -> Response {
    let ended = match &visitor {
        Some(actor) => sign_out(&state.core, actor, SignOut::ThisSession).await,
        None => Ok(()),
    };
    let to = match leaving.return_to.as_deref() {
        Some(wanted) => return_to::local(Some(wanted), &state.config.public_url),
        None => "/sign-in?signed_out=true".to_owned(),
    };
    match ended.and_then(|()| without_cookie(&state, &to)) {
        Ok(answer) => answer,
        Err(error) => failure(&state, error),
    }
}

/// An answer that opens a session in the browser, and leads on.
pub(super) fn with_cookie(cookie: HeaderValue, to: &str) -> Response {
    ([(SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

/// An answer that takes the session out of the browser, and leads on.
pub(super) fn without_cookie(state: &AppState, to: &str) -> Result<Response> {
    Ok(with_cookie(cookie::close(state.config.is_https())?, to))
}

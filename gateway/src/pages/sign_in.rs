//! Signing in and out at a browser.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header::SET_COOKIE},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, ErrorKind, Secret};
use bursar_operations::{SignIn, SignOut, open_cookie_session, sign_out};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure, page, return_to,
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
    refusal: Option<String>,
    signed_out: bool,
}

#[derive(Deserialize)]
struct Shown {
    return_to: Option<String>,
    signed_out: Option<String>,
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
    let product_name = &state.config.product_name;
    let signed_out = shown.signed_out.is_some();
    page(
        StatusCode::OK,
        &SignInPage { product_name, email: "", return_to: &return_to, refusal: None, signed_out },
    )
}

/// What somebody typed.
#[derive(Deserialize)]
struct Typed {
    email: String,
    password: String,
    return_to: Option<String>,
}

/// Opens a session and goes on to where the person was going.
#[utoipa::path(post, path = "/sign-in", responses((status = 303)), security(()))]
async fn submit(State(state): State<AppState>, client: Client, OurForm(typed): OurForm<Typed>) -> Response {
    let return_to = return_to::local(typed.return_to.as_deref(), &state.config.public_url);
    let command = SignIn { email: typed.email.clone(), password: Secret::new(typed.password) };
    let opened = open_cookie_session(&state.core, &client.0, command).await;
    let refused = match opened.and_then(|(_, secret)| cookie::open(&secret, state.config.is_https())) {
        Ok(cookie) => return with_cookie(cookie, &return_to),
        Err(error) if error.kind() == ErrorKind::Internal => return failure(&state, error),
        Err(error) => error,
    };
    // The same page again, with what was typed but for the password.
    let content = SignInPage {
        product_name: &state.config.product_name,
        email: &typed.email,
        return_to: &return_to,
        refusal: Some(in_words(&refused)),
        signed_out: false,
    };
    let mut answer = page(status::of(&refused), &content);
    status::add_retry_after(&refused, answer.headers_mut());
    answer
}

fn in_words(refused: &DomainError) -> String {
    match refused.get("retry_after_seconds") {
        Some("1") => "Too many attempts. Try again in a second.".to_owned(),
        Some(seconds) => format!("Too many attempts. Try again in {seconds} seconds."),
        None => format!("{refused}."),
    }
}

/// Ends the session and shows the page to sign in on.
#[utoipa::path(post, path = "/sign-out", responses((status = 303)), security(()))]
async fn leave(State(state): State<AppState>, Visitor(visitor): Visitor, _: OurForm<Pressed>) -> Response {
    let ended = match &visitor {
        Some(actor) => sign_out(&state.core, actor, SignOut::ThisSession).await,
        None => Ok(()),
    };
    match ended.and_then(|()| cookie::close(state.config.is_https())) {
        Ok(cookie) => with_cookie(cookie, "/sign-in?signed_out=true"),
        Err(error) => failure(&state, error),
    }
}

/// A form that is one button.
#[derive(Deserialize)]
struct Pressed {}

fn with_cookie(cookie: HeaderValue, to: &str) -> Response {
    ([(SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

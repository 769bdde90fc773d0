//! Links that show that somebody reads an address: the one that it has, or another one.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::error::LINK_INVALID;
use bursar_kernel::DomainError;
use bursar_operations::{change_email, verify_email};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure,
    mailed::Link,
    said::Said,
    visitor::{OurForm, Visitor},
};
use crate::{api::caller::Client, http::query::Query, state::AppState};

const FORM: &str = "email";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show_verify, verify)).routes(routes!(show_change, change))
}

#[derive(Template)]
#[template(path = "email.html")]
struct EmailPage<'a> {
    product_name: &'a str,
    heading: &'static str,
    explanation: &'static str,
    button: &'static str,
    path: &'static str,
    token: &'a str,
    is_over: bool,
    said: &'a Said,
}

fn verifying(state: &AppState, token: &str, said: &Said) -> Response {
    said.on(&EmailPage {
        product_name: &state.config.product_name,
        heading: "Verify your e-mail address",
        explanation: "This shows that mail to this address reaches you.",
        button: "Verify",
        path: "/email/verify",
        token,
        is_over: said.is(LINK_INVALID.code),
        said,
    })
}

fn changing(state: &AppState, token: &str, said: &Said) -> Response {
    said.on(&EmailPage {
        product_name: &state.config.product_name,
        heading: "Change your e-mail address",
        explanation: "From now on you sign in with this address and get your mail there.",
        button: "Use this address",
        path: "/email/change",
        token,
        is_over: said.is(LINK_INVALID.code),
        said,
    })
}

/// The page that a link to verify leads to. It asks first: programs look at links before people do.
#[utoipa::path(get, path = "/email/verify", responses((status = 200)), security(()))]
async fn show_verify(State(state): State<AppState>, Query(link): Query<Link>) -> Response {
    verifying(&state, &link.token, &Said::default())
}

/// Takes the link as the proof.
#[utoipa::path(post, path = "/email/verify", responses((status = 303)), security(()))]
async fn verify(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    client: Client,
    OurForm(link): OurForm<Link>,
) -> Response {
    match verify_email(&state.core, &client.0, &link.token).await {
        Ok(()) => led_on(visitor.is_some(), "verified"),
        Err(error) => refused(&state, error, |said| verifying(&state, &link.token, said)),
    }
}

/// The page that a link to another address leads to.
#[utoipa::path(get, path = "/email/change", responses((status = 200)), security(()))]
async fn show_change(State(state): State<AppState>, Query(link): Query<Link>) -> Response {
    changing(&state, &link.token, &Said::default())
}

/// Makes the address the person's own.
#[utoipa::path(post, path = "/email/change", responses((status = 303)), security(()))]
async fn change(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    client: Client,
    OurForm(link): OurForm<Link>,
) -> Response {
    match change_email(&state.core, &client.0, &link.token).await {
        Ok(()) => led_on(visitor.is_some(), "address"),
        Err(error) => refused(&state, error, |said| changing(&state, &link.token, said)),
    }
}

/// Whoever follows a link may be signed in here or not.
fn led_on(is_signed_in: bool, done: &str) -> Response {
    let page = if is_signed_in { "/security" } else { "/sign-in" };
    Redirect::to(&format!("{page}?done={done}")).into_response()
}

fn refused(state: &AppState, error: DomainError, shown: impl FnOnce(&Said) -> Response) -> Response {
    match Said::refused(FORM, error, []) {
        Ok(said) => shown(&said),
        Err(error) => failure(state, error),
    }
}

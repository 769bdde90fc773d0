//! A forgotten password, and the link by which another one is chosen.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::error::LINK_INVALID;
use bursar_operations::{request_password_reset, reset_password};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure,
    mailed::{AskPage, Asked, Link, Mailbox},
    said::Said,
    visitor::OurForm,
};
use crate::{api::caller::Client, http::query::Query, state::AppState};

const FORM: &str = "reset";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show_forgot, forgot)).routes(routes!(show, submit))
}

/// The page to ask for a link on.
#[utoipa::path(get, path = "/password/forgot", responses((status = 200)), security(()))]
async fn show_forgot(State(state): State<AppState>, Query(asked): Query<Asked>) -> Response {
    AskPage::new_password(&state, &asked, &Said::default())
}

/// Mails a link, if somebody has the address. The answer is the same for all.
#[utoipa::path(post, path = "/password/forgot", responses((status = 303)), security(()))]
async fn forgot(
    State(state): State<AppState>,
    client: Client,
    OurForm(mailbox): OurForm<Mailbox>,
) -> Response {
    match request_password_reset(&state.core, &client.0, &mailbox.email).await {
        Ok(()) => Redirect::to("/password/forgot?sent=true").into_response(),
        Err(error) => match Said::refused(AskPage::FORM, error, [("email", mailbox.email)]) {
            Ok(said) => AskPage::new_password(&state, &Asked::default(), &said),
            Err(error) => failure(&state, error),
        },
    }
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    product_name: &'a str,
    token: &'a str,
    is_over: bool,
    said: &'a Said,
}

fn shown(state: &AppState, token: &str, said: &Said) -> Response {
    let product_name = &state.config.product_name;
    said.on(&ResetPage { product_name, token, is_over: said.is(LINK_INVALID.code), said })
}

/// The page that a link leads to.
#[utoipa::path(get, path = "/password/reset", responses((status = 200)), security(()))]
async fn show(State(state): State<AppState>, Query(link): Query<Link>) -> Response {
    shown(&state, &link.token, &Said::default())
}

/// A new password, by a link.
#[derive(Deserialize)]
struct Chosen {
    token: String,
    password: String,
}

/// Sets the new password. Every session ends, so the person signs in with it.
#[utoipa::path(post, path = "/password/reset", responses((status = 303)), security(()))]
async fn submit(State(state): State<AppState>, client: Client, OurForm(chosen): OurForm<Chosen>) -> Response {
    match reset_password(&state.core, &client.0, &chosen.token, chosen.password).await {
        Ok(()) => Redirect::to("/sign-in?done=reset").into_response(),
        Err(error) => match Said::refused(FORM, error, []) {
            Ok(said) => shown(&state, &chosen.token, &said),
            Err(error) => failure(&state, error),
        },
    }
}

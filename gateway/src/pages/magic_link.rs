//! Signing in by a link that comes by mail.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::error::{LINK_INVALID, TOTP_REQUIRED, WRONG_CODE};
use bursar_kernel::{DomainError, Result, Secret};
use bursar_operations::{MagicSignIn, open_cookie_session_by_link, request_magic_link};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure,
    mailed::{AskPage, Asked, Link, Mailbox},
    return_to::ACCOUNT,
    said::Said,
    sign_in::with_cookie,
    visitor::OurForm,
};
use crate::{
    api::caller::Client,
    http::{cookie, query::Query},
    state::AppState,
};

const FORM: &str = "link";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show_ask, ask)).routes(routes!(show, submit))
}

/// The page to ask for a link on.
#[utoipa::path(get, path = "/sign-in/mail", responses((status = 200)), security(()))]
async fn show_ask(State(state): State<AppState>, Query(asked): Query<Asked>) -> Response {
    AskPage::magic_link(&state, &asked, &Said::default())
}

/// Mails a link, if somebody has the address. The answer is the same for all.
#[utoipa::path(post, path = "/sign-in/mail", responses((status = 303)), security(()))]
async fn ask(State(state): State<AppState>, client: Client, OurForm(mailbox): OurForm<Mailbox>) -> Response {
    match request_magic_link(&state.core, &client.0, &mailbox.email).await {
        Ok(()) => Redirect::to("/sign-in/mail?sent=true").into_response(),
        Err(error) => match Said::refused(AskPage::FORM, error, [("email", mailbox.email)]) {
            Ok(said) => AskPage::magic_link(&state, &Asked::default(), &said),
            Err(error) => failure(&state, error),
        },
    }
}

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    product_name: &'a str,
    token: &'a str,
    asks_code: bool,
    is_over: bool,
    said: &'a Said,
}

fn shown(state: &AppState, token: &str, asks_code: bool, said: &Said) -> Response {
    let product_name = &state.config.product_name;
    said.on(&LinkPage { product_name, token, asks_code, is_over: said.is(LINK_INVALID.code), said })
}

/// The page that a link leads to. It asks first: programs look at links before people do.
#[utoipa::path(get, path = "/sign-in/link", responses((status = 200)), security(()))]
async fn show(State(state): State<AppState>, Query(link): Query<Link>) -> Response {
    shown(&state, &link.token, false, &Said::default())
}

/// A link that was followed.
#[derive(Deserialize)]
struct Followed {
    token: String,
    /// Of a second factor.
    code: Option<String>,
}

/// Opens a session by the link.
#[utoipa::path(post, path = "/sign-in/link", responses((status = 303)), security(()))]
async fn submit(
    State(state): State<AppState>,
    client: Client,
    OurForm(followed): OurForm<Followed>,
) -> Response {
    let shown_token = Secret::new(followed.token.clone());
    let command = MagicSignIn { token: shown_token, code: followed.code.map(Secret::new) };
    match open(&state, &client, command).await {
        Ok(answer) => answer,
        // After a good link, which stays good: nothing is refused.
        Err(error) if error.is(&TOTP_REQUIRED) => shown(&state, &followed.token, true, &Said::default()),
        Err(error) => {
            let asks_code = error.is(&WRONG_CODE);
            match Said::refused(FORM, error, []) {
                Ok(said) => shown(&state, &followed.token, asks_code, &said),
                Err(error) => failure(&state, error),
            }
        }
    }
}

async fn open(state: &AppState, client: &Client, command: MagicSignIn) -> Result<Response, DomainError> {
    let (_, secret) = open_cookie_session_by_link(&state.core, &client.0, command).await?;
    Ok(with_cookie(cookie::open(&secret, state.config.is_https())?, ACCOUNT))
}

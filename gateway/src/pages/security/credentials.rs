//! The person's password and address.

use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::EmailAddress;
use bursar_kernel::{Result, Secret};
use bursar_operations::{Actor, change_password, request_email_change, request_email_verification};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shown;
use crate::{
    pages::{
        mailed::Mailbox,
        said::Said,
        visitor::{OurForm, Person},
    },
    state::AppState,
};

const PASSWORD: &str = "password";
pub(super) const EMAIL: &str = "email";
const VERIFICATION: &str = "verification";

/// Their routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(set_password)).routes(routes!(set_email)).routes(routes!(verify))
}

/// A new password in place of the present one.
#[derive(Deserialize)]
struct Passwords {
    current: String,
    new: String,
}

/// Changes the password.
#[utoipa::path(post, path = "/security/password", responses((status = 303)), security(()))]
async fn set_password(
    State(state): State<AppState>,
    person: Person,
    OurForm(typed): OurForm<Passwords>,
) -> Response {
    person.answered(&state, password_set(&state, &person.actor, typed).await)
}

async fn password_set(state: &AppState, actor: &Actor, typed: Passwords) -> Result<Response> {
    match change_password(&state.core, actor, Secret::new(typed.current), typed.new).await {
        Ok(()) => Ok(Redirect::to("/security?done=password").into_response()),
        Err(error) => shown(state, actor, &Said::refused(PASSWORD, error, [])?).await,
    }
}

/// Mails a link to another address.
#[utoipa::path(post, path = "/security/email", responses((status = 303)), security(()))]
async fn set_email(
    State(state): State<AppState>,
    person: Person,
    OurForm(typed): OurForm<Mailbox>,
) -> Response {
    person.answered(&state, email_asked(&state, &person.actor, typed.email).await)
}

async fn email_asked(state: &AppState, actor: &Actor, email: String) -> Result<Response> {
    let asked = match EmailAddress::parse(&email) {
        Ok(address) => request_email_change(&state.core, actor, address).await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(()) => Ok(Redirect::to("/security?done=mailed").into_response()),
        Err(error) => shown(state, actor, &Said::refused(EMAIL, error, [("email", email)])?).await,
    }
}

/// A form that is one button.
#[derive(Deserialize)]
pub(super) struct Pressed {}

/// Mails the link to verify once more.
#[utoipa::path(post, path = "/security/verification", responses((status = 303)), security(()))]
async fn verify(State(state): State<AppState>, person: Person, _: OurForm<Pressed>) -> Response {
    person.answered(&state, verification_asked(&state, &person.actor).await)
}

async fn verification_asked(state: &AppState, actor: &Actor) -> Result<Response> {
    match request_email_verification(&state.core, actor).await {
        Ok(()) => Ok(Redirect::to("/security?done=mailed").into_response()),
        Err(error) => shown(state, actor, &Said::refused(VERIFICATION, error, [])?).await,
    }
}

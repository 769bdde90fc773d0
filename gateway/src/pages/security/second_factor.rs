//! Turning the second factor on and off.
//!
//! The secret and the recovery codes are told once, in the answer to the form that makes them:
//! there is no page to come back to.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{Result, Secret};
use bursar_operations::{
    Actor, begin_second_factor, confirm_second_factor, read_profile, remove_second_factor,
    renew_recovery_codes,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{credentials::Pressed, shown};
use crate::{
    pages::{
        area::{Area, Place},
        page,
        said::Said,
        visitor::{OurForm, Person},
    },
    state::AppState,
};

const BEGIN: &str = "begin";
const CONFIRM: &str = "confirm";
const RENEW: &str = "renew";
const REMOVE: &str = "remove";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(begin))
        .routes(routes!(confirm))
        .routes(routes!(renew))
        .routes(routes!(remove))
}

#[derive(Template)]
#[template(path = "enrolment.html")]
struct EnrolmentPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    /// In groups of four letters, as people copy it.
    secret: Vec<String>,
    uri: &'a str,
}

/// Shows a secret for the device that will make the codes.
#[utoipa::path(post, path = "/security/second-factor", responses((status = 200)), security(()))]
async fn begin(State(state): State<AppState>, person: Person, _: OurForm<Pressed>) -> Response {
    person.answered(&state, begun(&state, &person.actor).await)
}

async fn begun(state: &AppState, actor: &Actor) -> Result<Response> {
    let enrolment = match begin_second_factor(&state.core, actor).await {
        Ok(enrolment) => enrolment,
        Err(error) => return shown(state, actor, &Said::refused(BEGIN, error, [])?).await,
    };
    let profile = read_profile(&state.core, actor).await?;
    let content = EnrolmentPage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Security),
        said: &Said::default(),
        secret: in_groups(enrolment.secret_base32.expose()),
        uri: enrolment.otpauth_uri.expose(),
    };
    Ok(page(StatusCode::OK, &content))
}

fn in_groups(secret: &str) -> Vec<String> {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect()).collect()
}

/// A code of the device, or a recovery code.
#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodesPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    heading: &'static str,
    codes: Vec<&'a str>,
}

async fn codes_shown(
    state: &AppState,
    actor: &Actor,
    heading: &'static str,
    codes: &[Secret<String>],
) -> Result<Response> {
    let profile = read_profile(&state.core, actor).await?;
    let content = RecoveryCodesPage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Security),
        said: &Said::default(),
        heading,
        codes: codes.iter().map(|code| code.expose().as_str()).collect(),
    };
    Ok(page(StatusCode::OK, &content))
}

/// Turns it on by its first code, and shows the recovery codes.
#[utoipa::path(post, path = "/security/second-factor/confirm", responses((status = 200)), security(()))]
async fn confirm(State(state): State<AppState>, person: Person, OurForm(typed): OurForm<Code>) -> Response {
    person.answered(&state, confirmed(&state, &person.actor, &typed.code).await)
}

async fn confirmed(state: &AppState, actor: &Actor, code: &str) -> Result<Response> {
    match confirm_second_factor(&state.core, actor, code.trim()).await {
        Ok(codes) => codes_shown(state, actor, "The second factor is on", &codes).await,
        Err(error) => shown(state, actor, &Said::refused(CONFIRM, error, [])?).await,
    }
}

/// Makes new recovery codes and shows them.
#[utoipa::path(post, path = "/security/recovery-codes", responses((status = 200)), security(()))]
async fn renew(State(state): State<AppState>, person: Person, _: OurForm<Pressed>) -> Response {
    person.answered(&state, renewed(&state, &person.actor).await)
}

async fn renewed(state: &AppState, actor: &Actor) -> Result<Response> {
    match renew_recovery_codes(&state.core, actor).await {
        Ok(codes) => codes_shown(state, actor, "New recovery codes", &codes).await,
        Err(error) => shown(state, actor, &Said::refused(RENEW, error, [])?).await,
    }
}

/// Turns it off by a code of it.
#[utoipa::path(post, path = "/security/second-factor/off", responses((status = 303)), security(()))]
async fn remove(State(state): State<AppState>, person: Person, OurForm(typed): OurForm<Code>) -> Response {
    person.answered(&state, removed(&state, &person.actor, &typed.code).await)
}

async fn removed(state: &AppState, actor: &Actor, code: &str) -> Result<Response> {
    match remove_second_factor(&state.core, actor, code.trim()).await {
        Ok(()) => Ok(Redirect::to("/security?done=factor-off").into_response()),
        Err(error) => shown(state, actor, &Said::refused(REMOVE, error, [])?).await,
    }
}

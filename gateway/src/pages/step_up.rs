//! Proving oneself again in an open session, before what is dangerous.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::FactorState;
use bursar_kernel::{Result, Secret};
use bursar_operations::{read_profile, read_second_factor, step_up};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    return_to,
    said::Said,
    visitor::{OurForm, Person},
};
use crate::{http::query::Query, state::AppState};

const FORM: &str = "step-up";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit))
}

#[derive(Template)]
#[template(path = "step_up.html")]
struct StepUpPage<'a> {
    product_name: &'a str,
    email: &'a str,
    return_to: &'a str,
    asks_code: bool,
    said: &'a Said,
}

#[derive(Deserialize)]
struct Shown {
    return_to: Option<String>,
}

/// The page to prove oneself again on.
#[utoipa::path(get, path = "/step-up", responses((status = 200), (status = 303)), security(()))]
async fn show(State(state): State<AppState>, person: Person, Query(asked): Query<Shown>) -> Response {
    let return_to = return_to::local(asked.return_to.as_deref(), &state.config.public_url);
    person.answered(&state, shown(&state, &person, &return_to, &Said::default()).await)
}

async fn shown(state: &AppState, person: &Person, return_to: &str, said: &Said) -> Result<Response> {
    let profile = read_profile(&state.core, &person.actor).await?;
    let factor = read_second_factor(&state.core, &person.actor).await?;
    Ok(said.on(&StepUpPage {
        product_name: &state.config.product_name,
        email: profile.user.email.as_str(),
        return_to,
        asks_code: matches!(factor, FactorState::On { .. }),
        said,
    }))
}

/// What proves the person.
#[derive(Deserialize)]
struct Typed {
    password: String,
    code: Option<String>,
    return_to: Option<String>,
}

/// Takes the proof and leads back.
#[utoipa::path(post, path = "/step-up", responses((status = 303)), security(()))]
async fn submit(State(state): State<AppState>, person: Person, OurForm(typed): OurForm<Typed>) -> Response {
    person.answered(&state, prove(&state, &person, typed).await)
}

async fn prove(state: &AppState, person: &Person, typed: Typed) -> Result<Response> {
    let return_to = return_to::local(typed.return_to.as_deref(), &state.config.public_url);
    let code = typed.code.map(Secret::new);
    match step_up(&state.core, &person.actor, Secret::new(typed.password), code.as_ref()).await {
        Ok(()) => Ok(Redirect::to(&return_to).into_response()),
        Err(error) => shown(state, person, &return_to, &Said::refused(FORM, error, [])?).await,
    }
}

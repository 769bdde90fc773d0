//! The key that an organization has from its beginning. It can be shown again, to who runs the
//! organization.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{
    Actor, OrganizationWithKey, Profile, error::INSUFFICIENT_PERMISSIONS, read_organization_with_key,
    read_profile, regenerate_organization_key,
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    answered,
    change::Pressed,
    done, runs,
    told::{Asked, Told},
};
use crate::{
    http::query::Query,
    pages::{
        area::{Area, Place},
        page,
        visitor::{OurForm, Person},
    },
    state::AppState,
};

const PATH: &str = "/keys/organization";
const CONFIRMATION: &str = "/keys/organization/regenerate";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show)).routes(routes!(confirm, regenerate))
}

/// The organization that the person acts for, with its key.
///
/// # Errors
/// `organization_not_found` where it acts for itself; `insufficient_permissions` for who does not run
/// the organization.
async fn run_by(state: &AppState, actor: &Actor) -> Result<(Profile, OrganizationWithKey)> {
    let known = read_organization_with_key(&state.core, actor).await?;
    let profile = read_profile(&state.core, actor).await?;
    if runs(&profile, known.organization.id) {
        Ok((profile, known))
    } else {
        Err(DomainError::from(&INSUFFICIENT_PERMISSIONS))
    }
}

#[derive(Template)]
#[template(path = "keys_organization.html")]
struct OrganizationKeyPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Told,
    organization: &'a str,
    key: Option<&'a str>,
}

/// The key, whole.
#[utoipa::path(get, path = "/keys/organization", responses((status = 200), (status = 303)), security(()))]
async fn show(State(state): State<AppState>, person: Person, Query(asked): Query<Asked>) -> Response {
    person.answered(&state, shown(&state, &person.actor, &asked.into()).await)
}

async fn shown(state: &AppState, actor: &Actor, said: &Told) -> Result<Response> {
    let (profile, known) = run_by(state, actor).await?;
    Ok(said.on(&OrganizationKeyPage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Keys),
        said,
        organization: &known.organization.name,
        key: known.api_key.as_ref().map(|key| key.expose().as_str()),
    }))
}

#[derive(Template)]
#[template(path = "keys_regenerate.html")]
struct RegeneratePage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Told,
    organization: &'a str,
}

/// Asks whether the key is to be replaced.
#[utoipa::path(get, path = "/keys/organization/regenerate", responses((status = 200), (status = 303)),
    security(()))]
async fn confirm(State(state): State<AppState>, person: Person) -> Response {
    person.answered(&state, asked(&state, &person.actor).await)
}

async fn asked(state: &AppState, actor: &Actor) -> Result<Response> {
    let (profile, known) = run_by(state, actor).await?;
    let content = RegeneratePage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Keys),
        said: &Told::default(),
        organization: &known.organization.name,
    };
    Ok(page(StatusCode::OK, &content))
}

/// Replaces the key.
#[utoipa::path(post, path = "/keys/organization/regenerate", responses((status = 303)), security(()))]
async fn regenerate(State(state): State<AppState>, person: Person, _: OurForm<Pressed>) -> Response {
    let outcome = regenerated(&state, &person.actor).await;
    answered(&state, &person, CONFIRMATION, None, outcome)
}

async fn regenerated(state: &AppState, actor: &Actor) -> Result<Response> {
    regenerate_organization_key(&state.core, actor).await?;
    Ok(done(PATH, "regenerated"))
}

//! The end of an organization.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, delete_organization, error::INSUFFICIENT_PERMISSIONS};
use bursar_orgs_and_membership::Permission;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Seen;
use crate::{
    pages::{
        area::Area,
        said::Said,
        visitor::{OurForm, Person},
    },
    state::AppState,
};

const FORM: &str = "delete";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(confirm, delete))
}

#[derive(Template)]
#[template(path = "delete_organization.html")]
struct DeletePage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    path: &'a str,
    name: &'a str,
    others: u64,
    typed: &'a str,
}

/// Asks whether the organization is to be deleted.
#[utoipa::path(get, path = "/organizations/{orgId}/delete", params(("orgId" = String, Path)),
    responses((status = 200)), security(()))]
async fn confirm(
    State(state): State<AppState>,
    person: Person,
    Path(organization): Path<String>,
) -> Response {
    let said = Said::default();
    let outcome = match Seen::by(&state, &person.actor, &organization).await {
        Ok(seen) => asked(&state, &seen, &said),
        Err(error) => Err(error),
    };
    person.answered(&state, outcome)
}

fn asked(state: &AppState, seen: &Seen, said: &Said) -> Result<Response> {
    if !seen.may(Permission::TransferOrDelete) {
        return Err(DomainError::from(&INSUFFICIENT_PERMISSIONS));
    }
    Ok(said.on(&DeletePage {
        product_name: &state.config.product_name,
        area: Area::on(&seen.organization),
        said,
        path: &seen.path,
        name: &seen.organization.name,
        others: seen.organization.member_count.saturating_sub(1),
        typed: said.typed(FORM, "name", ""),
    }))
}

/// The name, typed to confirm.
#[derive(Deserialize)]
struct Typed {
    name: String,
}

/// Deletes the organization, once its name was typed.
#[utoipa::path(post, path = "/organizations/{orgId}/delete", params(("orgId" = String, Path)),
    responses((status = 303)), security(()))]
async fn delete(
    State(state): State<AppState>,
    person: Person,
    Path(organization): Path<String>,
    OurForm(typed): OurForm<Typed>,
) -> Response {
    person.answered(&state, deleted(&state, &person.actor, &organization, typed.name).await)
}

async fn deleted(state: &AppState, actor: &Actor, organization: &str, name: String) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    let outcome = if name.trim() == seen.organization.name {
        delete_organization(&state.core, actor, seen.organization.id).await
    } else {
        Err(DomainError::invalid("name", "is not the one of this organization"))
    };
    match outcome {
        Ok(()) => Ok(Redirect::to("/account?done=gone").into_response()),
        Err(error) => asked(state, &seen, &Said::refused(FORM, error, [("name", name)])?),
    }
}

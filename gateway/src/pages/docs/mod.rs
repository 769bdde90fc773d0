//! The documents for people: every operation of a family on one page, read from its OpenAPI
//! document, with a form beside each to try it. Without scripts everything is there but the forms.

mod family;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header::CONTENT_SECURITY_POLICY},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, Result};
use serde_json::Value;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::family::Family;
use super::{failure, page};
use crate::{
    http::{codes::ROUTE_NOT_FOUND, security_headers},
    state::AppState,
};

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(front)).routes(routes!(show)).routes(routes!(script))
}

/// The front page is the family that most people look for.
#[utoipa::path(get, path = "/docs", responses((status = 303)), security(()))]
async fn front() -> Redirect {
    Redirect::to("/docs/accounts")
}

#[derive(Template)]
#[template(path = "docs.html")]
struct DocsPage<'a> {
    product_name: &'a str,
    families: Vec<&'a str>,
    name: &'a str,
    family: Family,
}

/// A family's operations.
#[utoipa::path(get, path = "/docs/{family}", params(("family" = String, Path)), responses((status = 200), (status = 404)), security(()))]
async fn show(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    match read(&state, &name) {
        Ok(family) => {
            let content = DocsPage {
                product_name: &state.config.product_name,
                families: state.documents.names().collect(),
                name: &name,
                family,
            };
            let mut answer = page(StatusCode::OK, &content);
            answer.headers_mut().insert(CONTENT_SECURITY_POLICY, security_headers::DOCS);
            answer
        }
        Err(error) => failure(&state, error),
    }
}

fn read(state: &AppState, name: &str) -> Result<Family> {
    let document = state
        .documents
        .get(name)
        .ok_or_else(|| DomainError::from(&ROUTE_NOT_FOUND).saying("There is no such family"))?;
    let document: Value = serde_json::from_str(&document).map_err(DomainError::internal)?;
    Ok(Family::read(&document))
}

/// What sends the forms.
#[utoipa::path(get, path = "/assets/docs.js", responses((status = 200)))]
async fn script() -> Response {
    super::asset("text/javascript; charset=utf-8", include_str!("../../../assets/docs.js")).into_response()
}

//! Pages for people: plain HTML from one layout, one stylesheet, no script.

pub mod sandbox;

use askama::Template;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use bursar_kernel::DomainError;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{failure::Failure, security_headers, status},
    state::AppState,
};

/// What every page needs.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(stylesheet))
}

/// The one stylesheet.
#[utoipa::path(get, path = "/assets/style.css", responses((status = 200)))]
async fn stylesheet() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    (headers, include_str!("../../assets/style.css")).into_response()
}

/// A page.
fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => {
            (status, [(header::CONTENT_SECURITY_POLICY, security_headers::PAGE)], Html(text)).into_response()
        }
        Err(error) => Failure::from(DomainError::internal(error)).into_response(),
    }
}

#[derive(Template)]
#[template(path = "failure.html")]
struct FailurePage<'a> {
    product_name: &'a str,
    status: StatusCode,
    sentence: String,
}

/// A failure as a page. What is our fault goes to the frame, which logs it.
fn failure(state: &AppState, error: DomainError) -> Response {
    let status = status::of(&error);
    if status.is_server_error() {
        return Failure::from(error).into_response();
    }
    let product_name = &state.config.product_name;
    page(status, &FailurePage { product_name, status, sentence: error.to_string() })
}

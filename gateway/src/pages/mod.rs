//! Pages for people: plain HTML from one layout, one stylesheet, no script.

mod account;
mod area;
pub(crate) mod authorize;
mod callback;
mod device;
mod docs;
mod email;
mod invite;
mod keys;
mod magic_link;
pub mod mailbox;
mod mailed;
mod organization;
mod outside;
mod password;
mod return_to;
mod said;
pub mod sandbox;
mod security;
mod sign_in;
mod sign_up;
mod step_up;
mod typed_password;
mod visitor;
mod when;

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
    OpenApiRouter::default()
        .routes(routes!(stylesheet))
        .routes(routes!(icon))
        .merge(account::routes())
        .merge(authorize::routes())
        .merge(docs::routes())
        .merge(email::routes())
        .merge(invite::routes())
        .merge(keys::routes())
        .merge(magic_link::routes())
        .merge(organization::routes())
        .merge(outside::routes())
        .merge(password::routes())
        .merge(security::routes())
        .merge(sign_in::routes())
        .merge(sign_up::routes())
        .merge(step_up::routes())
}

/// The one stylesheet.
#[utoipa::path(get, path = "/assets/style.css", responses((status = 200)))]
async fn stylesheet() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../assets/style.css"))
}

/// The sign of every page in the browser's tabs.
#[utoipa::path(get, path = "/assets/icon.svg", responses((status = 200)))]
async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../../assets/icon.svg"))
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    (headers, text).into_response()
}

/// A page.
fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => {
            let headers = [
                (header::CONTENT_SECURITY_POLICY, security_headers::PAGE),
                (header::REFERRER_POLICY, security_headers::PAGE_REFERRER),
            ];
            (status, headers, Html(text)).into_response()
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
    let sentence = said::plainly(&error).map_or_else(|| error.to_string(), str::to_owned);
    page(status, &FailurePage { product_name, status, sentence })
}

//! Health, metrics and documents: for those who run the server.

use std::net::SocketAddr;

use axum::{
    Extension,
    extract::{ConnectInfo, Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use bursar_migrations::{Migrator, MigratorTrait as _};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    http::{
        codes::ROUTE_NOT_FOUND,
        failure::{Failure, Result},
        security_headers,
    },
    state::AppState,
};

/// Its routes.
pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(healthz))
        .routes(routes!(readyz))
        .routes(routes!(metrics))
        .routes(routes!(openapi))
        .routes(routes!(root))
        .routes(routes!(docs_root))
        .routes(routes!(docs))
}

/// The process is alive.
#[utoipa::path(get, path = "/healthz", responses((status = 200)))]
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers and every migration was applied: requests may come.
#[utoipa::path(get, path = "/readyz", responses((status = 200), (status = 503)))]
async fn readyz(State(state): State<AppState>) -> Response {
    match Migrator::get_pending_migrations_read_only(state.db.for_migrations()).await {
        Ok(pending) if pending.is_empty() => "ready\n".into_response(),
        Ok(pending) => {
            let said = format!("{} migrations are not applied\n", pending.len());
            (StatusCode::SERVICE_UNAVAILABLE, said).into_response()
        }
        Err(error) => {
            tracing::warn!(%error, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n").into_response()
        }
    }
}

/// What Prometheus scrapes, for the networks that may.
#[utoipa::path(get, path = "/metrics", responses((status = 200), (status = 404)))]
async fn metrics(
    State(state): State<AppState>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
) -> Result<Response> {
    // The peer itself, never a forwarded address: a scraper stands in the operator's network. No
    // peer is a test in this process.
    let networks = &state.config.metrics_networks;
    let admitted = peer.is_none_or(|Extension(ConnectInfo(peer))| {
        networks.iter().any(|network| network.contains(peer.ip()))
    });
    let handle = state.metrics.as_ref().filter(|_| admitted).ok_or_else(not_found)?;
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, content_type)], handle.render()).into_response())
}

/// A family's document: `accounts.json`, `auth.json`, `platform.json`, `webhooks.json`.
#[utoipa::path(get, path = "/openapi/{file}", params(("file" = String, Path)), responses((status = 200), (status = 404)))]
async fn openapi(State(state): State<AppState>, Path(file): Path<String>) -> Result<Response> {
    let document = file.strip_suffix(".json").and_then(|family| state.documents.get(family));
    let document = document.ok_or_else(not_found)?;
    let content_type = HeaderValue::from_static("application/json");
    Ok(([(header::CONTENT_TYPE, content_type)], document.to_string()).into_response())
}

/// Whoever opens the bare address wants to know what there is.
#[utoipa::path(get, path = "/", responses((status = 303)))]
async fn root() -> Redirect {
    Redirect::to("/docs/index.html")
}

/// The documents, browsable without the internet.
#[utoipa::path(get, path = "/docs", responses((status = 303)))]
async fn docs_root() -> Redirect {
    Redirect::to("/docs/index.html")
}

/// The files of the documentation browser.
#[utoipa::path(get, path = "/docs/{*file}", params(("file" = String, Path)), responses((status = 200), (status = 404)))]
async fn docs(State(state): State<AppState>, Path(file): Path<String>) -> Result<Response> {
    let names: Vec<String> =
        state.documents.names().map(|family| format!("/openapi/{family}.json")).collect();
    let urls =
        state.documents.names().zip(&names).map(|(family, url)| utoipa_swagger_ui::Url::new(family, url));
    let config = utoipa_swagger_ui::Config::new(urls).try_it_out_enabled(true).persist_authorization(true);
    let found = utoipa_swagger_ui::serve(&file, std::sync::Arc::new(config));
    let found = found.map_err(|error| bursar_kernel::DomainError::internal(error.to_string()))?;
    let found = found.ok_or_else(not_found)?;
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::try_from(found.content_type).map_err(bursar_kernel::DomainError::internal)?,
        ),
        (header::CONTENT_SECURITY_POLICY, security_headers::DOCS),
    ];
    Ok((headers, found.bytes.into_owned()).into_response())
}

fn not_found() -> Failure {
    (&ROUTE_NOT_FOUND).into()
}

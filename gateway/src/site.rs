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
    Redirect::to("/docs")
}

fn not_found() -> Failure {
    (&ROUTE_NOT_FOUND).into()
}

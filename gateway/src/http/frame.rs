//! The frame around every request, matched or not. What it does, in order, stands in one
//! function: a request identifier, the route, one span, the time limit, panics, the family's
//! words for a failure, headers, metrics.

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Instant,
};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use bursar_kernel::DomainError;
use futures_util::FutureExt as _;
use tracing::{Instrument as _, field::Empty};

use super::{
    client_ip::client_ip,
    codes, credential,
    failure::{self, Context, Failure},
    family::{Family, Route},
    metrics,
    rate_limits::{Counted, counts_addresses},
    request_id::{self, RequestId},
    security_headers,
};
use crate::state::AppState;

/// Where a request comes from, for the audit trail and the limits.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The client's address, as far as the operator's proxies are believed.
    pub ip: Option<IpAddr>,
    /// The request's identifier.
    pub request_id: RequestId,
    /// Which API is asked.
    pub family: Family,
    /// Whether it is looked at who calls.
    pub recognizes_callers: bool,
    /// What it was counted as.
    pub counted: Counted,
}

/// The frame, as a layer.
pub async fn frame(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let request_id = RequestId::choose(request.headers(), state.db.entropy().as_ref());
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let route = state.routes.find(request.method(), matched, request.uri().path());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    let ip = client_ip(peer, request.headers(), &state.config.http.trusted_proxies);
    // Neither the query nor the path: secrets travel in both.
    let span = tracing::info_span!(
        "request",
        request_id = request_id.as_str(),
        family = route.family.as_str(),
        operation = &*route.operation,
        method = request.method().as_str(),
        actor = Empty,
    );
    span.in_scope(|| log_client(request.headers()));
    let counted = Counted::default();
    request.extensions_mut().insert(Origin {
        ip,
        request_id: request_id.clone(),
        family: route.family,
        recognizes_callers: route.recognizes_callers,
        counted: counted.clone(),
    });

    let mut response = answer(&state, &route, &request_id, request, next).instrument(span.clone()).await;

    let headers = response.headers_mut();
    counted.tell(route.family, headers);
    security_headers::add(headers, state.config.is_https());
    if let Ok(value) = HeaderValue::try_from(request_id.as_str()) {
        headers.insert(request_id::HEADER, value);
    }
    let took = started.elapsed();
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), ?took, "answered"));
    metrics::record(&route, response.status(), took);
    response
}

async fn answer(
    state: &AppState,
    route: &Route,
    request_id: &RequestId,
    request: Request,
    next: Next,
) -> Response {
    let handled = AssertUnwindSafe(counted_and_run(state, request, next)).catch_unwind();
    let response = match tokio::time::timeout(state.config.http.request_timeout, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => Failure::from(DomainError::internal(in_words(panic.as_ref()))).into_response(),
        Err(_) => Failure::from(&codes::REQUEST_TIMED_OUT).into_response(),
    };
    let context = Context { product_name: &state.config.product_name, request_id: request_id.as_str() };
    failure::render(response, route.family, context)
}

/// Whoever shows no credential, or one that nobody looks at, is counted by address, before anything is
/// done.
async fn counted_and_run(state: &AppState, request: Request, next: Next) -> Response {
    if let Some(origin) = request.extensions().get::<Origin>()
        && counts_addresses(origin.family)
        && !(origin.recognizes_callers && credential::is_shown(request.headers()))
        && let Err(limited) = state.rates.count_address(origin.ip, &origin.counted)
    {
        return Failure::from(limited).into_response();
    }
    next.run(request).await
}

fn in_words(panic: &(dyn Any + Send)) -> String {
    let said = panic.downcast_ref::<&str>().copied().map(str::to_owned);
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a handler panicked: {}", said.unwrap_or_default())
}

/// What clients say about themselves is never required, only logged.
fn log_client(headers: &HeaderMap) {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    tracing::debug!(
        platform = said("x-platform"),
        client_type = said("x-client-type"),
        user_agent = said("user-agent"),
        "asked"
    );
}

/// The root's answer where no route matched.
pub async fn not_found() -> Failure {
    (&codes::ROUTE_NOT_FOUND).into()
}

/// The root's answer where the path is there and the method is not.
pub async fn method_not_allowed() -> Failure {
    (&codes::METHOD_NOT_ALLOWED).into()
}

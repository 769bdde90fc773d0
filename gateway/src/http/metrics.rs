//! Counts requests and times them, by family, operation and status: labels with few values.

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;

use super::family::Route;

const REQUESTS: &str = "bursar_http_requests_total";
const DURATION: &str = "bursar_http_request_duration_seconds";
const CONNECTIONS: &str = "bursar_http_connections";

/// Says what the metrics mean, for whoever reads `/metrics`.
pub fn describe() {
    metrics::describe_counter!(REQUESTS, "Requests answered, by family, operation and status");
    metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "How long a request took");
    metrics::describe_gauge!(CONNECTIONS, "Connections that are open");
}

/// One answered request.
pub fn record(route: &Route, status: StatusCode, took: Duration) {
    let (family, operation) = (route.family.as_str(), Arc::clone(&route.operation));
    metrics::counter!(REQUESTS, "family" => family, "operation" => operation.clone(), "status" => status.as_str().to_owned())
        .increment(1);
    metrics::histogram!(DURATION, "family" => family, "operation" => operation).record(took);
}

/// How many connections are open.
pub fn open_connections(open: usize) {
    metrics::gauge!(CONNECTIONS).set(u32::try_from(open).unwrap_or(u32::MAX));
}

//! Usage in.

use axum::{
    extract::State,
    http::{HeaderMap, header::CONTENT_TYPE},
};
use bursar_operations::{Accepted, Ingest, ingest_events};
use bursar_usage_metering::{ContentMode, UsageEvent, refusal};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::Problem;
use crate::{
    api::caller::Caller,
    http::{
        body::EventsBody,
        failure::Failure,
        idempotency_key::{IdempotencyKey, Replayable},
    },
    state::AppState,
};

/// What was done with a batch.
#[derive(Serialize, ToSchema)]
pub(super) struct Recorded {
    /// Events that were new, and are charged.
    accepted: u64,
    /// Events that had been recorded before, with the same content.
    duplicates: u64,
}

impl From<Accepted> for Recorded {
    fn from(accepted: Accepted) -> Self {
        Self { accepted: accepted.accepted, duplicates: accepted.duplicates }
    }
}

/// Report usage
///
/// CloudEvents 1.0 in every content mode of its HTTP binding: structured
/// (`application/cloudevents+json`), batched (`application/cloudevents-batch+json`), binary
/// (`ce-*` headers), or plain JSON: an event or an array. Answered only after the batch is
/// durable and charged; all of it or nothing.
#[utoipa::path(post, path = "/api/v1/events", tag = "usage", operation_id = "ingestEvents",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters")),
    request_body(description = "One CloudEvent or up to 1 000", content(
        (serde_json::Value = "application/cloudevents+json"),
        (Vec<serde_json::Value> = "application/cloudevents-batch+json"),
        (serde_json::Value = "application/json"))),
    responses((status = 200, body = Recorded), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn post_events(
    State(state): State<AppState>,
    Caller(actor): Caller,
    key: IdempotencyKey,
    headers: HeaderMap,
    EventsBody(body): EventsBody,
) -> Result<Replayable<axum::Json<Recorded>>, Failure> {
    // In binary mode the content type is an attribute too: what the data is.
    let attributes: Vec<(String, String)> = headers
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("ce-") || *name == CONTENT_TYPE)
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mode = ContentMode::of(content_type, headers.contains_key("ce-specversion"));
    let events = UsageEvent::read(mode, &attributes, &body).map_err(|faults| refusal(&faults))?;
    let idempotency = key.0.map(|key| (key, request_text(&attributes, &body)));
    let command = Ingest { events, bytes: body.len(), idempotency };
    let accepted = ingest_events(&state.core, &actor, command).await?;
    Ok(Replayable { answer: axum::Json(accepted.into()), replayed: accepted.replayed })
}

/// What makes the request what it is: the attributes in the headers, in order, and the body. The
/// same events under another spelling of the media type are the same request.
fn request_text(attributes: &[(String, String)], body: &[u8]) -> Vec<u8> {
    let mut attributes: Vec<_> =
        attributes.iter().filter(|(name, _)| name != CONTENT_TYPE.as_str()).collect();
    attributes.sort();
    let mut text = Vec::with_capacity(body.len());
    for (name, value) in attributes {
        text.extend([name.as_bytes(), b":", value.as_bytes(), b"\n"].concat());
    }
    text.extend(body);
    text
}

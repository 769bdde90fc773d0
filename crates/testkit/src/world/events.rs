use bursar_kernel::OrganizationId;
use bursar_operations::Ingest;
use bursar_usage_metering::{ContentMode, UsageEvent};
use serde_json::{Value, json};

/// An `inference` event of an organization, as a product sends it.
#[must_use]
pub fn inference(organization: OrganizationId, id: &str, model: &str, tokens: (i64, i64)) -> Value {
    json!({
        "specversion": "1.0",
        "id": id,
        "source": "test",
        "type": "inference",
        "subject": organization.to_string(),
        "data": {
            "model": model,
            "provider": "bursar",
            "operation": "chat_completion",
            "promptTokens": tokens.0,
            "completionTokens": tokens.1,
            "cachedTokens": 0,
            "generationId": format!("gen-{id}"),
        },
    })
}

/// A batch of events as the gateway would read it.
///
/// # Panics
/// When an event is malformed.
#[must_use]
pub fn batch(events: &[Value]) -> Ingest {
    let body = Value::from(events).to_string();
    let events =
        UsageEvent::read(ContentMode::Batch, &[], body.as_bytes()).expect("the events are well formed");
    Ingest { events, bytes: body.len(), idempotency: None }
}

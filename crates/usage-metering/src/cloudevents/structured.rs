use serde_json::value::RawValue;

use super::{
    CloudEvent, ContentMode, Fault, MAX_EVENTS, attributes,
    json::{Json, not_json},
};

/// Reads a body that is an event or an array of events.
pub(super) fn read(
    mode: ContentMode,
    body: &[u8],
) -> Result<Vec<Result<CloudEvent, Vec<Fault>>>, Vec<Fault>> {
    let fault = |rule: &str| vec![Fault::new(0, "body", rule)];
    let text = std::str::from_utf8(body).map_err(|_| fault("must be UTF-8"))?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| fault(&not_json(&error)))?;
    let is_array = raw.get().starts_with('[');
    match mode {
        ContentMode::Structured if is_array => {
            return Err(fault("must be one event; several are application/cloudevents-batch+json"));
        }
        ContentMode::Batch if !is_array => return Err(fault("must be an array of events")),
        _ => {}
    }
    let events: Vec<&RawValue> = if is_array {
        serde_json::from_str(raw.get()).map_err(|error| fault(&not_json(&error)))?
    } else {
        vec![raw]
    };
    if events.len() > MAX_EVENTS {
        return Err(fault(&format!("must hold at most {MAX_EVENTS} events")));
    }
    Ok(events.into_iter().enumerate().map(|(index, raw)| event(index, raw)).collect())
}

fn event(index: usize, raw: &RawValue) -> Result<CloudEvent, Vec<Fault>> {
    match Json::of_event(raw) {
        Ok(Json::Object(members)) => attributes::read(index, members),
        Ok(_) => Err(vec![Fault::new(index, "body", "must be a JSON object")]),
        Err(rule) => Err(vec![Fault::new(index, "body", rule)]),
    }
}

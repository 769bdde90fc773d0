//! Usage in every content mode: what is taken is within its limits and means the same however it is
//! spelt; what is refused is told by the event that is at fault.

mod largest;
mod request;
mod spelling;
mod written;

use bursar_usage_metering::{
    CloudEvent, ContentMode, Fault, Json, MAX_EVENTS, MAX_FAULTS, UsageEvent, error::EVENT_INVALID, parse,
    refusal,
};
use serde_json::{Value, value::RawValue};

pub use self::largest::largest_bodies;
use self::{request::Request, spelling::Spelling};
use crate::choices::Choices;

/// Levels that an attribute's value may have: those of data that come as a text of their own.
const MAX_DEPTH: usize = 16;

/// Events that are taken have what is required within its limits, and keep no more than was sent.
/// Written anew, in another spelling and in every mode, they are the same and have the same content
/// hash; with one value changed they have another. Faults are of events that there are.
///
/// # Panics
/// When that does not hold.
pub fn holds(input: &[u8]) {
    let mut choices = Choices::new(input);
    let spelling = Spelling::of(choices.byte());
    let changed = usize::from(choices.byte());
    judged(&Request::made(&mut choices), spelling, changed);
}

fn judged(request: &Request, spelling: Spelling, changed: usize) {
    let read = UsageEvent::read(request.mode, &request.headers, &request.body);
    if let Err(faults) = &read {
        are_told(faults, request);
    }
    match parse(request.mode, &request.headers, &request.body) {
        Ok(events) => {
            are_within_limits(&events, request);
            are_read_alike(&events, &read);
            for event in &events {
                means_the_same(event, spelling);
                has_another_hash_when_changed(event, changed);
            }
        }
        Err(faults) => {
            are_told(&faults, request);
            let all = read.expect_err("what is no event is no usage");
            // There may be more of usage, and of all only the first are told.
            let is_told = |fault: &Fault| all.len() == MAX_FAULTS || all.contains(fault);
            assert!(faults.iter().all(is_told), "{faults:?} of {all:?}");
        }
    }
}

fn are_within_limits(events: &[CloudEvent], request: &Request) {
    assert!(events.len() <= MAX_EVENTS, "{} events", events.len());
    let is_single = matches!(request.mode, ContentMode::Structured | ContentMode::Binary);
    assert!(!is_single || events.len() == 1, "{} events", events.len());
    let mut kept = 0;
    for event in events {
        for (text, max_bytes) in
            [(&event.id, 512), (&event.source, 1_024), (&event.event_type, 256), (&event.subject, 512)]
        {
            assert!((1..=max_bytes).contains(&text.len()), "{text:?}");
            assert!(!text.contains(char::is_control), "{text:?}");
            kept += text.len();
        }
        for value in event.extensions.values().chain(&event.data) {
            assert!(depth(value) <= MAX_DEPTH, "{} levels", depth(value));
            kept += bytes(value);
        }
        kept += event.extensions.keys().map(String::len).sum::<usize>();
    }
    let sent = request.body.len() + request.headers.iter().map(|(_, value)| value.len()).sum::<usize>();
    // The names of headers are lower-cased and lose `ce-`; what has no name is one byte at least.
    let names = request.headers.iter().map(|(name, _)| name.len()).sum::<usize>();
    assert!(kept <= sent + names, "{kept} bytes of {sent} and {names}");
}

fn depth(value: &Json) -> usize {
    1 + match value {
        Json::List(items) => items.iter().map(depth).max(),
        Json::Object(members) => members.values().map(depth).max(),
        _ => None,
    }
    .unwrap_or(0)
}

/// At least a byte for each value.
fn bytes(value: &Json) -> usize {
    match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 1,
        Json::Text(text) => 2 + text.len(),
        Json::List(items) => 2 + items.iter().map(bytes).sum::<usize>(),
        Json::Object(members) => {
            2 + members.iter().map(|(name, value)| name.len() + bytes(value)).sum::<usize>()
        }
    }
}

/// Usage is what its events say, one by one.
fn are_read_alike(events: &[CloudEvent], read: &Result<Vec<UsageEvent>, Vec<Fault>>) {
    let each = events.iter().cloned().enumerate().map(|(index, event)| usage(index, event));
    let (mut usages, mut faults) = (Vec::new(), Vec::new());
    for outcome in each {
        match outcome {
            Ok(usage) => usages.push(usage),
            Err(more) => faults.extend(more),
        }
    }
    faults.truncate(MAX_FAULTS);
    assert_eq!(*read, if faults.is_empty() { Ok(usages) } else { Err(faults) });
}

fn usage(index: usize, event: CloudEvent) -> Result<UsageEvent, Vec<Fault>> {
    let sent = event.clone();
    let usage = UsageEvent::from_cloud_event(index, event)?;
    assert_eq!(usage.subject.to_string(), sent.subject);
    assert_eq!(usage.event_type.as_str(), sent.event_type);
    assert_eq!((&usage.id, &usage.source, usage.time), (&sent.id, &sent.source, sent.time));
    Ok(usage)
}

fn means_the_same(event: &CloudEvent, spelling: Spelling) {
    let text = spelling.event(event);
    let listed = format!("[{text}]");
    let expected = Ok(vec![event.clone()]);
    for (mode, body) in [
        (ContentMode::Structured, &text),
        (ContentMode::Batch, &listed),
        (ContentMode::Plain, if spelling.is_in_a_list() { &listed } else { &text }),
    ] {
        assert_eq!(parse(mode, &[], body.as_bytes()), expected, "{mode:?} {body}");
    }
    if let Some((headers, body)) = spelling.headers(event) {
        assert_eq!(parse(ContentMode::Binary, &headers, body.as_bytes()), expected, "{headers:?} {body}");
    }
    // The events are equal, but the hash is of the text that they are written to.
    let again = UsageEvent::read(ContentMode::Structured, &[], text.as_bytes());
    assert_eq!(again, UsageEvent::from_cloud_event(0, event.clone()).map(|usage| vec![usage]), "{text}");
}

fn has_another_hash_when_changed(event: &CloudEvent, place: usize) {
    let mut other = event.clone();
    let Some(data) = &mut other.data else { return };
    change(data, &mut { place });
    let hash =
        |event: &CloudEvent| UsageEvent::from_cloud_event(0, event.clone()).map(|usage| usage.content_hash);
    if let (Ok(one), Ok(another)) = (hash(event), hash(&other)) {
        assert_eq!(one == another, *event == other, "{event:?} and {other:?}");
    }
}

/// Changes the value at a place, counted in the order in which they stand.
fn change(value: &mut Json, place: &mut usize) {
    if *place > 0 {
        *place -= 1;
        match value {
            Json::List(items) => items.iter_mut().for_each(|item| change(item, place)),
            Json::Object(members) => members.values_mut().for_each(|member| change(member, place)),
            _ => {}
        }
        return;
    }
    match value {
        Json::Null => *value = Json::Bool(false),
        Json::Bool(is) => *is = !*is,
        Json::Number(number) => *value = Json::Text(number.to_string()),
        Json::Text(text) => text.push('"'),
        Json::List(items) => items.push(Json::Null),
        Json::Object(members) => {
            members.insert(format!("{}\"", members.len()), Json::Null);
        }
    }
    *place = usize::MAX;
}

fn are_told(faults: &[Fault], request: &Request) {
    let count = match request.mode {
        ContentMode::Structured | ContentMode::Binary => 1,
        ContentMode::Batch | ContentMode::Plain => {
            serde_json::from_slice::<Vec<&RawValue>>(&request.body).map_or(1, |events| events.len().max(1))
        }
    };
    for fault in faults {
        assert!(fault.index < count, "{fault} of {count}");
        assert!(!fault.rule.is_empty(), "{fault}");
    }
    assert!(faults.len() <= MAX_FAULTS, "{} faults", faults.len());
    let refused = refusal(faults);
    let Some(first) = faults.first() else { panic!("refused without a fault") };
    assert!(refused.is(&EVENT_INVALID));
    assert_eq!(refused.get("field"), Some(first.field.as_str()));
    let told: Value = serde_json::from_str(refused.get("faults").unwrap_or_default()).expect("a list");
    assert_eq!(told.as_array().map(Vec::len), Some(faults.len()));
}

use bursar_usage_metering::ContentMode;

use super::written;
use crate::{choices::Choices, edit::edited};

const MODES: [ContentMode; 4] =
    [ContentMode::Structured, ContentMode::Batch, ContentMode::Plain, ContentMode::Binary];
/// Events that are good: one of each way to carry data.
const EVENTS: [&str; 5] = [
    r#"{"specversion":"1.0","id":"1","source":"urn:host","type":"log","subject":"org_00000000000000000000000005","data":{"a":[1,2.50,{"b":null}],"ü\n":"\u00e9"},"traceparent":"00-1"}"#,
    r#"{"specversion":"1.0","id":"2","source":"urn:host","type":"inference","subject":"user_00000000000000000000000006/agent","time":"2026-10-01T12:00:00.5+02:00","datacontenttype":"application/json","data":{"model":"m","promptTokens":1e3,"completionTokens":5.0,"metadata":{"k":"v"},"apiKeyId":"key_00000000000000000000000007"}}"#,
    r#"{"specversion":"1.0","id":"3","source":"urn:host","type":"gauge","subject":"org_00000000000000000000000005","data":{"meter":"agents","value":0.000001}}"#,
    r#"{"specversion":"1.0","id":"4","source":"urn:host","type":"session","subject":"org_00000000000000000000000005","dataschema":"s","data_base64":"eyJhIjpbXX0="}"#,
    r#"{"specversion":"1.0","id":"5","source":"urn:host","type":"runtime","subject":"org_00000000000000000000000005/p","data":{"provider":"p","model":"m","billingMode":"byok","tokensIn":1,"tokensOut":2,"benchmarkUsd":12.5}}"#,
];
const HEADERS: [(&str, &str); 8] = [
    ("ce-specversion", "1.0"),
    ("ce-id", "evt-1"),
    ("ce-source", "urn%3Ahost"),
    ("ce-type", "log"),
    ("ce-subject", "org_00000000000000000000000005"),
    ("ce-time", "2026-10-01T12:00:00Z"),
    ("ce-note", "\"a \\\"b\\\" %63\""),
    ("content-type", "application/json"),
];
const NAMES: [&str; 7] =
    ["ce-data", "ce-data_base64", "CE-ID", "ce-", "Content-Type", "ce-dataschema", "accept"];

/// A request that reports usage.
pub(super) struct Request {
    pub(super) mode: ContentMode,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn made(choices: &mut Choices<'_>) -> Self {
        let mode = choices.one_of(&MODES);
        if mode != ContentMode::Binary {
            return Self { mode, headers: Vec::new(), body: events(choices) };
        }
        let headers = headers(choices);
        let body = match choices.below(3) {
            0 => choices.rest().to_vec(),
            1 => edited(br#"{"model":"m","promptTokens":1,"completionTokens":2}"#, choices),
            _ => written::value(choices).into_bytes(),
        };
        Self { mode, headers, body }
    }
}

fn events(choices: &mut Choices<'_>) -> Vec<u8> {
    match choices.below(4) {
        0 => choices.rest().to_vec(),
        1 => edited(choices.one_of(&EVENTS).as_bytes(), choices),
        2 => {
            let two = format!("[{},{}]", choices.one_of(&EVENTS), choices.one_of(&EVENTS));
            edited(two.as_bytes(), choices)
        }
        _ => written::events(choices).into_bytes(),
    }
}

/// Those of a good event, with a few added, changed or left out.
fn headers(choices: &mut Choices<'_>) -> Vec<(String, String)> {
    let good = HEADERS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut headers: Vec<_> = good.collect();
    for _ in 0..choices.below(4) {
        let place = choices.below(headers.len());
        match choices.below(5) {
            0 => headers[place].1 = choices.text().into_owned(),
            1 => {
                let value = edited(headers[place].1.as_bytes(), choices);
                headers[place].1 = String::from_utf8_lossy(&value).into_owned();
            }
            2 if headers.len() > 1 => {
                headers.remove(place);
            }
            3 => headers.push((choices.one_of(&NAMES).to_owned(), choices.text().into_owned())),
            _ => headers.push((format!("ce-{}", choices.text()), choices.text().into_owned())),
        }
    }
    headers
}

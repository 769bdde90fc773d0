//! JSON as choices make it: nearly always valid, often no event.

use std::fmt::Write as _;

use crate::choices::Choices;

/// Lists and objects within one another before the choices only make leaves: more than are taken.
const MAX_DEPTH: usize = 20;
const ATTRIBUTES: [(&str, &str); 6] = [
    ("specversion", "\"1.0\""),
    ("id", "\"evt-1\""),
    ("source", "\"urn:host\""),
    ("type", "\"log\""),
    ("subject", "\"org_00000000000000000000000005\""),
    ("data", "{}"),
];
const TYPES: [&str; 10] = [
    "inference",
    "engine",
    "service",
    "log",
    "message",
    "session",
    "api_call",
    "webhook_delivery",
    "gauge",
    "runtime",
];
/// Members that have a meaning.
const MEMBERS: [&str; 24] = [
    "model",
    "provider",
    "operation",
    "modelType",
    "promptTokens",
    "completionTokens",
    "cachedTokens",
    "generationId",
    "trafficSource",
    "metadata",
    "apiKeyId",
    "eventType",
    "count",
    "quantity",
    "meter",
    "value",
    "useCase",
    "billingMode",
    "tokensIn",
    "tokensOut",
    "benchmarkUsd",
    "time",
    "data_base64",
    "datacontenttype",
];
const NUMBERS: [&str; 12] = [
    "0",
    "-0.0",
    "1",
    "1e3",
    "15e-1",
    "2147483647",
    "2147483648",
    "0.0000001",
    "1e2147483647",
    "10e2147483647",
    "-7E-2147483648",
    "0e99999999999",
];
const TEXTS: [&str; 8] = [
    "",
    "standard",
    "byok",
    "key_00000000000000000000000007",
    "2026-10-01T00:00:00Z",
    "bnVsbA==",
    "0000-01-01T00:00:00+23:59",
    "application/json",
];

/// An event, or a list of up to three.
pub(super) fn events(choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    if choices.one_in(2) {
        list(choices.below(4), choices, &mut out, event);
    } else {
        event(choices, &mut out);
    }
    out
}

/// Any value.
pub(super) fn value(choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    nested(MAX_DEPTH, choices, &mut out);
    out
}

fn list(
    count: usize,
    choices: &mut Choices<'_>,
    out: &mut String,
    item: impl Fn(&mut Choices<'_>, &mut String),
) {
    out.push('[');
    for place in 0..count {
        out.push_str(if place > 0 { "," } else { "" });
        item(choices, out);
    }
    out.push(']');
}

fn event(choices: &mut Choices<'_>, out: &mut String) {
    let mut members = Vec::new();
    for (name, usual) in ATTRIBUTES {
        let written = match choices.below(16) {
            0..=7 => usual.to_owned(),
            8 => continue,
            9..=12 if name == "type" => format!("{:?}", choices.one_of(&TYPES)),
            9..=13 if name == "data" => object(choices),
            _ => value(choices),
        };
        members.push(format!("{name:?}:{written}"));
    }
    for _ in 0..choices.below(4) {
        members.push(member(MAX_DEPTH, choices));
    }
    let _ = write!(out, "{{{}}}", members.join(","));
}

/// Data of known members.
fn object(choices: &mut Choices<'_>) -> String {
    let members: Vec<_> = (0..choices.below(10)).map(|_| member(2, choices)).collect();
    format!("{{{}}}", members.join(","))
}

fn member(depth: usize, choices: &mut Choices<'_>) -> String {
    let mut out = String::new();
    if choices.one_in(4) {
        text(&choices.text(), &mut out);
    } else {
        text(choices.one_of(&MEMBERS), &mut out);
    }
    out.push(':');
    nested(depth, choices, &mut out);
    out
}

fn nested(depth: usize, choices: &mut Choices<'_>, out: &mut String) {
    match choices.below(if depth == 0 { 6 } else { 10 }) {
        0 => out.push_str(choices.one_of(&NUMBERS)),
        1 => text(choices.one_of(&TEXTS), out),
        2 => text(&choices.text(), out),
        3 => out.push_str(choices.one_of(&["null", "true", "false"])),
        4 => {
            let (whole, fraction, exponent) = (choices.byte(), choices.byte(), choices.byte());
            let _ = write!(out, "{whole}.{fraction}e-{exponent}");
        }
        5 => out.push_str(&String::from_utf8_lossy(choices.slice())),
        6 => list(choices.below(4), choices, out, |choices, out| nested(depth - 1, choices, out)),
        7 | 8 => {
            let members: Vec<_> = (0..choices.below(4)).map(|_| member(depth - 1, choices)).collect();
            let _ = write!(out, "{{{}}}", members.join(","));
        }
        _ => {
            let levels = choices.below(MAX_DEPTH);
            let _ = write!(out, "{}{}", "[".repeat(levels), "]".repeat(levels));
        }
    }
}

/// Quoted, with what JSON wants escaped.
fn text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
}

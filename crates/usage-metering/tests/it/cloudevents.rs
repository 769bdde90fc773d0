//! Requests as SDKs and people send them, and what is said about malformed ones.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bursar_kernel::UnixTimestamp;
use bursar_usage_metering::{ContentMode, EventType, Fault, MAX_FAULTS, Payload, UsageEvent, refusal};
use rust_decimal::Decimal;

use crate::world::{event_json, organization};

const DATA: &str = r#"{"model":"bursar/echo","provider":"bursar","operation":"chat_completion","promptTokens":1000,"completionTokens":500,"cachedTokens":0,"generationId":"gen_1"}"#;

fn one(id: &str) -> String {
    event_json(id, &organization().to_string(), "inference", DATA, "")
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(
    content_type: Option<&str>,
    ce_headers: &[(&str, &str)],
    body: &str,
) -> Result<Vec<UsageEvent>, Vec<Fault>> {
    let mode = ContentMode::of(content_type, ce_headers.iter().any(|(name, _)| *name == "ce-specversion"));
    let mut sent = headers(ce_headers);
    sent.extend(content_type.map(|value| ("content-type".to_owned(), value.to_owned())));
    UsageEvent::read(mode, &sent, body.as_bytes())
}

#[test]
fn the_media_type_decides_how_events_are_carried() {
    for (content_type, has_specversion, mode) in [
        (Some("application/cloudevents+json"), false, ContentMode::Structured),
        (Some("application/cloudevents+json; charset=UTF-8"), true, ContentMode::Structured),
        (Some("Application/CloudEvents+JSON"), false, ContentMode::Structured),
        (Some("application/cloudevents-batch+json"), false, ContentMode::Batch),
        (Some("application/cloudevents-batch+json;charset=utf-8"), true, ContentMode::Batch),
        (Some("application/json"), true, ContentMode::Binary),
        (None, true, ContentMode::Binary),
        (Some("application/json"), false, ContentMode::Plain),
        (None, false, ContentMode::Plain),
    ] {
        assert_eq!(ContentMode::of(content_type, has_specversion), mode, "{content_type:?}");
    }
}

#[test]
fn one_event_is_the_same_through_every_content_mode() {
    let event = one("evt-1");
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-id", "evt-1"),
        ("ce-source", "urn%3Ahost"),
        ("ce-type", "inference"),
        ("ce-subject", &organization().to_string()),
        ("ce-traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    ];
    let expected = read(Some("application/cloudevents+json; charset=UTF-8"), &[], &event).unwrap();
    for other in [
        read(Some("application/cloudevents-batch+json"), &[], &format!("[{event}]")),
        read(Some("application/json; charset=utf-8"), &binary, DATA),
        read(None, &[], &event),
        read(Some("application/json"), &[], &format!("\n [ {event} ] ")),
    ] {
        assert_eq!(other.unwrap(), expected);
    }
    let Payload::Inference(inference) = &expected[0].payload else { panic!("an inference") };
    assert_eq!((inference.prompt_tokens, inference.total_tokens()), (1000, 1500));
}

#[test]
fn data_nests_as_deep_in_every_content_mode() {
    let subject = organization().to_string();
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "urn:host"),
        ("ce-type", "log"),
        ("ce-subject", &subject),
    ];
    for (levels, is_taken) in [(16, true), (17, false)] {
        let data = format!("{{\"a\":{}{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        let event = event_json("1", &subject, "log", &data, "");
        let encoded = STANDARD.encode(&data);
        let as_text =
            event.replace("\"data\":", "\"data_base64\":").replace(&data, &format!("\"{encoded}\""));
        for read in [
            read(None, &[], &event),
            read(Some("application/cloudevents-batch+json"), &[], &format!("[{event}]")),
            read(None, &[], &as_text),
            read(Some("application/json"), &binary, &data),
        ] {
            assert_eq!(read.is_ok(), is_taken, "{levels} levels: {read:?}");
        }
    }
}

#[test]
fn optional_attributes_may_be_null_and_unknown_ones_are_passed_over() {
    let more = r#","time":null,"datacontenttype":null,"dataschema":null,"traceparent":"00-1","sequence":7,"data_base64":null"#;
    let event = event_json("evt-1", &organization().to_string(), "inference", DATA, more);
    let read_back = read(None, &[], &event).unwrap();
    assert_eq!(read_back, read(None, &[], &one("evt-1")).unwrap());
    assert_eq!(read_back[0].time, None);
}

#[test]
fn data_may_come_as_base64() {
    let event = format!(
        r#"{{"specversion":"1.0","id":"evt-1","source":"urn:host","type":"log","subject":"{}","data_base64":"e30="}}"#,
        organization()
    );
    assert_eq!(read(None, &[], &event).unwrap()[0].event_type, EventType::Log);
    let nothing = event_json("evt-1", &organization().to_string(), "log", "null", "");
    assert_eq!(read(None, &[], &event.replace("e30=", "bnVsbA==")), read(None, &[], &nothing));
    let both = event_json("evt-1", &organization().to_string(), "log", "{}", r#","data_base64":"e30=""#);
    assert_eq!(fields(&read(None, &[], &both).unwrap_err()), [(0, "data_base64")]);
}

#[test]
fn every_type_is_read_with_its_defaults() {
    let subject = organization().to_string();
    for (event_type, data, name, value) in [
        ("engine", r#"{"eventType":"consolidation"}"#, "count", "1"),
        ("engine", r#"{"eventType":"consolidation","count":1e2}"#, "count", "100"),
        ("service", r#"{"operation":"web_search"}"#, "quantity", "1"),
        ("service", r#"{"operation":"tts_minute","quantity":0.1}"#, "quantity", "0.1"),
        ("gauge", r#"{"meter":"agents","value":12.50}"#, "value", "12.5"),
        ("inference", r#"{"model":"m","promptTokens":3.0,"completionTokens":"#, "promptTokens", "3"),
        (
            "runtime",
            r#"{"provider":"p","model":"m","useCase":"chat","billingMode":"byok","tokensIn":1,"tokensOut":2,"benchmarkUsd":0.000001}"#,
            "benchmarkUsd",
            "0.000001",
        ),
    ] {
        let data = if event_type == "inference" { format!("{data}0}}") } else { data.to_owned() };
        let event = read(None, &[], &event_json("1", &subject, event_type, &data, "")).unwrap().remove(0);
        assert_eq!(event.payload.number(name), Some(Decimal::from_str_exact(value).unwrap()), "{event_type}");
    }
    for event_type in ["log", "message", "session", "api_call", "webhook_delivery"] {
        for data in ["{}", "null", r#"{"anything":[1,{"deep":true}]}"#] {
            let event = read(None, &[], &event_json("1", &subject, event_type, data, "")).unwrap().remove(0);
            assert_eq!(event.event_type.as_str(), event_type);
        }
    }
}

fn fields(faults: &[Fault]) -> Vec<(usize, &str)> {
    faults.iter().map(|fault| (fault.index, fault.field.as_str())).collect()
}

#[test]
fn a_fault_names_the_event_and_the_field() {
    let subject = organization().to_string();
    let good = one("good");
    let inference = |data: &str| event_json("1", &subject, "inference", data, "");
    for (event, expected) in [
        (good.replace("\"1.0\"", "\"0.3\""), vec!["specversion"]),
        (good.replace("\"specversion\":\"1.0\",", ""), vec!["specversion"]),
        (good.replace("\"id\":\"good\"", "\"id\":\"\""), vec!["id"]),
        (good.replace("\"id\":\"good\"", "\"id\":7"), vec!["id"]),
        (good.replace("\"id\":\"good\"", "\"id\":null"), vec!["id"]),
        (good.replace("\"id\":\"good\"", "\"id\":\"a\\u0000b\""), vec!["id"]),
        (good.replace("\"id\":\"good\"", &format!("\"id\":\"{}\"", "x".repeat(513))), vec!["id"]),
        (good.replace("urn:host", ""), vec!["source"]),
        (good.replace("\"inference\"", "\"guess\""), vec!["type"]),
        (good.replace(&subject, "org_1"), vec!["subject"]),
        (good.replace(&subject, &format!("{subject}/")), vec!["subject"]),
        (good.replace(&format!(",\"subject\":\"{subject}\""), ""), vec!["subject"]),
        (event_json("1", &subject, "log", "{}", r#","time":"yesterday""#), vec!["time"]),
        (event_json("1", &subject, "log", "{}", r#","time":"2026-10-01T00:00:00""#), vec!["time"]),
        (event_json("1", &subject, "log", "{}", r#","datacontenttype":"text/xml""#), vec!["datacontenttype"]),
        (event_json("1", &subject, "log", "[]", ""), vec!["data"]),
        (inference("{}"), vec!["data.model", "data.promptTokens", "data.completionTokens"]),
        (inference("null"), vec!["data.model", "data.promptTokens", "data.completionTokens"]),
        (good.replace(":1000", ":-1"), vec!["data.promptTokens"]),
        (good.replace(":1000", ":\"1000\""), vec!["data.promptTokens"]),
        (good.replace(":1000", ":1000.5"), vec!["data.promptTokens"]),
        (good.replace(":1000", ":2147483648"), vec!["data.promptTokens"]),
        (good.replace(":1000", ":1e400"), vec!["data.promptTokens"]),
        (good.replace(":1000", ":2147483647"), vec!["data.completionTokens"]),
        (good.replace("\"cachedTokens\":0", "\"cachedTokens\":1001"), vec!["data.cachedTokens"]),
        (good.replace("\"bursar/echo\"", "\"\""), vec!["data.model"]),
        (good.replace("\"bursar/echo\"", "[\"bursar/echo\"]"), vec!["data.model"]),
        (good.replace("{\"model\"", "{\"apiKeyId\":\"sk_1\",\"model\""), vec!["data.apiKeyId"]),
        (good.replace("{\"model\"", "{\"metadata\":{\"a\":1},\"model\""), vec!["data.metadata.a"]),
        (good.replace("{\"model\"", "{\"metadata\":[],\"model\""), vec!["data.metadata"]),
        (good.replace("{\"model\"", "{\"model\":\"dear\",\"model\""), vec!["body"]),
        (event_json("1", &subject, "engine", r#"{"count":-1}"#, ""), vec!["data.eventType", "data.count"]),
        (event_json("1", &subject, "gauge", r#"{"meter":"agents","value":-1}"#, ""), vec!["data.value"]),
        (
            event_json("1", &subject, "gauge", r#"{"meter":"agents","value":0.0000001}"#, ""),
            vec!["data.value"],
        ),
        (event_json("1", &subject, "gauge", r#"{"meter":"agents","value":1e13}"#, ""), vec!["data.value"]),
        ("7".to_owned(), vec!["body"]),
    ] {
        let faults = read(None, &[], &format!("[{good},{event}]")).unwrap_err();
        let expected: Vec<_> = expected.into_iter().map(|field| (1, field)).collect();
        assert_eq!(fields(&faults), expected, "{event}");
        assert!(faults.iter().all(|fault| !fault.rule.is_empty()));
    }
}

#[test]
fn every_fault_of_a_batch_is_told_and_one_refuses_it_all() {
    let subject = organization().to_string();
    let batch = format!(
        "[{},{},{}]",
        event_json("1", "nobody", "inference", "{}", ""),
        one("2"),
        event_json("3", &subject, "gauge", r#"{"value":-1}"#, "")
    );
    let faults = read(Some("application/cloudevents-batch+json"), &[], &batch).unwrap_err();
    let expected = [
        (0, "subject"),
        (0, "data.model"),
        (0, "data.promptTokens"),
        (0, "data.completionTokens"),
        (2, "data.meter"),
        (2, "data.value"),
    ];
    assert_eq!(fields(&faults), expected);
    let error = refusal(&faults);
    assert_eq!(
        (error.code(), error.get("index"), error.get("field")),
        ("event_invalid", Some("0"), Some("subject"))
    );
    assert!(error.to_string().starts_with("event 0: subject must be"), "{error}");
    assert!(error.get("faults").unwrap().contains(r#"{"index":2,"field":"data.value""#));
}

#[test]
fn a_refusal_tells_a_hundred_faults_and_no_more() {
    let faults = |body: &str| read(None, &[], body).unwrap_err();
    let first = faults("[{},{}]");
    let all = faults(&format!("[{}{{}}]", "{},".repeat(999)));
    assert_eq!((first.len(), all.len()), (10, MAX_FAULTS));
    assert_eq!(all[..10], first);
    let subject = organization().to_string();
    let entries = |count: usize| {
        let entries: Vec<_> = (0..count).map(|number| format!("\"{number}\":0")).collect();
        let data = format!(r#"{{"metadata":{{{}}},"{}"#, entries.join(","), &DATA[2..]);
        faults(&event_json("1", &subject, "inference", &data, ""))
    };
    assert_eq!(entries(64).len(), 64);
    assert_eq!(fields(&entries(1_000)), [(0, "data.metadata")]);
}

#[test]
fn a_body_that_holds_no_events_is_one_fault() {
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = event_json(
        "1",
        &organization().to_string(),
        "log",
        &format!(r#"{{"a":{}}}"#, "[".repeat(40) + &"]".repeat(40)),
        "",
    );
    let many = format!("[{}1]", "1,".repeat(1_000));
    for (content_type, body) in [
        (None, ""),
        (None, "{"),
        (None, "null"),
        (None, "\"text\""),
        (None, nested.as_str()),
        (None, deep.as_str()),
        (None, many.as_str()),
        (Some("application/cloudevents+json"), "[]"),
        (Some("application/cloudevents-batch+json"), "{}"),
    ] {
        let faults = read(content_type, &[], body).unwrap_err();
        assert_eq!(fields(&faults), [(0, "body")], "{body:.40}");
    }
    assert_eq!(read(None, &[], "[]").unwrap(), []);
    assert_eq!(UsageEvent::read(ContentMode::Plain, &[], b"\xff").unwrap_err()[0].rule, "must be UTF-8");
}

#[test]
fn a_binary_event_names_its_faults_by_attribute() {
    let subject = organization().to_string();
    let sent = |id: &'static str| {
        vec![("ce-specversion", "1.0"), ("ce-id", id), ("ce-source", "urn:host"), ("ce-type", "log")]
    };
    let faults = read(Some("application/json"), &sent("%ff"), "{").unwrap_err();
    let mut named = fields(&faults);
    named.sort_unstable();
    assert_eq!(named, [(0, "data"), (0, "id"), (0, "subject")]);
    let mut good = sent("1");
    good.push(("ce-subject", &subject));
    assert_eq!(read(None, &good, "").unwrap()[0].event_type, EventType::Log);
    good.push(("ce-id", "2"));
    assert_eq!(fields(&read(None, &good, "").unwrap_err()), [(0, "id")]);
    good.pop();
    assert_eq!(fields(&read(Some("text/plain"), &good, "").unwrap_err()), [(0, "datacontenttype")]);
}

#[test]
fn a_key_and_a_time_are_read_from_their_texts() {
    let data = DATA.replace("{\"model\"", "{\"apiKeyId\":\"key_00000000000000000000000007\",\"model\"");
    let more = r#","time":"2026-10-31T12:00:00+02:00""#;
    let event =
        read(None, &[], &event_json("1", &organization().to_string(), "inference", &data, more)).unwrap();
    assert_eq!(event[0].api_key, Some(uuid::Uuid::from_u128(7)));
    assert_eq!(event[0].time, UnixTimestamp::parse("2026-10-31T10:00:00Z"));
}

//! Bad input, family by family: each gets the family's error that names the field and the rule, and
//! nothing changes.

mod accounts;
mod auth;
mod events;
mod platform;
mod replays;
mod transport;

use serde_json::{Value, json};

use crate::{client::Ask, server::Answer, stage::Stage};

/// Sends what must be refused, and finds that nothing changed.
async fn refused(stage: &Stage, request: Ask) -> Answer {
    let at = format!("{} {} {}", request.method, request.path, String::from_utf8_lossy(&request.body));
    let before = stage.world.test.dump().await;
    let answer = stage.ask(request).await;
    assert!(answer.status.is_client_error(), "{at}: {} {}", answer.status, answer.text());
    assert_eq!(stage.world.test.dump().await, before, "{at} changed something");
    answer
}

/// The sentence of an accounts error, once everything around it has been found right.
fn accounts_error(answer: &Answer) -> (u16, String) {
    let body = answer.json();
    let error = body["error"].as_str().unwrap();
    assert_eq!(body, json!({ "data": null, "error": error, "success": false }));
    (answer.status.as_u16(), error.to_owned())
}

/// The code and the faults (`[index ]field rule`) of a problem, once everything around them has been
/// found right.
fn problem(answer: &Answer) -> (u16, String, Vec<String>) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let body = answer.json();
    assert_eq!(body["status"], answer.status.as_u16(), "{body}");
    assert_eq!(body["title"], answer.status.canonical_reason().unwrap(), "{body}");
    assert_eq!(body["requestId"], answer.header("x-request-id"), "{body}");
    assert!(!body["detail"].as_str().unwrap().is_empty(), "{body}");
    let code = body["type"].as_str().and_then(|kind| kind.strip_prefix("urn:bursar:")).unwrap().to_owned();
    let faults = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fault = |fault: &Value| {
        let (field, rule) = (fault["field"].as_str().unwrap(), fault["rule"].as_str().unwrap());
        match fault["index"].as_u64() {
            Some(index) => format!("{index} {field} {rule}"),
            None => format!("{field} {rule}"),
        }
    };
    (answer.status.as_u16(), code, faults.iter().map(fault).collect())
}

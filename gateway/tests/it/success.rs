//! Every documented operation succeeds, and answers on both engines what its snapshot says. The
//! clock, identifiers and randomness are the test's own, so nothing in a snapshot is redacted.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use bursar_kernel::Engine;
use bursar_testkit::for_each_engine;
use serde_json::{Value, json};

use crate::{
    client::{Ask, Credential},
    documented::{Documented, operations},
    scenarios::{Scene, scene},
    server::Answer,
    stage::Stage,
};

/// The headers that an answer is known by.
const SHOWN: [&str; 4] = ["content-type", "idempotent-replayed", "location", "set-cookie"];

#[tokio::test]
async fn every_documented_operation_of_accounts_succeeds_as_its_snapshot_says() {
    succeed("accounts").await;
}

#[tokio::test]
async fn every_documented_operation_of_sign_in_succeeds_as_its_snapshot_says() {
    succeed("auth").await;
}

#[tokio::test]
async fn every_documented_operation_of_the_platform_succeeds_as_its_snapshot_says() {
    succeed("platform").await;
}

#[tokio::test]
async fn every_documented_operation_of_the_organization_succeeds_as_its_snapshot_says() {
    succeed("organization").await;
}

#[tokio::test]
async fn every_documented_operation_of_webhooks_succeeds_as_its_snapshot_says() {
    succeed("webhooks").await;
}

#[test]
fn every_snapshot_is_of_a_documented_operation_and_every_family_is_tried() {
    let families: BTreeSet<_> = operations().iter().map(|operation| operation.family).collect();
    assert_eq!(families, BTreeSet::from(["accounts", "auth", "organization", "platform", "webhooks"]));
    let ids: BTreeSet<String> = operations().into_iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations().len(), "each operation has a name of its own");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots");
    let kept: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| Some(name.strip_prefix("it__success__")?.strip_suffix(".snap")?.to_owned()))
        .collect();
    assert_eq!(kept, ids);
}

/// Each operation of a family in a world of its own, so that one scene never changes another's
/// snapshot.
async fn succeed(family: &str) {
    for operation in operations().into_iter().filter(|operation| operation.family == family) {
        let told = Arc::<Mutex<BTreeMap<String, Value>>>::default();
        for_each_engine(|test| {
            let (told, operation) = (told.clone(), operation.clone());
            async move {
                let engine = test.engine;
                let answered = succeed_once(&Stage::new(test).await, &operation).await;
                told.lock().unwrap().insert(format!("{engine:?}"), answered);
            }
        })
        .await;
        let told = told.lock().unwrap();
        let on_sqlite = &told[&format!("{:?}", Engine::Sqlite)];
        for (engine, answered) in told.iter() {
            assert_eq!(answered, on_sqlite, "{} answers alike on {engine}", operation.id);
        }
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => true }, {
            insta::assert_json_snapshot!(operation.id.as_str(), on_sqlite);
        });
    }
}

async fn succeed_once(stage: &Stage, operation: &Documented) -> Value {
    let id = &operation.id;
    let Some(Scene { ask, by }) = scene(stage, id).await else { panic!("nobody wrote a scene for {id}") };
    assert_eq!(ask.method, operation.method, "{id}");
    assert!(is_of(&ask.path, &operation.path), "{} is no path of {id}", ask.path);
    let answer = stage.ask(ask.clone().by(&by)).await;
    let status = answer.status.as_u16();
    assert_eq!(operation.successes, [status], "{id} answers its one documented success: {}", answer.text());
    json!({ "request": request_told(&ask, &by), "response": response_told(&answer) })
}

/// Whether a path is what a documented one stands for.
fn is_of(path: &str, documented: &str) -> bool {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let (mut ours, mut theirs) = (path.split('/'), documented.split('/'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some(our), Some(their)) if our == their || their.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn request_told(ask: &Ask, by: &Credential) -> Value {
    let headers: BTreeMap<_, _> = ask.headers.iter().cloned().collect();
    json!({
        "line": format!("{} {}", ask.method, ask.path),
        "by": match by {
            Credential::Nothing => "nobody",
            Credential::Bearer(secret) if secret.starts_with("sk_") => "a key",
            Credential::Bearer(_) => "a token",
            Credential::ApiKey(_) => "X-API-Key",
            Credential::Cookie(_) => "a cookie",
        },
        "headers": headers,
        "body": body_told(&ask.body),
    })
}

fn response_told(answer: &Answer) -> Value {
    let headers: BTreeMap<_, _> = SHOWN
        .into_iter()
        .filter(|name| answer.headers.contains_key(*name))
        .map(|name| (name, answer.header(name)))
        .collect();
    json!({ "status": answer.status.as_u16(), "headers": headers, "body": body_told(&answer.body) })
}

fn body_told(body: &[u8]) -> Value {
    if body.is_empty() { Value::Null } else { serde_json::from_slice(body).unwrap() }
}

//! (c) key verification beside a bare handler that answers JSON.

use axum::{Json, Router, routing::post};
use bursar_operations::BatchLimits;
use serde_json::{Value, json};

use crate::{
    Options,
    figure::{Bar, Figure, Figures, Samples},
    http::{self, Load},
    stage::{MANY, Stage, listen},
};

/// The least that answering JSON costs: read a body, write one of the same size.
async fn bare(Json(_): Json<Value>) -> Json<Value> {
    Json(json!({
        "valid": true, "code": "VALID", "keyId": "key_01m7xkfjmqe5qvdenf3n2cfzez",
        "principal": {"type": "user", "id": "user_01m7xkfjgxeh1t75jq736z2krb"},
        "userId": "user_01m7xkfjgxeh1t75jq736z2krb", "organizationId": "org_01m7xkfjgxeh1t75jq748fp9d1",
        "accountId": "org_01m7xkfjgxeh1t75jq748fp9d1", "scopes": ["read", "usage:write", "keys:verify"],
        "plan": "free", "balanceUsd": 97.739_835,
    }))
}

/// Measures, interleaved.
pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    #[expect(clippy::disallowed_methods, reason = "not a route of ours: the limit that ours are measured by")]
    let bare = listen(Router::new().route("/bare", post(bare))).await;
    let server = stage.serve(BatchLimits::default()).await;
    let load = Load { connections: MANY, duration: options.duration };
    let (mut verified, mut answered) = (Samples::default(), Samples::default());
    let mut latency = String::new();
    for round in 0..=options.repetitions {
        let reporters = stage.reporters.clone();
        let outcome = http::run(&[server], load, move |connection, _| {
            let key = &reporters[connection].key;
            http::post("/api/v1/api-keys/verify", key, &format!(r#"{{"key":"{key}"}}"#))
        })
        .await;
        let reporters = stage.reporters.clone();
        let limit = http::run(&[bare], load, move |connection, _| {
            let key = &reporters[connection].key;
            http::post("/bare", key, &format!(r#"{{"key":"{key}"}}"#))
        })
        .await;
        if round > 0 {
            latency = format!("p50 {:.1} ms, p99 {:.1} ms", outcome.latency_ms(500), outcome.latency_ms(990));
            verified.0.push(outcome.per_second());
            answered.0.push(limit.per_second());
        }
    }
    figures.add(Figure {
        name: format!("{} (c) verify / bare JSON handler", stage.name()),
        value: verified,
        unit: "1/s",
        baseline: Some(answered),
        bar: Bar::AtLeast(0.3),
        note: format!("64 connections; {latency}"),
    });
}

//! (c) key verification beside a bare handler that answers JSON: of keys in use, of keys that nobody
//! asked about lately, and of texts that are no key.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Json, Router, routing::post};
use bursar_api_keys::{
    ApiKeys as _, ForeignPrefix, ImportedKey, KeyName, KeyPrefix, KeySecret, ParsedKey, Scope, ScopeSet,
    SeaApiKeys,
};
use bursar_operations::BatchLimits;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    Options,
    figure::{Bar, Figure, Figures, Samples},
    http::{self, Load, Outcome},
    stage::{MANY, Reporter, Stage, listen},
};

/// Keys that are each asked about once: more than a node remembers, a share for each repetition.
const COLD: usize = 60_000;
/// Keys that are written in one transaction.
const BATCH: usize = 1_000;
/// Made-up texts; that there is no such key is not remembered, so that few of them do.
const MADE_UP: usize = 1_000;

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

/// Texts of the form of a key under the right checksum.
fn generated(stage: &Stage, many: usize) -> Vec<KeySecret> {
    let entropy = stage.db.entropy().as_ref();
    (0..many).map(|_| KeySecret::generate(entropy, &KeyPrefix::default())).collect()
}

/// Writes keys of the first reporter by the service, as many as one likes only when they are imported.
async fn import(stage: &Stage, keys: &[KeySecret]) {
    let service = SeaApiKeys::default();
    let reporter = ParsedKey::parse(&stage.reporters[0].key).expect("a key was made");
    let reporter = service.by_hash(stage.db.reader(), &reporter.hash()).await.expect("a key is read");
    let reporter = reporter.expect("the reporter's key is there");
    let prefix = ForeignPrefix::new("bench-").expect("the prefix is good");
    for batch in keys.chunks(BATCH) {
        let imported = batch.iter().map(|key| ImportedKey {
            account: reporter.account,
            holder: reporter.holder,
            name: KeyName::new("cold").expect("the name is good"),
            scopes: ScopeSet::of(&[Scope::Read]),
            expires_at: None,
            hash: key.hash(),
            last_four: None,
        });
        let mut tx = stage.db.begin().await.expect("a transaction begins");
        service.import(&mut tx, &prefix, imported.collect()).await.expect("keys are written");
        tx.commit().await.expect("the keys are committed");
    }
}

fn texts(keys: Vec<KeySecret>) -> Vec<String> {
    keys.into_iter().map(|key| key.into_text().expose().clone()).collect()
}

fn question(reporter: &Reporter, text: &str) -> Vec<u8> {
    http::post("/api/v1/api-keys/verify", &reporter.key, &format!(r#"{{"key":"{text}"}}"#))
}

/// Whether a server calls a text a good key: a figure must not be of something else.
async fn is_valid(stage: &Stage, server: SocketAddr, text: &str) -> bool {
    let mut stream = TcpStream::connect(server).await.expect("the server listens");
    stream.write_all(&question(&stage.reporters[0], text)).await.expect("a request is sent");
    let mut answer = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut answer).await.expect("an answer comes"), 0, "the server hung up");
        let answer = String::from_utf8_lossy(&answer);
        if let Some((_, rest)) = answer.split_once(r#""valid":"#) {
            return rest.starts_with("true");
        }
    }
}

/// The requests of one kind, in turn.
async fn in_turn(stage: &Stage, server: SocketAddr, load: Load, texts: &Arc<Vec<String>>) -> Outcome {
    let (reporters, texts) = (stage.reporters.clone(), texts.clone());
    let next = AtomicUsize::new(0);
    http::run(&[server], load, move |_, _| {
        let place = next.fetch_add(1, Ordering::Relaxed) % texts.len();
        question(&reporters[0], &texts[place])
    })
    .await
}

/// What was measured of one kind, and how fast the last answers were.
#[derive(Default)]
struct Measured {
    samples: Samples,
    latency: String,
}

impl Measured {
    fn add(&mut self, outcome: &Outcome) {
        self.samples.0.push(outcome.per_second());
        self.latency =
            format!("p50 {:.1} ms, p99 {:.1} ms", outcome.latency_ms(500), outcome.latency_ms(990));
    }

    fn figure(self, stage: &Stage, what: &str, limit: &Samples, bar: Bar) -> Figure {
        Figure {
            name: format!("{} (c) {what} / bare JSON handler", stage.name()),
            value: self.samples,
            unit: "1/s",
            baseline: Some(limit.clone()),
            bar,
            note: format!("{MANY} connections; {}", self.latency),
        }
    }
}

/// Measures, interleaved.
pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    #[expect(clippy::disallowed_methods, reason = "not a route of ours: the limit that ours are measured by")]
    let bare = listen(Router::new().route("/bare", post(bare))).await;
    let server = stage.serve(BatchLimits::default()).await;
    let load = Load { connections: MANY, duration: options.duration };
    let share = COLD / (options.repetitions + 1);
    let keys = generated(stage, COLD);
    import(stage, &keys).await;
    let keys = texts(keys);
    let made_up = Arc::new(texts(generated(stage, MADE_UP)));
    let mistyped: Arc<Vec<String>> =
        Arc::new(made_up.iter().map(|text| format!("{}000000", &text[..text.len() - 6])).collect());
    // The first one of the share that only warms.
    assert!(is_valid(stage, server, &keys[0]).await, "a cold key is a good one");
    for text in [&made_up[0], &mistyped[0]] {
        assert!(!is_valid(stage, server, text).await, "a made-up key is none");
    }

    let (mut hit, mut missed) = (Measured::default(), Measured::default());
    let (mut refused, mut unknown) = (Measured::default(), Measured::default());
    let mut limits = Samples::default();
    // As long as the share lasts, by how fast the one before went.
    let mut cold_for = options.duration / 10;
    for (round, cold) in keys.chunks_exact(share).take(options.repetitions + 1).enumerate() {
        let reporters = stage.reporters.clone();
        let of_hit = http::run(&[server], load, move |connection, _| {
            question(&reporters[connection], &reporters[connection].key)
        })
        .await;
        let cold = Arc::new(cold.to_vec());
        let of_miss = in_turn(stage, server, Load { duration: cold_for, ..load }, &cold).await;
        let of_refused = in_turn(stage, server, load, &mistyped).await;
        let of_unknown = in_turn(stage, server, load, &made_up).await;
        let reporters = stage.reporters.clone();
        let limit = http::run(&[bare], load, move |connection, _| {
            let key = &reporters[connection].key;
            http::post("/bare", key, &format!(r#"{{"key":"{key}"}}"#))
        })
        .await;
        let lasts = Duration::from_secs_f64(share as f64 * 0.8 / of_miss.per_second());
        cold_for = lasts.min(options.duration);
        if round > 0 {
            hit.add(&of_hit);
            missed.add(&of_miss);
            refused.add(&of_refused);
            unknown.add(&of_unknown);
            limits.0.push(limit.per_second());
            if of_miss.completed > share as u64 {
                missed.latency += ", some asked twice";
            }
        }
    }
    figures.add(hit.figure(stage, "verify", &limits, Bar::AtLeast(0.5)));
    figures.add(missed.figure(stage, "verify a cold key", &limits, Bar::None));
    figures.add(refused.figure(stage, "verify a mistyped key", &limits, Bar::None));
    figures.add(unknown.figure(stage, "verify a made-up key", &limits, Bar::None));
}

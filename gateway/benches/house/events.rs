//! (a) single events, (b) batches.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};

use bursar_operations::BatchLimits;
use bursar_testkit::Replay;

use crate::{
    Options,
    figure::{Bar, Figure, Figures, Samples},
    http::{self, Load, Outcome},
    raw,
    stage::{BATCH_AT, CONNECTIONS, MANY, Reporter, Stage},
};

/// Events of a batch: as many as one request may hold.
const BATCH: usize = 1_000;
/// Connections that send batches: enough to gather one while another is written.
const BATCH_CONNECTIONS: usize = 4;

/// Makes identifiers unique over all runs of this process.
static RUN: AtomicU64 = AtomicU64::new(0);

/// One event, as a product sends it.
pub(crate) fn event(organization: &str, id: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"bench","type":"inference","subject":"{organization}","data":{{"model":"bursar/echo","provider":"bursar","operation":"chat_completion","promptTokens":1000,"completionTokens":500,"cachedTokens":0,"generationId":"gen-{id}"}}}}"#
    )
}

/// Requests of one event each: connection `n` reports for the `n`-th of so many organizations.
pub(crate) async fn single(
    stage: &Stage,
    addresses: &[SocketAddr],
    books: usize,
    options: &Options,
) -> Outcome {
    let (reporters, run) = (stage.reporters.clone(), RUN.fetch_add(1, Ordering::Relaxed));
    let load = Load { connections: MANY, duration: options.duration };
    http::run(addresses, load, move |connection, nth| {
        let reporter = &reporters[connection % books];
        let body = event(&reporter.organization.to_string(), &format!("{run}-{connection}-{nth}"));
        http::post("/api/v1/events", &reporter.key, &body)
    })
    .await
}

async fn batches(stage: &Stage, address: SocketAddr, options: &Options) -> Outcome {
    let (reporters, run) = (stage.reporters.clone(), RUN.fetch_add(1, Ordering::Relaxed));
    let load = Load { connections: BATCH_CONNECTIONS, duration: options.duration };
    http::run(&[address], load, move |connection, nth| {
        let reporter = &reporters[connection];
        let body = batch(reporter, &format!("{run}-{connection}-{nth}"));
        http::post("/api/v1/events", &reporter.key, &body)
    })
    .await
}

/// As many events as one request may hold.
fn batch(reporter: &Reporter, id: &str) -> String {
    let organization = reporter.organization.to_string();
    let events: Vec<String> =
        (0..BATCH).map(|place| event(&organization, &format!("{id}-{place}"))).collect();
    format!("[{}]", events.join(","))
}

/// Measures, interleaved.
pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let alone = BatchLimits { commands: 1, ..BatchLimits::default() };
    let queue = vec![stage.serve(BatchLimits::default()).await];
    let one_by_one = vec![stage.serve(alone).await];
    // A queue of its own for each caller: as many transactions at once as the pool has connections.
    let mut without = Vec::with_capacity(MANY);
    for _ in 0..MANY {
        without.push(stage.serve(alone).await);
    }
    // Warm: connections, statements, caches, and each organization's book.
    drop(single(stage, &queue, MANY, options).await);
    let (mut gathered, mut single_file, mut at_once) =
        (Samples::default(), Samples::default(), Samples::default());
    let (mut sent, mut inserted) = (Samples::default(), Samples::default());
    let mut latency = String::new();
    let reporter = &stage.reporters[BATCH_AT];
    let rows = raw::footprint(stage, queue[0], reporter, |nth| batch(reporter, &nth.to_string())).await;
    eprintln!("   a batch writes {}", raw::count(&rows));
    let mut replay = Replay::open(&stage.sql, &rows).await;
    for _ in 0..options.repetitions {
        let outcome = single(stage, &queue, MANY, options).await;
        latency = format!("p50 {:.1} ms, p99 {:.1} ms", outcome.latency_ms(500), outcome.latency_ms(990));
        gathered.0.push(outcome.per_second());
        single_file.0.push(single(stage, &one_by_one, MANY, options).await.per_second());
        at_once.0.push(single(stage, &without, MANY, options).await.per_second());
        sent.0.push(batches(stage, queue[0], options).await.per_second() * BATCH as f64);
        let transactions = raw::transactions_per_second(&mut replay, options.duration).await;
        inserted.0.push(transactions * BATCH as f64);
    }
    let name = stage.name();
    let figure = |label: &str, value: &Samples, baseline: &Samples, bar: Bar, note: String| Figure {
        name: format!("{name} {label}"),
        value: value.clone(),
        unit: "1/s",
        baseline: Some(baseline.clone()),
        bar,
        note,
    };
    let note = format!("64 connections, 64 books; {latency}");
    figures.add(figure(
        "(a) durable single events / one a transaction",
        &gathered,
        &single_file,
        Bar::AtLeast(5.0),
        note,
    ));
    let note = format!("64 queues of one command each, over {CONNECTIONS} connections");
    figures.add(figure(
        "(a) durable single events / without the queue",
        &gathered,
        &at_once,
        Bar::None,
        note,
    ));
    let note = format!("{BATCH_CONNECTIONS} connections; beside raw INSERTs of every row over one");
    figures.add(figure(
        "(b) events in batches of 1000 / raw INSERT",
        &sent,
        &inserted,
        Bar::AtLeast(0.25),
        note,
    ));
}

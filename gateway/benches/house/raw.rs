//! The physical limit of (b): every row that one batch of 1 000 events writes, in all tables, by
//! multi-row INSERTs with bound values over one connection, as many as the ingest queue has
//! transactions in flight. Same tables, same indexes, same waiting for the disk.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bursar_testkit::{Footprint, Replay, written};

use crate::{
    http,
    stage::{Reporter, Stage},
};

/// Where an event leaves rows.
const PREFIXES: &[&str] = &["ledger_", "metering_"];

/// What a request leaves in the tables of a reporter that has never sent one: it is sent twice, so
/// that the second one meets the sums of the first, as nearly all do.
pub(crate) async fn footprint<F>(
    stage: &Stage,
    server: SocketAddr,
    reporter: &Reporter,
    body: F,
) -> Vec<Footprint>
where
    F: Fn(usize) -> String,
{
    let account = reporter.organization.uuid();
    http::once(server, &http::post("/api/v1/events", &reporter.key, &body(0))).await;
    let before = stage.sql.rows_of(account, PREFIXES).await;
    http::once(server, &http::post("/api/v1/events", &reporter.key, &body(1))).await;
    let after = stage.sql.rows_of(account, PREFIXES).await;
    let written = written(&before, after);
    assert!(written.iter().any(|table| table.is_new), "a request leaves rows");
    written
}

/// How many rows, in words.
pub(crate) fn count(written: &[Footprint]) -> String {
    let tables: Vec<String> = written
        .iter()
        .map(|table| {
            let met = if table.is_new { "" } else { " met again" };
            format!("{} {}{met}", table.rows.len(), table.table)
        })
        .collect();
    tables.join(", ")
}

/// Transactions a second, one after the other.
pub(crate) async fn transactions_per_second(replay: &mut Replay, duration: Duration) -> f64 {
    let began = Instant::now();
    let mut transactions = 0_u32;
    while began.elapsed() < duration {
        replay.run().await;
        transactions += 1;
    }
    f64::from(transactions) / began.elapsed().as_secs_f64()
}

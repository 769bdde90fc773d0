//! (e) one hot book and (f) 64 books, beside the same rows written by `pgbench`, one at a time.

use std::{io::Write as _, path::PathBuf, process::Command};

use bursar_operations::BatchLimits;

use crate::{
    Options, events,
    figure::{Bar, Figure, Figures, Samples},
    stage::{MANY, Stage},
};

/// What one event writes, as plain SQL: its usage row, its posting with two entries, the lot and
/// the book, under the book's lock. (Rollups are left out: the limit is higher for it.)
fn script(stage: &Stage, books: usize) -> String {
    let accounts: Vec<String> = stage.reporters[..books]
        .iter()
        .map(|reporter| format!("'{}'", reporter.organization.uuid()))
        .collect();
    format!(
        r"\set book random(1, {books})
\set nonce random(1, 1000000000)
BEGIN;
SELECT balance, remainder_nanos FROM ledger_book WHERE account_id = (ARRAY[{accounts}])[:book]::uuid FOR UPDATE;
SELECT * FROM ledger_lot WHERE account_id = (ARRAY[{accounts}])[:book]::uuid AND closed_at IS NULL;
SELECT content_hash FROM metering_usage WHERE account_id = (ARRAY[{accounts}])[:book]::uuid AND source = 'bench' AND event_id = (:nonce)::text;
INSERT INTO ledger_posting SELECT p.account_id, gen_random_uuid(), {posting} FROM (SELECT * FROM ledger_posting WHERE account_id = (ARRAY[{accounts}])[:book]::uuid LIMIT 1) AS p;
INSERT INTO ledger_entry SELECT e.account_id, gen_random_uuid(), {entry} FROM (SELECT * FROM ledger_entry WHERE account_id = (ARRAY[{accounts}])[:book]::uuid LIMIT 2) AS e;
INSERT INTO metering_usage SELECT {usage} FROM (SELECT * FROM metering_usage WHERE account_id = (ARRAY[{accounts}])[:book]::uuid LIMIT 1) AS u;
UPDATE ledger_book SET balance = balance - 2500 WHERE account_id = (ARRAY[{accounts}])[:book]::uuid;
COMMIT;
",
        accounts = accounts.join(","),
        posting = "{posting}",
        entry = "{entry}",
        usage = "{usage}",
    )
}

/// The columns of a table behind its identifiers, with fresh ones where they must be unique.
async fn columns(stage: &Stage, table: &str, alias: &str, fresh: &[(&str, &str)], skip: &[&str]) -> String {
    let names = stage
        .sql
        .texts(&format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        ))
        .await;
    let selected: Vec<String> = names
        .iter()
        .filter(|name| !skip.contains(&name.as_str()))
        .map(|name| {
            let made = fresh.iter().find(|(column, _)| column == name);
            made.map_or_else(|| format!("{alias}.{name}"), |(_, expression)| (*expression).to_owned())
        })
        .collect();
    selected.join(", ")
}

/// Transactions a second of `pgbench` with 64 clients.
async fn pgbench(stage: &Stage, books: usize, options: &Options) -> f64 {
    let id = ("id", "gen_random_uuid()");
    let posting = columns(
        stage,
        "ledger_posting",
        "p",
        &[("reference", "gen_random_uuid()::text")],
        &["account_id", "id"],
    )
    .await;
    let entry = columns(stage, "ledger_entry", "e", &[], &["account_id", "posting_id"]).await;
    let usage =
        columns(stage, "metering_usage", "u", &[id, ("event_id", "gen_random_uuid()::text")], &[]).await;
    let text = script(stage, books)
        .replace("{posting}", &posting)
        .replace("{entry}", &entry)
        .replace("{usage}", &usage);
    let mut file = tempfile::NamedTempFile::new().expect("a file is made");
    file.write_all(text.as_bytes()).expect("a file is written");
    let seconds = options.duration.as_secs().max(1).to_string();
    let output = Command::new(binary())
        .args(["-n", "-c", "64", "-j", "2", "-T", &seconds, "-f"])
        .arg(file.path())
        .arg(&stage.sql.url)
        .output()
        .expect("pgbench runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let tps = said.lines().find_map(|line| line.strip_prefix("tps = "));
    let tps = tps.and_then(|rest| rest.split_whitespace().next()).and_then(|number| number.parse().ok());
    tps.unwrap_or_else(|| panic!("pgbench says: {said}{}", String::from_utf8_lossy(&output.stderr)))
}

fn binary() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/pgbench"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| PathBuf::from("pgbench"))
}

/// Measures, interleaved.
pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let server = vec![stage.serve(BatchLimits::default()).await];
    // Every book has rows to copy.
    drop(events::single(stage, &server, MANY, options).await);
    for (label, books, bar) in
        [("(e) one hot book", 1, Bar::AtLeast(2.0)), ("(f) 64 books", MANY, Bar::AtLeast(2.0))]
    {
        let (mut ours, mut theirs) = (Samples::default(), Samples::default());
        let mut latency = String::new();
        for _ in 0..options.repetitions {
            let outcome = events::single(stage, &server, books, options).await;
            latency = format!("p50 {:.1} ms, p99 {:.1} ms", outcome.latency_ms(500), outcome.latency_ms(990));
            ours.0.push(outcome.per_second());
            theirs.0.push(pgbench(stage, books, options).await);
        }
        figures.add(Figure {
            name: format!("postgres {label} / pgbench"),
            value: ours,
            unit: "1/s",
            baseline: Some(theirs),
            bar,
            note: format!("64 connections through the API beside 64 clients of pgbench; {latency}"),
        });
    }
}

//! (e) one hot book and (f) 64 books, beside `pgbench` with as many clients: what our transaction of
//! one event runs, as plain SQL with the values in it, one event a transaction.

use std::{io::Write as _, path::PathBuf, process::Command};

use bursar_operations::BatchLimits;
use bursar_testkit::{Cell, Footprint};

use crate::{
    Options, events,
    figure::{Bar, Figure, Figures, Samples},
    raw,
    stage::{MANY, SINGLE_AT, Stage},
};

/// What the scripts look up once a transaction: the account of a book with its lot, and a number
/// that makes identifiers, rising as ours do.
const HELPERS: &[&str] = &[
    "CREATE TABLE bench_account (number int PRIMARY KEY, account_id uuid NOT NULL, lot_id uuid NOT NULL)",
    "CREATE SEQUENCE bench_number CACHE 1000",
];

/// Seconds that do not count: 64 sessions begin by planning everything, some of it under the lock.
const WARM_UP: u64 = 2;

/// Under the lock of the book, as ours; then open lots, then whether the event is known.
const BEGIN: &str = r"BEGIN;
SELECT a.account_id, a.lot_id, n.number, ('00000000-0000-7000-8000-' || lpad(to_hex(n.number), 12, '0'))::uuid AS fresh, b.balance, b.remainder_nanos FROM bench_account AS a JOIN ledger_book AS b ON b.account_id = a.account_id CROSS JOIN (SELECT nextval('bench_number') AS number) AS n WHERE a.number = :book FOR UPDATE OF b \gset
SELECT * FROM ledger_lot WHERE account_id = :account_id AND closed_at IS NULL;
SELECT content_hash FROM metering_usage WHERE account_id = :account_id AND source = 'bench' AND event_id = :number;
";

/// The script over so many books: one statement a table, for all that one event wrote there.
fn script(written: &[Footprint], books: usize) -> String {
    let mut script = format!("\\set book random(1, {books})\n{BEGIN}");
    for table in written {
        script +=
            &if !table.is_new && table.table.starts_with("ledger_") { update(table) } else { insert(table) };
        script += ";\n";
    }
    script + "COMMIT;\n"
}

fn insert(written: &Footprint) -> String {
    let rows: Vec<String> = written
        .rows
        .iter()
        .map(|row| {
            let values: Vec<String> =
                (0..row.len()).map(|place| value(written, place, row[place].as_ref())).collect();
            format!("({})", values.join(", "))
        })
        .collect();
    format!(
        "INSERT INTO {} AS t ({}) VALUES {} {}",
        written.table,
        written.columns.join(", "),
        rows.join(", "),
        written.on_conflict()
    )
}

/// Books and lots are not inserted again but updated.
fn update(written: &Footprint) -> String {
    let [row] = written.rows.as_slice() else { panic!("an account of the bench has one {}", written.table) };
    let equal =
        |place: usize| format!("{} = {}", written.columns[place], value(written, place, row[place].as_ref()));
    let sets: Vec<String> = written.numbers().map(equal).collect();
    let key: Vec<String> = written.key.iter().filter_map(|name| written.place(name)).map(equal).collect();
    format!("UPDATE {} SET {} WHERE {}", written.table, sets.join(", "), key.join(" AND "))
}

/// A value as it was written, but for what differs from one account or event to another.
fn value(written: &Footprint, place: usize, cell: Option<&Cell>) -> String {
    let column = written.columns[place].as_str();
    let is_fresh = written.is_new && written.telling.iter().any(|telling| telling == column);
    match cell {
        None => "NULL".to_owned(),
        Some(Cell::Id(_)) if column == "account_id" => ":account_id".to_owned(),
        Some(Cell::Id(_)) if column == "lot_id" => ":lot_id".to_owned(),
        Some(Cell::Id(_)) if written.table == "ledger_lot" => ":lot_id".to_owned(),
        Some(Cell::Id(_)) if is_fresh => ":fresh".to_owned(),
        Some(Cell::Text(_)) if is_fresh => ":number".to_owned(),
        Some(Cell::Id(id)) => format!("'{id}'"),
        // To pgbench a colon begins a variable, also within quotes.
        Some(Cell::Text(text)) => {
            format!("E'{}'", text.replace('\\', r"\\").replace('\'', "''").replace(':', r"\x3a"))
        }
        Some(Cell::Integer(number)) => number.to_string(),
        Some(Cell::Flag(flag)) => flag.to_string(),
    }
}

async fn prepare(stage: &Stage) {
    for helper in HELPERS {
        stage.sql.execute(helper).await.expect("a helper is made");
    }
    for (number, reporter) in (1..).zip(&stage.reporters[..MANY]) {
        let (number, account): (i32, _) = (number, reporter.organization.uuid());
        let insert = format!(
            "INSERT INTO bench_account SELECT {number}, account_id, id FROM ledger_lot WHERE account_id = '{account}'"
        );
        assert_eq!(stage.sql.execute(&insert).await, Ok(1), "an account of the bench has one lot");
    }
}

/// Transactions a second of `pgbench` with 64 clients, once they are warm.
///
/// # Panics
/// When one of them fails: it would be counted for less than its work.
fn pgbench(stage: &Stage, script: &str, options: &Options) -> f64 {
    let mut file = tempfile::NamedTempFile::new().expect("a file is made");
    file.write_all(script.as_bytes()).expect("a file is written");
    let (clients, seconds) = (MANY.to_string(), (WARM_UP + options.duration.as_secs().max(1)).to_string());
    let output = Command::new(binary())
        // By the indexes, however young the statistics are.
        .env("PGOPTIONS", "-c enable_seqscan=off")
        .args(["-n", "-M", "prepared", "-c", &clients, "-j", "2", "-P", "1", "-T", &seconds, "-f"])
        .arg(file.path())
        .arg(&stage.sql.url)
        .output()
        .expect("pgbench runs");
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let is_whole = output.status.success()
        && said.lines().any(|line| line.starts_with("number of failed transactions: 0 "));
    assert!(is_whole, "pgbench says: {said}{told}{script}");
    // progress: 3.0 s, 903.5 tps, …
    let seconds: Vec<f64> = told
        .lines()
        .filter_map(|line| line.strip_prefix("progress: ")?.split_once(" s, "))
        .filter(|(second, _)| second.parse::<f64>().is_ok_and(|second| second > WARM_UP as f64 + 0.5))
        .filter_map(|(_, rest)| rest.split_once(" tps")?.0.parse().ok())
        .collect();
    assert!(!seconds.is_empty(), "pgbench says: {said}{told}");
    seconds.iter().sum::<f64>() / seconds.len() as f64
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
    prepare(stage).await;
    let reporter = &stage.reporters[SINGLE_AT];
    let event = |nth: usize| events::event(&reporter.organization.to_string(), &nth.to_string());
    let written = raw::footprint(stage, server[0], reporter, event).await;
    eprintln!("   an event writes {}", raw::count(&written));
    let sums_apart: Vec<Footprint> =
        written.iter().filter(|table| table.is_new || table.table.starts_with("ledger_")).cloned().collect();
    // Warm: connections, statements, caches.
    drop(events::single(stage, &server, MANY, options).await);
    for (label, books) in [("(e) one hot book", 1), ("(f) 64 books", MANY)] {
        let (whole, without_sums) = (script(&written, books), script(&sums_apart, books));
        let (mut ours, mut theirs, mut bare) = (Samples::default(), Samples::default(), Samples::default());
        let mut latency = String::new();
        for _ in 0..options.repetitions {
            let outcome = events::single(stage, &server, books, options).await;
            latency = format!("p50 {:.1} ms, p99 {:.1} ms", outcome.latency_ms(500), outcome.latency_ms(990));
            ours.0.push(outcome.per_second());
            theirs.0.push(pgbench(stage, &whole, options));
            bare.0.push(pgbench(stage, &without_sums, options));
        }
        figures.add(Figure {
            name: format!("postgres {label} / pgbench"),
            value: ours.clone(),
            unit: "1/s",
            baseline: Some(theirs),
            bar: Bar::AtLeast(2.0),
            note: format!("64 connections beside 64 clients of pgbench, 0 failed; {latency}"),
        });
        figures.add(Figure {
            name: format!("postgres {label} / pgbench without rollups"),
            value: ours,
            unit: "1/s",
            baseline: Some(bare),
            bar: Bar::None,
            note: "the same beside transactions that count in no meter".to_owned(),
        });
    }
}

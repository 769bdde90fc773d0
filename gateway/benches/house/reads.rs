//! (d) balance and first page of a book with 10³ and one with 10⁶ entries: the cost of a read must
//! not grow with history.

use bursar_kernel::Engine;
use bursar_operations::BatchLimits;

use crate::{
    Options, events,
    figure::{Bar, Figure, Figures, Samples},
    http::{self, Load},
    stage::{MANY, Stage},
};

const SHORT: usize = 1_000;
const LONG: usize = 1_000_000;
/// Which of the stage's organizations have them.
const SHORT_AT: usize = 0;
const LONG_AT: usize = 1;

/// Gives an organization a history: copies of one recorded row, a microsecond apart.
async fn fill(stage: &Stage, reporter: usize, rows: usize) {
    let account = match stage.engine {
        Engine::Postgres => format!("'{}'", stage.reporters[reporter].organization.uuid()),
        Engine::Sqlite => format!("x'{}'", stage.reporters[reporter].organization.uuid().simple()),
    };
    let (id, text, series) = match stage.engine {
        Engine::Postgres => (
            "gen_random_uuid()",
            "gen_random_uuid()::text",
            format!("(SELECT generate_series(1, {rows})::bigint AS x) AS n"),
        ),
        Engine::Sqlite => (
            "randomblob(16)",
            "hex(randomblob(16))",
            format!(
                "(WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {rows}) SELECT x FROM n) AS n"
            ),
        ),
    };
    for (table, fresh) in [
        ("metering_usage", vec![("id", id), ("event_id", text), ("created_at", "it.created_at - n.x")]),
        ("ledger_entry", vec![("posting_id", id)]),
        ("ledger_posting", vec![("id", id), ("reference", text), ("created_at", "it.created_at - n.x")]),
    ] {
        let columns = match stage.engine {
            Engine::Postgres => stage.sql.texts(&format!("SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position")).await,
            Engine::Sqlite => stage.sql.texts(&format!("SELECT name FROM pragma_table_info('{table}')")).await,
        };
        let selected: Vec<String> = columns
            .iter()
            .map(|name| {
                let made = fresh.iter().find(|(column, _)| column == name);
                made.map_or_else(|| format!("it.{name}"), |(_, expression)| (*expression).to_owned())
            })
            .collect();
        let insert = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM (SELECT * FROM {table} WHERE account_id = {account} LIMIT 1) AS it, {series}",
            columns.join(", "),
            selected.join(", ")
        );
        stage.sql.execute(&insert).await.expect("a history is written");
    }
}

/// Buffers that PostgreSQL touches for the first page of a usage list, read from warm memory.
async fn buffers(stage: &Stage, reporter: usize) -> f64 {
    let explain = format!(
        "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM metering_usage \
         WHERE account_id = '{}' AND billable ORDER BY created_at DESC, id DESC LIMIT 51",
        stage.reporters[reporter].organization.uuid()
    );
    drop(stage.sql.texts(&explain).await);
    let lines = stage.sql.texts(&explain).await;
    let line = lines.iter().find(|line| line.contains("Buffers:")).expect("buffers are counted");
    let pages = line.split(['=', ' ']).filter_map(|word| word.parse::<f64>().ok());
    pages.sum()
}

/// Measures, interleaved.
pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let server = vec![stage.serve(BatchLimits::default()).await];
    drop(events::single(stage, &server, MANY, options).await);
    fill(stage, SHORT_AT, SHORT).await;
    fill(stage, LONG_AT, LONG).await;
    if stage.engine == Engine::Postgres {
        stage.sql.execute("VACUUM ANALYZE").await.expect("the planner knows the tables");
    }
    let load = Load { connections: 8, duration: options.duration };
    for (label, path) in [("balance", "balance"), ("first page of usage", "usages")] {
        let (mut short, mut long) = (Samples::default(), Samples::default());
        for round in 0..=options.repetitions {
            for (reporter, samples) in [(SHORT_AT, &mut short), (LONG_AT, &mut long)] {
                let reporters = stage.reporters.clone();
                let outcome = http::run(&server, load, move |_, _| {
                    let reporter = &reporters[reporter];
                    http::get(
                        &format!("/api/v1/organizations/{}/{path}", reporter.organization),
                        &reporter.key,
                    )
                })
                .await;
                if round > 0 {
                    samples.0.push(outcome.latency_ms(500));
                }
            }
        }
        figures.add(Figure {
            name: format!("{} (d) {label}, 10⁶ / 10³ rows", stage.name()),
            value: long,
            unit: "ms",
            baseline: Some(short),
            bar: Bar::AtMost(1.3),
            note: "median latency at 8 connections".to_owned(),
        });
    }
    if stage.engine == Engine::Postgres {
        figures.add(Figure {
            name: "postgres (d) buffers of the first page, 10⁶ / 10³ rows".to_owned(),
            value: Samples::one(buffers(stage, LONG_AT).await),
            unit: "buffers",
            baseline: Some(Samples::one(buffers(stage, SHORT_AT).await)),
            bar: Bar::AtMost(1.3),
            note: "EXPLAIN (ANALYZE, BUFFERS) on warm pages".to_owned(),
        });
    }
}

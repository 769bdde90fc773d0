//! (d) balance and first page of a book with 10³ and one with 10⁶ entries (10⁵ if it must be quick):
//! the cost of a read must not grow with history.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bursar_kernel::{Db, Engine};

use crate::{
    Options, events,
    figure::{Bar, Figure, Figures, Samples},
    http::{self, Load, Outcome},
    stage::{MANY, Stage},
};

const SHORT: usize = 1_000;
/// Which of the stage's organizations have them.
const SHORT_AT: usize = 0;
const LONG_AT: usize = 1;
/// The bounded wait for sessions that end.
const END_LIMIT: Duration = Duration::from_secs(30);

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

/// Buffers that PostgreSQL touches for the first page of a usage list: what its own statistics count
/// for the table and its indexes while the API serves that page, whatever query it runs for it.
async fn buffers(stage: &Stage, reporter: usize, options: &Options) -> f64 {
    const TOUCHED: &str = "SELECT (heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit)::bigint \
                           FROM pg_statio_user_tables WHERE relname = 'metering_usage'";
    let (before, sessions) = (stage.sql.number(TOUCHED).await, sessions(stage).await);
    let (server, db) = stage.serve_apart().await;
    let outcome = serve(stage, &[server], reporter, "usages", options).await;
    end(stage, db, sessions).await;
    (stage.sql.number(TOUCHED).await - before) as f64 / outcome.completed as f64
}

async fn sessions(stage: &Stage) -> i64 {
    stage.sql.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").await
}

/// Ends connections and waits until only so many sessions are left: one that has ended has told what
/// it counted.
async fn end(stage: &Stage, db: Db, left: i64) {
    db.close().await.expect("the connections end");
    let began = Instant::now();
    while sessions(stage).await > left {
        assert!(began.elapsed() < END_LIMIT, "sessions do not end");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Reads one page of one organization again and again.
async fn serve(
    stage: &Stage,
    server: &[SocketAddr],
    reporter: usize,
    path: &'static str,
    options: &Options,
) -> Outcome {
    let (reporters, load) = (stage.reporters.clone(), Load { connections: 8, duration: options.duration });
    http::run(server, load, move |_, _| {
        let reporter = &reporters[reporter];
        http::get(&format!("/api/v1/organizations/{}/{path}", reporter.organization), &reporter.key)
    })
    .await
}

/// Measures, interleaved.
pub(crate) async fn measure(stage: &Stage, options: &Options, figures: &mut Figures) {
    let before = if stage.engine == Engine::Postgres { sessions(stage).await } else { 0 };
    let (address, db) = stage.serve_apart().await;
    let server = vec![address];
    drop(events::single(stage, &server, MANY, options).await);
    fill(stage, SHORT_AT, SHORT).await;
    fill(stage, LONG_AT, 10_usize.pow(options.history)).await;
    if stage.engine == Engine::Postgres {
        stage.sql.execute("VACUUM ANALYZE").await.expect("the planner knows the tables");
        // From here on nobody but the reads touches this one.
        let alone = "ALTER TABLE metering_usage SET (autovacuum_enabled = false)";
        stage.sql.execute(alone).await.expect("the table is left alone");
    }
    for (label, path) in [("balance", "balance"), ("first page of usage", "usages")] {
        let (mut short, mut long) = (Samples::default(), Samples::default());
        for round in 0..=options.repetitions {
            for (reporter, samples) in [(SHORT_AT, &mut short), (LONG_AT, &mut long)] {
                let outcome = serve(stage, &server, reporter, path, options).await;
                if round > 0 {
                    samples.0.push(outcome.latency_ms(500));
                }
            }
        }
        figures.add(Figure {
            name: format!("{} (d) {label}, 10^{} / 10^3 rows", stage.name(), options.history),
            value: long,
            unit: "ms",
            baseline: Some(short),
            bar: Bar::AtMost(1.3),
            note: "median latency at 8 connections".to_owned(),
        });
    }
    if stage.engine == Engine::Postgres {
        end(stage, db, before).await;
        figures.add(Figure {
            name: format!("postgres (d) buffers of the first page, 10^{} / 10^3 rows", options.history),
            value: Samples::one(buffers(stage, LONG_AT, options).await),
            unit: "buffers",
            baseline: Some(Samples::one(buffers(stage, SHORT_AT, options).await)),
            bar: Bar::AtMost(1.3),
            note: "of the table and its indexes a request, as the server counts them".to_owned(),
        });
    }
}

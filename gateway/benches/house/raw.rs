//! The physical limit of (b): the usage rows of a batch of 1 000 events, by one multi-row INSERT
//! into the same table with the same indexes, committed. (A batch writes some forty rows more:
//! postings, entries, rollups. Leaving them out makes the limit higher, not lower.)

use std::time::{Duration, Instant};

use bursar_kernel::Engine;
use bursar_testkit::TestDb;

use crate::stage::Stage;

/// Rows of one statement.
const ROWS: usize = 1_000;
/// Transactions of one round: one connection serves them all.
const TRANSACTIONS: usize = 20;

/// What is inserted: rows like one that was recorded, under new identifiers.
pub(crate) struct Rows {
    sql: TestDb,
    transactions: String,
}

impl Rows {
    /// # Panics
    /// When nothing has been recorded yet.
    pub(crate) async fn new(stage: &Stage) -> Self {
        let columns = columns(stage).await;
        let value = |column: &String| match (stage.engine, column.as_str()) {
            (Engine::Postgres, "id") => "'gen_random_uuid()'".to_owned(),
            (Engine::Postgres, "event_id") => "'gen_random_uuid()::text'".to_owned(),
            (Engine::Postgres, column) => format!("quote_nullable({column}::text)"),
            (Engine::Sqlite, "id") => "'randomblob(16)'".to_owned(),
            (Engine::Sqlite, "event_id") => "'hex(randomblob(16))'".to_owned(),
            (Engine::Sqlite, column) => format!("quote({column})"),
        };
        let values: Vec<String> = columns.iter().map(value).collect();
        let row = format!("SELECT {} FROM metering_usage LIMIT 1", values.join(" || ', ' || "));
        let row = stage.sql.texts(&row).await.remove(0);
        let rows = vec![format!("({row})"); ROWS].join(", ");
        let transaction =
            format!("BEGIN; INSERT INTO metering_usage ({}) VALUES {rows}; COMMIT; ", columns.join(", "));
        Self { sql: stage.sql.clone(), transactions: transaction.repeat(TRANSACTIONS) }
    }

    /// Rows a second, one transaction after the other.
    pub(crate) async fn insert_for(&self, duration: Duration) -> f64 {
        let began = Instant::now();
        let mut rows = 0;
        while began.elapsed() < duration {
            self.sql.execute(&self.transactions).await.expect("rows are inserted");
            rows += ROWS * TRANSACTIONS;
        }
        rows as f64 / began.elapsed().as_secs_f64()
    }
}

async fn columns(stage: &Stage) -> Vec<String> {
    stage
        .sql
        .texts(match stage.engine {
            Engine::Postgres => {
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_name = 'metering_usage' ORDER BY ordinal_position"
            }
            Engine::Sqlite => "SELECT name FROM pragma_table_info('metering_usage')",
        })
        .await
}

use std::{
    panic::{AssertUnwindSafe, resume_unwind},
    sync::Arc,
    time::Duration,
};

use bursar_kernel::{Db, DbOptions, Engine};
use futures_util::FutureExt as _;

use crate::{MockClock, SeededEntropy, SequentialIds, postgres, server, sqlite};

/// How long a test waits for a connection. The product's own five seconds are told as an outage.
const PATIENCE: Duration = Duration::from_mins(1);

/// A database of one test, migrated and empty, with sources that repeat.
#[derive(Clone)]
pub struct TestDb {
    /// Which engine.
    pub engine: Engine,
    /// The database, drawing from the sources below.
    pub db: Db,
    /// Its clock, which the test moves.
    pub clock: Arc<MockClock>,
    /// Its identifiers.
    pub ids: Arc<SequentialIds>,
    /// Its randomness.
    pub entropy: Arc<SeededEntropy>,
    /// Where it is, for those who connect by themselves: a process under test, plain SQL.
    pub url: String,
}

impl TestDb {
    async fn open(engine: Engine, url: String) -> Self {
        let (clock, ids, entropy) =
            (Arc::<MockClock>::default(), Arc::<SequentialIds>::default(), Arc::<SeededEntropy>::default());
        // On a machine that is busy with builds a connection may take long; that is not the test's fault.
        let options = DbOptions { durable: false, acquire_timeout: PATIENCE, ..DbOptions::new(url.clone()) };
        let db = Db::connect(&options).await.unwrap_or_else(|error| panic!("{url}: {error:?}"));
        let db = db.with_sources(clock.clone(), ids.clone(), entropy.clone());
        Self { engine, db, clock, ids, entropy, url }
    }
}

/// Runs a test on SQLite and then, where a server is found, on PostgreSQL: on the engines that the
/// crate under test was built with.
pub async fn for_each_engine<F, Fut>(test: F)
where
    F: Fn(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    on_sqlite(&test).await;
    on_postgres(&test).await;
}

/// As [`for_each_engine`], in databases without any table: for the tests of the migrations.
pub async fn for_each_engine_unmigrated<F, Fut>(test: F)
where
    F: Fn(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    if cfg!(feature = "sqlite") {
        let scratch = sqlite::Scratch::empty();
        run(&test, Engine::Sqlite, scratch.url()).await;
    }
    if let Some(server) = server_to_test_on() {
        run_and_drop(&test, postgres::Scratch::empty(&server).await).await;
    }
}

/// Runs a test on SQLite alone: for what only that engine does.
pub async fn on_sqlite<F, Fut>(test: F)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    if cfg!(feature = "sqlite") {
        let scratch = sqlite::Scratch::new().await;
        run(test, Engine::Sqlite, scratch.url()).await;
    }
}

/// Runs a test on PostgreSQL alone, if a server is found.
pub async fn on_postgres<F, Fut>(test: F)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    if let Some(server) = server_to_test_on() {
        run_and_drop(test, postgres::Scratch::new(&server).await).await;
    }
}

fn server_to_test_on() -> Option<String> {
    if !cfg!(feature = "postgres") {
        return None;
    }
    match server::find() {
        Ok(server) => Some(server),
        Err(reason) if server::is_required() => panic!("PostgreSQL is required: {reason}"),
        Err(reason) => {
            say(&format!("NOT RUN on PostgreSQL: {reason}"));
            None
        }
    }
}

async fn run_and_drop<F, Fut>(test: F, scratch: postgres::Scratch)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    let outcome = AssertUnwindSafe(run(test, Engine::Postgres, scratch.url())).catch_unwind().await;
    scratch.drop().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

async fn run<F, Fut>(test: F, engine: Engine, url: String)
where
    F: FnOnce(TestDb) -> Fut,
    Fut: Future<Output = ()>,
{
    let database = TestDb::open(engine, url).await;
    let db = database.db.clone();
    let outcome = AssertUnwindSafe(test(database)).catch_unwind().await;
    if let Err(panic) = outcome {
        say(&format!("FAILED on {engine:?}"));
        resume_unwind(panic);
    }
    db.close().await.expect("the test's database is closed");
}

#[expect(clippy::print_stderr, reason = "for the person who reads the test's output")]
fn say(line: &str) {
    eprintln!("{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_test_has_a_migrated_database_of_its_own() {
        for_each_engine(|first| async move {
            for_each_engine(|second| {
                let first = first.url.clone();
                async move { assert_ne!(first, second.url) }
            })
            .await;
            assert_eq!(first.db.engine(), first.engine);
            assert_eq!(first.db.reader().now().rfc3339(), MockClock::START);
        })
        .await;
    }
}

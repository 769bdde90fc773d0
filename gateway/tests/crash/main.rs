//! The crash proof in short, on every run: `cargo xtask crash` is the long one. A failure prints
//! the seed that makes the same choices again.

use std::path::PathBuf;

use bursar_kernel::{Entropy, OsEntropy};
use bursar_testkit::{
    crash::{Database, Plan, prove},
    on_postgres,
    server::Own,
};

const KILLS: u32 = 3;
const RESTARTS: u32 = 2;

async fn nothing_acknowledged_is_lost(database: Database) {
    let seed = u64::from_le_bytes((&OsEntropy as &dyn Entropy).bytes());
    let bursar = PathBuf::from(env!("CARGO_BIN_EXE_bursar"));
    let plan = Plan { bursar, database, seed, kills: KILLS, restarts: RESTARTS, hasten: true };
    if let Err(faults) = prove(&plan).await {
        panic!("seed {seed}:\n{}", faults.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_survives_every_kill_on_sqlite() {
    nothing_acknowledged_is_lost(Database::Sqlite).await;
}

/// A cluster of its own is durable and can be crashed too; where only somebody else's server is
/// found, ours alone is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_survives_every_kill_and_every_crash_of_postgres() {
    match Own::start() {
        Ok(own) => nothing_acknowledged_is_lost(Database::Postgres(own)).await,
        Err(_) => {
            on_postgres(|test| nothing_acknowledged_is_lost(Database::Shared(test.url))).await;
        }
    }
}

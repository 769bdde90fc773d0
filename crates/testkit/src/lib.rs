//! What the tests of every other crate stand on; a dev-dependency and nothing else.
//!
//! What it owns: a migrated database of either engine for each test, the clock, identifiers and
//! randomness that make a test say the same thing twice, and an issuer of tokens to take them from
//! (feature `issuer`).
//!
//! ```no_run
//! #[tokio::test]
//! async fn a_committed_row_is_read_back() {
//!     bursar_testkit::for_each_engine(|test| async move {
//!         let tx = test.db.begin().await.unwrap();
//!         tx.commit().await.unwrap();
//!     })
//!     .await;
//! }
//! ```
//!
//! SQLite is a temporary file in WAL mode, as in production; only its waiting for the disk is off.
//! PostgreSQL is [found](server::find) on the machine, or its half is reported as not run;
//! `BURSAR_REQUIRE_POSTGRES=1` makes that a failure.
//!
//! Unlike every other crate this one panics: a test that has no database cannot go on.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that has no database cannot go on")]

mod clock;
#[cfg(feature = "crash")]
pub mod crash;
mod database;
mod entropy;
mod footprint;
mod ids;
mod inspect;
#[cfg(feature = "issuer")]
pub mod issuer;
mod postgres;
mod replay;
pub mod server;
mod sqlite;
#[cfg(feature = "worlds")]
pub mod world;

pub use clock::MockClock;
pub use database::{TestDb, for_each_engine, for_each_engine_unmigrated, on_postgres, on_sqlite};
pub use entropy::SeededEntropy;
pub use footprint::{Cell, Footprint, written};
pub use ids::SequentialIds;
pub use replay::Replay;

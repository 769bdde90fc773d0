//! The kernel against both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod audit;
mod cancelled_begin;
mod embedding;
mod faults;
mod hosts;
mod idempotency;
mod invalidation;
mod numbers;
mod outbox;
mod subject_keys;
mod transactions;

use bursar_kernel::{AccountId, Tx};
use bursar_testkit::TestDb;

/// Somebody's account.
fn account() -> AccountId {
    AccountId::from_uuid(uuid::Uuid::from_u128(7))
}

/// Any write: one message for the outbox.
async fn write(tx: &mut Tx) {
    tx.publish("test.happened", Some(account()), "{}".to_owned()).await.unwrap();
}

/// How many [`write`]s were kept.
async fn written(test: &TestDb) -> i64 {
    test.number("SELECT COUNT(*) FROM kernel_outbox").await
}

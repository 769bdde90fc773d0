//! sqlx 0.9.0 gives a connection whose BEGIN was cancelled back to the pool inside an open
//! transaction; what is then written on it is acknowledged and lost (transact-rs/sqlx #4385).
//! [`bursar_kernel::Db::begin`] makes that impossible, and this proves it.

use bursar_testkit::on_postgres;

use crate::{write, written};

const CANCELLED: usize = 10_000;
const WRITES: i64 = 500;

/// Goes away after so many turns of the scheduler, each a little later in the life of a BEGIN.
async fn impatience(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_that_go_away_during_begin_lose_nothing_that_was_acknowledged() {
    on_postgres(|test| async move {
        let going_away = tokio::spawn({
            let db = test.db.clone();
            async move {
                let mut cancelled = 0;
                for turn in 0.. {
                    tokio::select! {
                        biased;
                        begun = db.begin() => drop(begun.unwrap()),
                        () = impatience(turn % 40) => cancelled += 1,
                    }
                    if cancelled == CANCELLED {
                        break;
                    }
                }
            }
        });
        let writing = tokio::spawn({
            let db = test.db.clone();
            async move {
                for _ in 0..WRITES {
                    let mut tx = db.begin().await.unwrap();
                    write(&mut tx).await;
                    tx.commit().await.unwrap();
                }
            }
        });
        writing.await.unwrap();
        going_away.await.unwrap();

        // As many transactions at once as the pool has connections: each of them is clean.
        let mut open = Vec::new();
        for _ in 0..16 {
            let mut tx = test.db.begin().await.unwrap();
            write(&mut tx).await;
            open.push(tx);
        }
        for tx in open {
            tx.commit().await.unwrap();
        }
        assert_eq!(written(&test).await, WRITES + 16);
        let left_open = test
            .number(
                "SELECT COUNT(*) FROM pg_stat_activity \
                 WHERE datname = current_database() AND state LIKE 'idle in transaction%'",
            )
            .await;
        assert_eq!(left_open, 0);
    })
    .await;
}

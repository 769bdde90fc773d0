use bursar_testkit::{for_each_engine, on_sqlite};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{write, written};

#[tokio::test]
async fn what_is_committed_is_kept() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        write(&mut tx).await;
        assert_eq!(written(&test).await, 0, "nobody else sees it before the commit");
        tx.commit().await.unwrap();
        assert_eq!(written(&test).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_that_is_dropped_or_rolled_back_leaves_nothing() {
    for_each_engine(|test| async move {
        let mut dropped = test.db.begin().await.unwrap();
        write(&mut dropped).await;
        drop(dropped);
        let mut rolled_back = test.db.begin().await.unwrap();
        write(&mut rolled_back).await;
        rolled_back.rollback().await.unwrap();
        let mut kept = test.db.begin().await.unwrap();
        write(&mut kept).await;
        kept.commit().await.unwrap();
        assert_eq!(written(&test).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_has_one_instant_however_long_it_lasts() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let began = tx.now();
        test.clock.advance(std::time::Duration::from_hours(1));
        write(&mut tx).await;
        assert_eq!((tx.now(), tx.reader().now()), (began, began));
        tx.commit().await.unwrap();
        let created = test.number("SELECT created_at FROM kernel_outbox").await;
        assert_eq!(created, began.micros());
    })
    .await;
}

#[tokio::test]
async fn a_reader_cannot_write_by_any_verb() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        write(&mut tx).await;
        tx.commit().await.unwrap();
        let reader = test.db.reader();
        let conn = reader.conn();
        let erase =
            || Statement::from_string(conn.get_database_backend(), "DELETE FROM kernel_outbox RETURNING 1");
        assert!(conn.execute_unprepared("DELETE FROM kernel_outbox").await.is_err());
        assert!(conn.execute_raw(erase()).await.is_err());
        assert!(conn.query_one_raw(erase()).await.is_err(), "nor by asking for the rows that it wrote");
        assert!(conn.query_all_raw(erase()).await.is_err());
        assert_eq!(written(&test).await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_transaction_reads_its_own_writes_and_the_pool_does_not() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        write(&mut tx).await;
        let count =
            Statement::from_string(tx.conn().get_database_backend(), "SELECT COUNT(*) FROM kernel_outbox");
        let of = async |reader: bursar_kernel::Reader<'_>| {
            let row = reader.conn().query_one_raw(count.clone()).await.unwrap().unwrap();
            row.try_get_by_index::<i64>(0).unwrap()
        };
        // On SQLite too this read does not wait for the open write.
        assert_eq!((of(tx.reader()).await, of(test.db.reader()).await), (1, 0));
        tx.rollback().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sqlite_writers_queue_instead_of_failing() {
    on_sqlite(|test| async move {
        let writers = (0..100).map(|_| async {
            let mut tx = test.db.begin().await.unwrap();
            write(&mut tx).await;
            tx.commit().await.unwrap();
        });
        futures_util::future::join_all(writers).await;
        assert_eq!(written(&test).await, 100);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_may_lose_what_it_acknowledged_is_told() {
    for_each_engine(|test| async move {
        // Tests do not wait for the disk, and the question finds that out.
        let error = test.db.assert_durable().await.unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("could lose"), "{cause}");
    })
    .await;
}

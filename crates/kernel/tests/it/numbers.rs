use bursar_testkit::{for_each_engine, on_sqlite};

use crate::write;

async fn one_row(test: &bursar_testkit::TestDb) {
    let mut tx = test.db.begin().await.unwrap();
    write(&mut tx).await;
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_whole_number_keeps_its_extremes() {
    for_each_engine(|test| async move {
        one_row(&test).await;
        for extreme in [i64::MAX, i64::MIN + 1] {
            test.execute(&format!("UPDATE kernel_outbox SET attempts = {extreme}")).await.unwrap();
            assert_eq!(test.number("SELECT attempts FROM kernel_outbox").await, extreme);
        }
    })
    .await;
}

#[tokio::test]
async fn an_update_that_overflows_is_refused_and_changes_nothing() {
    for_each_engine(|test| async move {
        one_row(&test).await;
        for (start, step) in [
            (i64::MAX, "+ 1"),
            (i64::MAX, "+ 9000000000000000000"),
            (i64::MIN + 1, "- 2"),
            (i64::MIN + 1, "- 9000000000000000000"),
        ] {
            test.execute(&format!("UPDATE kernel_outbox SET attempts = {start}")).await.unwrap();
            let overflow = format!("UPDATE kernel_outbox SET attempts = attempts {step}");
            assert!(test.execute(&overflow).await.is_err(), "{start} {step} on {:?}", test.engine);
            assert_eq!(test.number("SELECT attempts FROM kernel_outbox").await, start);
        }
    })
    .await;
}

#[tokio::test]
async fn sqlite_refuses_a_fraction_where_a_whole_number_belongs() {
    on_sqlite(|test| async move {
        one_row(&test).await;
        for wrong in ["1.5", "'many'", "NULL"] {
            let update = format!("UPDATE kernel_outbox SET attempts = {wrong}");
            assert!(test.execute(&update).await.is_err(), "{wrong}");
        }
    })
    .await;
}

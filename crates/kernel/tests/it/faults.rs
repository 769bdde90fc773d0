use bursar_kernel::{Db, Result};
use bursar_testkit::for_each_engine;

use crate::{account, audit::record};

async fn operation(db: &Db) -> Result<()> {
    let mut tx = db.begin().await?;
    tx.publish("test.happened", Some(account()), "{}".to_owned()).await?;
    tx.audit(record()).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_failure_of_any_statement_leaves_nothing() {
    for_each_engine(|test| async move {
        let empty = test.dump().await;
        for nth in 1..=3 {
            test.db.faults().arm(nth);
            let error = operation(&test.db).await.unwrap_err();
            test.db.faults().disarm();
            assert_eq!(error.code(), "internal");
            assert_eq!(test.dump().await, empty, "statement {nth} on {:?}", test.engine);
        }
        test.db.faults().arm(0);
        operation(&test.db).await.unwrap();
        assert_eq!(test.db.faults().disarm(), 3, "two writes and the commit");
        assert_ne!(test.dump().await, empty);
    })
    .await;
}

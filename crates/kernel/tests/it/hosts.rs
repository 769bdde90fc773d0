//! What a service does that embeds us: its own pool, its own transaction.

use bursar_kernel::{Clock as _, Db, Tx};
use bursar_testkit::{TestDb, for_each_engine};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, TransactionTrait as _};

use crate::{write, written};

async fn pool(test: &TestDb) -> DatabaseConnection {
    let mut options = ConnectOptions::new(&test.url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a host begins its own transactions")]
async fn begin(pool: &DatabaseConnection) -> DatabaseTransaction {
    pool.begin().await.unwrap()
}

async fn write_within(test: &TestDb, session: DatabaseTransaction) -> DatabaseTransaction {
    let mut tx = Tx::adopt(session, test.clock.now(), test.ids.clone(), test.entropy.clone());
    write(&mut tx).await;
    tx.into_host()
}

#[tokio::test]
async fn our_writes_in_a_hosts_transaction_share_its_fate() {
    for_each_engine(|test| async move {
        let pool = pool(&test).await;
        let session = write_within(&test, begin(&pool).await).await;
        session.rollback().await.unwrap();
        assert_eq!(written(&test).await, 0);
        let session = write_within(&test, begin(&pool).await).await;
        session.commit().await.unwrap();
        assert_eq!(written(&test).await, 1);
        pool.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_hosts_own_pool_serves_reads_and_writes() {
    for_each_engine(|test| async move {
        let db = Db::from_connection(pool(&test).await).unwrap();
        assert_eq!(db.engine(), test.engine);
        let mut tx = db.begin().await.unwrap();
        write(&mut tx).await;
        tx.commit().await.unwrap();
        assert_eq!(written(&test).await, 1);
        db.close().await.unwrap();
    })
    .await;
}

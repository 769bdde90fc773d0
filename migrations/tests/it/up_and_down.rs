use bursar_migrations::{Migrator, MigratorTrait as _};
use bursar_testkit::for_each_engine_unmigrated;

#[tokio::test]
async fn up_down_and_up_again_make_the_same_schema() {
    for_each_engine_unmigrated(|test| async move {
        let connection = test.db.for_migrations();
        Migrator::up(connection, None).await.unwrap();
        let schema = test.schema().await;
        Migrator::down(connection, None).await.unwrap();
        assert_eq!(test.schema().await.trim(), "", "nothing is left after going down");
        Migrator::up(connection, None).await.unwrap();
        assert_eq!(test.schema().await, schema);
    })
    .await;
}

#[tokio::test]
async fn migrating_what_is_migrated_changes_nothing() {
    bursar_testkit::for_each_engine(|test| async move {
        let schema = test.schema().await;
        Migrator::up(test.db.for_migrations(), None).await.unwrap();
        assert_eq!(test.schema().await, schema);
    })
    .await;
}

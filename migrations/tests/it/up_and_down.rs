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

#[tokio::test]
async fn a_migration_that_breaks_off_leaves_nothing_and_runs_again() {
    for_each_engine_unmigrated(|test| async move {
        let connection = test.db.for_migrations();
        // In the way of the last table of a migration that makes several.
        test.execute("CREATE TABLE metering_unique (in_the_way INTEGER)").await.unwrap();
        Migrator::up(connection, None).await.unwrap_err();
        let left: Vec<_> =
            test.tables().await.into_iter().filter(|table| table.starts_with("metering")).collect();
        assert_eq!(left, ["metering_unique"]);
        test.execute("DROP TABLE metering_unique").await.unwrap();
        Migrator::up(connection, None).await.unwrap();
    })
    .await;
}

#[test]
fn every_migration_is_one_transaction_on_every_engine() {
    for migration in Migrator::migrations() {
        assert_eq!(migration.use_transaction(), Some(true), "{}", migration.name());
    }
}

use bursar_migrations::{
    ApiKeysMigrator, IdentityMigrator, KernelMigrator, LedgerMigrator, MeteringMigrator, MigratorTrait,
    NotificationsMigrator, OrgsMigrator, PlansMigrator,
};
use bursar_testkit::for_each_engine_unmigrated;

/// A host runs the kernel's migrations and one domain's, beside its own tables.
async fn stands_alone<Domain: MigratorTrait>(prefixes: &[&str]) {
    for_each_engine_unmigrated(|test| async move {
        let connection = test.db.for_migrations();
        test.execute("CREATE TABLE host_order (id BIGINT)").await.unwrap();
        KernelMigrator::up(connection, None).await.unwrap();
        Domain::up(connection, None).await.unwrap();
        let tables = test.tables().await;
        let is_its_own = |table: &str| prefixes.iter().any(|prefix| table.starts_with(prefix));
        let foreign = tables
            .iter()
            .find(|table| !is_its_own(table) && !table.starts_with("kernel_") && *table != "host_order");
        assert_eq!(foreign, None, "a domain's tables carry its prefix");
        assert!(tables.iter().any(|table| is_its_own(table)), "{prefixes:?} has tables: {tables:?}");
        Domain::down(connection, None).await.unwrap();
        KernelMigrator::down(connection, None).await.unwrap();
        assert_eq!(test.tables().await, ["host_order"]);
    })
    .await;
}

#[tokio::test]
async fn identity_stands_alone_in_a_hosts_database() {
    stands_alone::<IdentityMigrator>(&["identity_"]).await;
}

#[tokio::test]
async fn orgs_stand_alone_in_a_hosts_database() {
    stands_alone::<OrgsMigrator>(&["orgs_"]).await;
}

#[tokio::test]
async fn api_keys_stand_alone_in_a_hosts_database() {
    stands_alone::<ApiKeysMigrator>(&["api_keys_"]).await;
}

#[tokio::test]
async fn the_ledger_stands_alone_in_a_hosts_database() {
    stands_alone::<LedgerMigrator>(&["ledger_", "sandbox_"]).await;
}

#[tokio::test]
async fn metering_stands_alone_in_a_hosts_database() {
    stands_alone::<MeteringMigrator>(&["metering_"]).await;
}

#[tokio::test]
async fn plans_stand_alone_in_a_hosts_database() {
    stands_alone::<PlansMigrator>(&["plans_"]).await;
}

#[tokio::test]
async fn notifications_stand_alone_in_a_hosts_database() {
    stands_alone::<NotificationsMigrator>(&["notifications_"]).await;
}

//! What a migration makes of the rows that are there.

use bursar_kernel::Engine;
use bursar_migrations::{MeteringMigrator, MigratorTrait as _};
use bursar_testkit::for_each_engine_unmigrated;

/// Before the second migration every meter had rows of its own.
#[tokio::test]
async fn rollups_of_before_are_sums_and_levels_afterwards() {
    for_each_engine_unmigrated(|test| async move {
        let connection = test.db.for_migrations();
        MeteringMigrator::up(connection, Some(1)).await.unwrap();
        let id = |number: u8| match test.engine {
            Engine::Postgres => format!("'00000000-0000-0000-0000-{number:012x}'"),
            Engine::Sqlite => format!("x'{number:032x}'"),
        };
        for (meter, whole, count) in [("tokens", 1_500, 2), ("requests", 2, 2), ("peak_levels", 7, 1)] {
            let row = format!(
                "INSERT INTO metering_rollup (account_id, meter, size, window_start, group_hash, group_values, \
                 sum_whole, sum_micros, event_count, max_micros, latest_micros, latest_at) \
                 VALUES ({}, '{meter}', 'DAY', 0, {}, '{{}}', {whole}, 25, {count}, 7000000, 3000000, 9)",
                id(1),
                id(2)
            );
            test.execute(&row).await.unwrap();
        }
        MeteringMigrator::up(connection, None).await.unwrap();
        let sums = "SELECT event_type || ' ' || meters || ' ' || event_count || ' ' || sum0_whole || ' ' || \
                    sum0_micros || ' ' || sum7_whole FROM metering_sum ORDER BY meters";
        assert_eq!(test.texts(sums).await, ["inference #requests 2 2 25 0", "inference tokens 2 1500 25 0"]);
        let levels = "SELECT meter || ' ' || max_micros || ' ' || latest_micros FROM metering_level";
        assert_eq!(test.texts(levels).await, ["peak_levels 7000000 3000000"]);
    })
    .await;
}

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::column::{IN_ONE_TRANSACTION, id, integer, optional_text, text};

/// Meters that add up share their rows, eight sums to a row; levels keep rows of their own. Before,
/// every meter had rows of its own, and one event touched up to seventeen.
pub(super) struct Sums;

/// Sums of a row.
const PLACES: usize = 8;

/// The meters there were when this was written, by the events that they count.
const MOVED: &[(&str, &[&str])] = &[
    (
        "inference",
        &["#requests", "tokens", "prompt_tokens", "completion_tokens", "cached_tokens", "cost", "credits"],
    ),
    ("engine", &["engine_events"]),
    ("service", &["services"]),
    ("log", &["#logs"]),
    ("message", &["#messages"]),
    ("session", &["#sessions"]),
    ("api_call", &["#api_calls"]),
    ("webhook_delivery", &["#webhook_deliveries"]),
    ("runtime", &["runtime_tokens_in", "runtime_tokens_out", "runtime_benchmark_usd"]),
];

impl MigrationName for Sums {
    fn name(&self) -> &'static str {
        "m20261125_000002_metering_sums"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Sums {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sum()).await?;
        manager.create_table(level()).await?;
        let connection = manager.get_connection();
        for (event_type, meters) in MOVED {
            for meter in *meters {
                let moved = moved(manager.get_database_backend(), event_type, meter);
                connection.execute_unprepared(&moved).await?;
            }
        }
        connection
            .execute_unprepared(
                "INSERT INTO metering_level (account_id, meter, size, window_start, group_hash, detail, \
                 group_values, max_micros, latest_micros, latest_at) \
                 SELECT account_id, meter, size, window_start, group_hash, detail, \
                 group_values, max_micros, latest_micros, latest_at \
                 FROM metering_rollup WHERE meter IN ('levels', 'peak_levels')",
            )
            .await?;
        manager.drop_table(Table::drop().table("metering_rollup").to_owned()).await
    }

    /// The rows of before are not made again: what they counted can be counted from the usage rows.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["metering_level", "metering_sum"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager.create_table(super::rollup()).await
    }
}

/// A row of one meter becomes a row with one sum. Nothing is ever added to it, so that its hash has
/// only to be unlike all others.
fn moved(backend: DbBackend, event_type: &str, meter: &str) -> String {
    let fresh = if backend == DbBackend::Postgres { "gen_random_uuid()" } else { "randomblob(16)" };
    let key = meter.trim_start_matches('#');
    let rest = |value: &str| vec![value.to_owned(); 2 * (PLACES - 1)].join(", ");
    let names: Vec<_> = (0..PLACES).map(|place| format!("sum{place}_whole, sum{place}_micros")).collect();
    format!(
        "INSERT INTO metering_sum (account_id, event_type, size, window_start, group_hash, meters, detail, \
         group_values, event_count, {}) SELECT account_id, '{event_type}', size, window_start, {fresh}, \
         '{meter}', detail, group_values, event_count, sum_whole, sum_micros, {} \
         FROM metering_rollup WHERE meter = '{key}'",
        names.join(", "),
        rest("0")
    )
}

fn sum() -> TableCreateStatement {
    let mut table = Table::create();
    table
        .table("metering_sum")
        .col(id("account_id"))
        .col(text("event_type"))
        .col(text("size"))
        .col(integer("window_start"))
        .col(id("group_hash"))
        .col(text("meters"))
        .col(optional_text("detail"))
        .col(text("group_values"))
        .col(integer("event_count"));
    // A sum is two integers, whole and millionths, that are added apart and carried when read.
    for place in 0..PLACES {
        table.col(integer(&format!("sum{place}_whole"))).col(integer(&format!("sum{place}_micros")));
    }
    table
        .primary_key(
            Index::create()
                .col("account_id")
                .col("event_type")
                .col("size")
                .col("window_start")
                .col("group_hash"),
        )
        .to_owned()
}

fn level() -> TableCreateStatement {
    Table::create()
        .table("metering_level")
        .col(id("account_id"))
        .col(text("meter"))
        .col(text("size"))
        .col(integer("window_start"))
        .col(id("group_hash"))
        .col(optional_text("detail"))
        .col(text("group_values"))
        .col(integer("max_micros"))
        .col(integer("latest_micros"))
        .col(integer("latest_at"))
        .primary_key(
            Index::create().col("account_id").col("meter").col("size").col("window_start").col("group_hash"),
        )
        .to_owned()
}

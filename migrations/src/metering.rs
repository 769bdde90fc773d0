use sea_orm_migration::prelude::*;

use crate::column::{IN_ONE_TRANSACTION, flag, id, index, integer, optional_id, optional_text, text, unique};

mod sums;

/// Usage rows, and the rollups that meters are read from.
pub struct MeteringMigrator;

#[async_trait::async_trait]
impl MigratorTrait for MeteringMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(UsageAndRollups), Box::new(sums::Sums)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("metering_migration").into_iden()
    }
}

struct UsageAndRollups;

impl MigrationName for UsageAndRollups {
    fn name(&self) -> &'static str {
        "m20261120_000001_metering_usage_and_rollups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for UsageAndRollups {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(usage()).await?;
        for index in [
            // An event is known for ever: the row is its own record.
            unique("metering_usage", "event", &["account_id", "source", "event_id"]),
            // The usage lists, of all and of one member.
            index("metering_usage", "newest", &["account_id", "billable", "created_at", "id"]),
            index(
                "metering_usage",
                "newest_of_user",
                &["account_id", "user_id", "billable", "created_at", "id"],
            ),
            // Minutes are counted from the rows themselves.
            index("metering_usage", "by_event_time", &["account_id", "event_type", "event_time"]),
        ] {
            manager.create_index(index).await?;
        }
        manager.create_table(rollup()).await?;
        manager.create_table(unique_values()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["metering_unique", "metering_rollup", "metering_usage"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

fn usage() -> TableCreateStatement {
    Table::create()
        .table("metering_usage")
        .col(id("account_id"))
        .col(id("id"))
        .col(text("source"))
        .col(text("event_id"))
        .col(text("content_hash"))
        .col(text("event_type"))
        .col(flag("billable"))
        .col(optional_text("detail"))
        .col(optional_id("user_id"))
        .col(optional_id("api_key_id"))
        .col(text("generation_id"))
        .col(text("provider"))
        .col(text("model"))
        .col(text("model_type"))
        .col(text("operation"))
        .col(optional_text("traffic_source"))
        .col(integer("prompt_tokens"))
        .col(integer("completion_tokens"))
        .col(integer("cached_tokens"))
        .col(integer("cost_usd_e8"))
        .col(integer("credits_used"))
        .col(optional_id("posting_id"))
        .col(text("metadata"))
        .col(optional_text("payload"))
        .col(integer("event_time"))
        .col(integer("created_at"))
        .primary_key(Index::create().col("account_id").col("id"))
        .check(Expr::cust("cost_usd_e8 >= 0 AND credits_used >= 0"))
        .to_owned()
}

/// A sum is two integers, whole and millionths, that are added apart and carried when read: one
/// integer of millionths would overflow after a day of a busy account's tokens.
fn rollup() -> TableCreateStatement {
    Table::create()
        .table("metering_rollup")
        .col(id("account_id"))
        .col(text("meter"))
        .col(text("size"))
        .col(integer("window_start"))
        .col(id("group_hash"))
        .col(optional_text("detail"))
        .col(text("group_values"))
        .col(integer("sum_whole"))
        .col(integer("sum_micros"))
        .col(integer("event_count"))
        .col(integer("max_micros"))
        .col(integer("latest_micros"))
        .col(integer("latest_at"))
        .primary_key(
            Index::create().col("account_id").col("meter").col("size").col("window_start").col("group_hash"),
        )
        .to_owned()
}

fn unique_values() -> TableCreateStatement {
    Table::create()
        .table("metering_unique")
        .col(id("account_id"))
        .col(text("meter"))
        .col(text("size"))
        .col(integer("window_start"))
        .col(id("group_hash"))
        .col(id("value_hash"))
        .col(optional_text("detail"))
        .col(text("group_values"))
        .primary_key(
            Index::create()
                .col("account_id")
                .col("meter")
                .col("size")
                .col("window_start")
                .col("group_hash")
                .col("value_hash"),
        )
        .to_owned()
}

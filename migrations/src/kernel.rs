use sea_orm_migration::prelude::*;

use crate::column::{
    IN_ONE_TRANSACTION, append_only, drop_append_only, id, index, integer, optional_id, optional_text, text,
};

/// The kernel's tables: every domain needs them.
pub struct KernelMigrator;

#[async_trait::async_trait]
impl MigratorTrait for KernelMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("kernel_migration").into_iden()
    }
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m20261120_000001_kernel"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FirstTables {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("kernel_outbox")
                    .col(id("id").primary_key())
                    .col(text("topic"))
                    .col(optional_id("account_id"))
                    .col(text("payload"))
                    .col(text("state"))
                    .col(integer("attempts"))
                    .col(integer("available_at"))
                    .col(integer("created_at"))
                    .col(optional_text("last_error"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("kernel_outbox", "due", &["state", "available_at"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("kernel_audit")
                    .col(id("account_id"))
                    .col(id("id"))
                    .col(text("actor_kind"))
                    .col(optional_id("actor_id"))
                    .col(text("operation"))
                    .col(text("target"))
                    .col(optional_text("before"))
                    .col(optional_text("after"))
                    .col(optional_text("ip"))
                    .col(optional_text("request_id"))
                    .col(integer("created_at"))
                    .primary_key(Index::create().col("account_id").col("id"))
                    .to_owned(),
            )
            .await?;
        append_only(manager, "kernel_audit").await?;
        manager
            .create_table(
                Table::create()
                    .table("kernel_idempotency")
                    .col(id("account_id"))
                    .col(text("operation"))
                    .col(text("key"))
                    .col(text("request_hash"))
                    .col(optional_text("outcome"))
                    .col(integer("created_at"))
                    .primary_key(Index::create().col("account_id").col("operation").col("key"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("kernel_subject_key")
                    .col(id("subject_id").primary_key())
                    .col(text("sealed_key"))
                    .col(integer("created_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["kernel_subject_key", "kernel_idempotency", "kernel_audit", "kernel_outbox"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        drop_append_only(manager, "kernel_audit").await
    }
}

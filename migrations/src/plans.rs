use sea_orm_migration::prelude::*;

use crate::column::{IN_ONE_TRANSACTION, flag, id, integer, optional_integer, text, unique};

/// The tables of plans as they were published, and of which account is on which.
pub struct PlansMigrator;

#[async_trait::async_trait]
impl MigratorTrait for PlansMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("plans_migration").into_iden()
    }
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m20261125_000001_plans"
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
                    .table("plans_version")
                    .col(id("id").primary_key())
                    .col(text("key"))
                    .col(text("interval"))
                    .col(integer("version"))
                    // Where it stands in the catalogue.
                    .col(integer("position"))
                    .col(integer("price_cents"))
                    .col(text("terms"))
                    .col(text("terms_hash"))
                    .col(flag("is_active"))
                    .col(integer("created_at"))
                    .col(integer("updated_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("plans_version", "key_interval_version", &["key", "interval", "version"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("plans_account")
                    .col(id("account_id").primary_key())
                    .col(id("plan_id"))
                    // Nothing: the plan is not sold by the seat.
                    .col(optional_integer("seats"))
                    .col(integer("since"))
                    .col(integer("updated_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("plans_account_version")
                            .from("plans_account", "plan_id")
                            .to("plans_version", "id"),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["plans_account", "plans_version"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

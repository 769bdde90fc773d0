use sea_orm_migration::prelude::*;

use crate::column::{
    IN_ONE_TRANSACTION, flag, id, index, integer, optional_integer, optional_text, text, unique,
};

/// The tables of API keys, of what they spent, and of the prefixes of those that were imported.
pub struct ApiKeysMigrator;

#[async_trait::async_trait]
impl MigratorTrait for ApiKeysMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables), Box::new(HoldersAndLimits)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("api_keys_migration").into_iden()
    }
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m20261120_000001_api_keys"
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
                    .table("api_keys_key")
                    .col(id("account_id"))
                    .col(id("id"))
                    .col(text("account_kind"))
                    .col(id("creator_id"))
                    .col(text("name"))
                    .col(text("prefix"))
                    .col(text("last_four"))
                    // SHA-256 of the secret: the secret itself is nowhere.
                    .col(ColumnDef::new("key_hash").binary_len(32).not_null())
                    .col(text("scopes"))
                    .col(flag("enabled"))
                    .col(integer("created_at"))
                    .col(optional_integer("last_used_at"))
                    .col(optional_integer("expires_at"))
                    .col(optional_integer("revoked_at"))
                    .primary_key(Index::create().col("account_id").col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("api_keys_key", "hash", &["key_hash"])).await?;
        // Uses are noted by the key alone.
        manager.create_index(unique("api_keys_key", "id", &["id"])).await?;
        // A person's list holds live keys only, however many they have revoked.
        let mut live = index("api_keys_key", "live", &["creator_id", "created_at", "id"]);
        live.and_where(Expr::col("revoked_at").is_null());
        manager.create_index(live).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("api_keys_key").to_owned()).await
    }
}

struct HoldersAndLimits;

impl MigrationName for HoldersAndLimits {
    fn name(&self) -> &'static str {
        "m20261126_000001_api_keys_holders_and_limits"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for HoldersAndLimits {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in added_columns() {
            manager.alter_table(Table::alter().table("api_keys_key").add_column(column).to_owned()).await?;
        }
        for index in added_indexes() {
            manager.create_index(index).await?;
        }
        spend(manager).await?;
        foreign_prefixes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["api_keys_foreign_prefix", "api_keys_spend"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for suffix in ["imported_hash", "primary", "held", "previous_hash"] {
            let name = format!("api_keys_key_{suffix}");
            manager.drop_index(Index::drop().name(name).table("api_keys_key").to_owned()).await?;
        }
        for column in added_columns().into_iter().rev() {
            let column = Alias::new(column.get_column_name());
            manager.alter_table(Table::alter().table("api_keys_key").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

fn added_columns() -> Vec<ColumnDef> {
    vec![
        text("holder").default("person").to_owned(),
        flag("is_primary").default(false).to_owned(),
        optional_text("sealed_secret"),
        // Networks with spaces between; none: from anywhere.
        text("networks").default("").to_owned(),
        optional_integer("per_minute"),
        optional_integer("spend_limit_micros"),
        optional_text("spend_window"),
        // The secret before this one, which is good for a while longer.
        optional_hash("previous_hash"),
        optional_integer("previous_expires_at"),
        // Of a key that was taken over from elsewhere: it stays when the key gets another secret, so
        // that a second import does not bring the old one back to life.
        optional_hash("imported_hash"),
        optional_text("revocation_reason"),
    ]
}

fn optional_hash(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.binary_len(32).null();
    column
}

fn added_indexes() -> Vec<IndexCreateStatement> {
    let live = Expr::col("revoked_at").is_null();
    vec![
        unique("api_keys_key", "previous_hash", &["previous_hash"]),
        // The lists of an organization and of the deployment hold live keys only.
        index("api_keys_key", "held", &["account_id", "holder", "created_at", "id"])
            .and_where(live.clone())
            .to_owned(),
        // However many ask for another key of an organization at once, one is left.
        unique("api_keys_key", "primary", &["account_id"])
            .and_where(Expr::col("is_primary").and(live))
            .to_owned(),
        unique("api_keys_key", "imported_hash", &["imported_hash"]),
    ]
}

async fn spend(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("api_keys_spend")
                .col(id("account_id"))
                .col(id("key_id"))
                .col(text("spend_window"))
                .col(integer("window_start"))
                .col(integer("spent_micros"))
                .primary_key(
                    Index::create().col("account_id").col("key_id").col("spend_window").col("window_start"),
                )
                .to_owned(),
        )
        .await
}

async fn foreign_prefixes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("api_keys_foreign_prefix")
                .col(text("prefix").primary_key())
                .col(integer("created_at"))
                .to_owned(),
        )
        .await
}

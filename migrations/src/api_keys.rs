use sea_orm_migration::prelude::*;

use crate::column::{IN_ONE_TRANSACTION, flag, id, index, integer, optional_integer, text, unique};

/// The table of API keys.
pub struct ApiKeysMigrator;

#[async_trait::async_trait]
impl MigratorTrait for ApiKeysMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables)]
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

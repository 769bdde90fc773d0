use sea_orm_migration::prelude::*;

use crate::column::{
    IN_ONE_TRANSACTION, append_only, drop_append_only, flag, id, index, integer, optional_id,
    optional_integer, optional_text, text, unique,
};

/// Books, lots, postings and their entries.
pub(super) struct Books;

impl MigrationName for Books {
    fn name(&self) -> &'static str {
        "m20261120_000001_ledger_books"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Books {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("ledger_book")
                    .col(id("account_id").primary_key())
                    .col(text("account_kind"))
                    .col(integer("balance"))
                    .col(integer("held"))
                    .col(integer("outstanding"))
                    .col(integer("postpaid_limit"))
                    .col(integer("remainder_nanos"))
                    .col(integer("created_at"))
                    .col(integer("updated_at"))
                    .check(Expr::cust("remainder_nanos BETWEEN 0 AND 999"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("ledger_lot")
                    .col(id("account_id"))
                    .col(id("id"))
                    .col(text("kind"))
                    .col(integer("granted"))
                    .col(integer("remaining"))
                    .col(integer("priority"))
                    .col(optional_integer("expires_at"))
                    .col(flag("promotional"))
                    .col(integer("granted_at"))
                    .col(optional_integer("closed_at"))
                    .primary_key(Index::create().col("account_id").col("id"))
                    .check(Expr::cust("remaining BETWEEN 0 AND granted"))
                    .to_owned(),
            )
            .await?;
        // What locking a book loads; closed lots stay for ever and must not make it slower.
        let mut open = index("ledger_lot", "open", &["account_id"]);
        manager.create_index(open.and_where(Expr::col("closed_at").is_null()).to_owned()).await?;
        let mut expiring = index("ledger_lot", "expiring", &["expires_at"]);
        manager.create_index(expiring.and_where(Expr::col("closed_at").is_null()).to_owned()).await?;
        manager
            .create_table(
                Table::create()
                    .table("ledger_posting")
                    .col(id("account_id"))
                    .col(id("id"))
                    .col(text("kind"))
                    .col(text("reference"))
                    .col(text("content_hash"))
                    .col(text("description"))
                    .col(text("actor"))
                    .col(integer("tokens"))
                    .col(optional_text("traffic_source"))
                    .col(optional_id("reverses"))
                    .col(integer("created_at"))
                    .primary_key(Index::create().col("account_id").col("id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("ledger_posting", "reference", &["account_id", "reference"])).await?;
        manager.create_index(index("ledger_posting", "newest", &["account_id", "created_at", "id"])).await?;
        append_only(manager, "ledger_posting").await?;
        manager
            .create_table(
                Table::create()
                    .table("ledger_entry")
                    .col(id("account_id"))
                    .col(id("posting_id"))
                    .col(integer("position"))
                    .col(text("account"))
                    .col(integer("amount"))
                    .col(optional_id("lot_id"))
                    .primary_key(Index::create().col("account_id").col("posting_id").col("position"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("ledger_entry", "lot", &["account_id", "lot_id"])).await?;
        append_only(manager, "ledger_entry").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["ledger_entry", "ledger_posting", "ledger_lot", "ledger_book"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        drop_append_only(manager, "ledger_entry").await?;
        drop_append_only(manager, "ledger_posting").await
    }
}

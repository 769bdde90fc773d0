use sea_orm_migration::prelude::*;

use crate::column::{
    IN_ONE_TRANSACTION, flag, id, index, integer, optional_integer, optional_text, text, unique,
};

/// Payments, what the providers told us of them, and the sandbox.
pub(super) struct Payments;

impl MigrationName for Payments {
    fn name(&self) -> &'static str {
        "m20261120_000002_ledger_payments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Payments {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        payment(manager).await?;
        provider_event(manager).await?;
        sandbox(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["sandbox_secret", "sandbox_checkout", "ledger_provider_event", "ledger_payment"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn payment(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("ledger_payment")
                .col(id("account_id"))
                .col(id("id"))
                .col(flag("for_organization"))
                .col(id("creator_id"))
                .col(text("kind"))
                .col(text("status"))
                .col(integer("amount_cents"))
                .col(text("currency"))
                .col(integer("credits"))
                .col(text("provider"))
                .col(optional_text("provider_session_id"))
                .col(optional_text("provider_payment_id"))
                .col(optional_text("receipt_url"))
                .col(optional_text("failure_reason"))
                .col(optional_text("card_brand"))
                .col(optional_text("card_last4"))
                .col(integer("created_at"))
                .col(optional_integer("paid_at"))
                .primary_key(Index::create().col("account_id").col("id"))
                .check(Expr::cust("amount_cents > 0 AND credits > 0"))
                // Only money that came is money that was paid.
                .check(Expr::cust("(paid_at IS NOT NULL) = (status IN ('succeeded', 'refunded'))"))
                .to_owned(),
        )
        .await?;
    let mut paid = index("ledger_payment", "paid", &["account_id", "paid_at", "id"]);
    manager.create_index(paid.and_where(Expr::col("paid_at").is_not_null()).to_owned()).await?;
    // A session and a provider's payment stand for one payment of ours: what makes paying once
    // hold in the database itself.
    manager.create_index(unique("ledger_payment", "session", &["provider_session_id", "provider"])).await?;
    manager
        .create_index(unique("ledger_payment", "provider_payment", &["provider_payment_id", "provider"]))
        .await
}

async fn provider_event(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("ledger_provider_event")
                .col(text("provider"))
                .col(text("event_id"))
                .col(text("event_type"))
                .col(text("body"))
                .col(integer("received_at"))
                .col(optional_integer("processed_at"))
                .primary_key(Index::create().col("provider").col("event_id"))
                .to_owned(),
        )
        .await
}

async fn sandbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("sandbox_checkout")
                .col(text("id").primary_key())
                .col(text("idempotency_key"))
                .col(id("payment_id"))
                .col(integer("amount_cents"))
                .col(text("currency"))
                .col(text("description"))
                .col(text("status"))
                .col(optional_text("success_url"))
                .col(optional_text("cancel_url"))
                .col(text("provider_payment_id"))
                .col(optional_text("card_brand"))
                .col(optional_text("card_last4"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("sandbox_checkout", "idempotency_key", &["idempotency_key"])).await?;
    manager
        .create_table(
            Table::create()
                .table("sandbox_secret")
                .col(text("name").primary_key())
                .col(text("sealed"))
                .col(integer("created_at"))
                .to_owned(),
        )
        .await
}

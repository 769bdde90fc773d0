use sea_orm_migration::prelude::*;

use crate::column::{IN_ONE_TRANSACTION, index, unique};

/// What postings that correct others are found by, and that a charge is reversed once.
pub(super) struct Corrections;

impl MigrationName for Corrections {
    fn name(&self) -> &'static str {
        "m20261120_000003_ledger_corrections"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Corrections {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut reverses = index("ledger_posting", "reverses", &["account_id", "reverses"]);
        manager.create_index(reverses.and_where(Expr::col("reverses").is_not_null()).to_owned()).await?;
        // A payment may be refunded in parts, each of which names it; a charge is reversed whole.
        let mut reversal = unique("ledger_posting", "reversal", &["account_id", "reverses"]);
        manager
            .create_index(reversal.and_where(Expr::col("kind").eq(Expr::cust("'refund'"))).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ledger_posting_reversal", "ledger_posting_reverses"] {
            manager.drop_index(Index::drop().name(name).table("ledger_posting").to_owned()).await?;
        }
        Ok(())
    }
}

use sea_orm_migration::prelude::*;

/// Payments, what the providers told us of them, and the sandbox.
pub(super) struct Payments;

impl MigrationName for Payments {
    fn name(&self) -> &'static str {
        "m20261120_000002_ledger_payments"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Payments {
    async fn up(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }

    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

use sea_orm_migration::prelude::*;

mod books;
mod corrections;
mod payments;

/// The tables of books, lots, postings and payments.
pub struct LedgerMigrator;

#[async_trait::async_trait]
impl MigratorTrait for LedgerMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(books::Books), Box::new(payments::Payments), Box::new(corrections::Corrections)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("ledger_migration").into_iden()
    }
}

//! Every table of Bursar, by domain.
//!
//! [`Migrator`] runs them all. A host that embeds single crates runs [`KernelMigrator`] and the
//! migrators of its domains instead; each keeps its own table of what it has run, so they live
//! beside the host's own migrations. This crate imports none of ours: a migration is history and
//! does not change when code does.

mod api_keys;
mod column;
mod identity;
mod kernel;
mod ledger;
mod metering;
mod notifications;
mod orgs;
mod plans;

pub use api_keys::ApiKeysMigrator;
pub use identity::IdentityMigrator;
pub use kernel::KernelMigrator;
pub use ledger::LedgerMigrator;
pub use metering::MeteringMigrator;
pub use notifications::NotificationsMigrator;
pub use orgs::OrgsMigrator;
pub use plans::PlansMigrator;
pub use sea_orm_migration::{MigrationStatus, MigratorTrait};

use sea_orm_migration::prelude::*;

/// All migrations, in an order that any of them can build on.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        [
            KernelMigrator::migrations(),
            IdentityMigrator::migrations(),
            OrgsMigrator::migrations(),
            ApiKeysMigrator::migrations(),
            LedgerMigrator::migrations(),
            MeteringMigrator::migrations(),
            PlansMigrator::migrations(),
            NotificationsMigrator::migrations(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn migration_table_name() -> DynIden {
        Alias::new("bursar_migration").into_iden()
    }
}

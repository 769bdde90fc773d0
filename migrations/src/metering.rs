use sea_orm_migration::prelude::*;

/// Placeholder until the domain's owner writes it.
pub struct MeteringMigrator;

#[async_trait::async_trait]
impl MigratorTrait for MeteringMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("metering_migration").into_iden()
    }
}

use sea_orm_migration::prelude::*;

/// Placeholder until the domain's owner writes it.
pub struct OrgsMigrator;

#[async_trait::async_trait]
impl MigratorTrait for OrgsMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("orgs_migration").into_iden()
    }
}

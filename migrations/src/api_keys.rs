use sea_orm_migration::prelude::*;

/// Placeholder until the domain's owner writes it.
pub struct ApiKeysMigrator;

#[async_trait::async_trait]
impl MigratorTrait for ApiKeysMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("api_keys_migration").into_iden()
    }
}

use sea_orm_migration::prelude::*;

use crate::column::{IN_ONE_TRANSACTION, id, integer, text};

/// The table of the sandbox's mailbox. Mail that waits is in the kernel's outbox.
pub struct NotificationsMigrator;

#[async_trait::async_trait]
impl MigratorTrait for NotificationsMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(SandboxMail)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("notifications_migration").into_iden()
    }
}

struct SandboxMail;

impl MigrationName for SandboxMail {
    fn name(&self) -> &'static str {
        "m20261125_000001_notifications_sandbox_mail"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SandboxMail {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("notifications_sandbox_mail")
                    .col(id("id").primary_key())
                    .col(integer("created_at"))
                    // Who got it and what it says: personal, and with a link that is a secret.
                    .col(text("sealed"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("notifications_sandbox_mail").to_owned()).await
    }
}

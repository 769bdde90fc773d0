use sea_orm_migration::prelude::*;

use crate::column::{
    IN_ONE_TRANSACTION, flag, id, index, integer, optional_id, optional_integer, optional_text, text, unique,
};

/// The tables of organizations, their members, invites and provider keys, what outside issuers call
/// them, and the account that each person acts on.
pub struct OrgsMigrator;

#[async_trait::async_trait]
impl MigratorTrait for OrgsMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables), Box::new(InvitesAndProviderKeys), Box::new(ExternalOrganizations)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("orgs_migration").into_iden()
    }
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m20261120_000001_orgs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FirstTables {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("orgs_organization")
                    .col(id("id").primary_key())
                    .col(text("name"))
                    .col(text("slug"))
                    .col(flag("remote_config_enabled"))
                    .col(optional_text("default_remote_config"))
                    .col(optional_text("external_organization_id"))
                    .col(integer("created_at"))
                    .col(integer("updated_at"))
                    .col(optional_integer("deleted_at"))
                    .to_owned(),
            )
            .await?;
        // A deleted organization keeps its slug: old links never lead to somebody else.
        manager.create_index(unique("orgs_organization", "slug", &["slug"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("orgs_membership")
                    .col(id("organization_id"))
                    .col(id("id"))
                    .col(id("user_id"))
                    .col(text("role"))
                    .col(integer("created_at"))
                    .col(integer("updated_at"))
                    .primary_key(Index::create().col("organization_id").col("id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("orgs_membership_organization")
                            .from("orgs_membership", "organization_id")
                            .to("orgs_organization", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("orgs_membership", "organization_user", &["organization_id", "user_id"]))
            .await?;
        manager.create_index(index("orgs_membership", "user", &["user_id", "created_at", "id"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("orgs_active_account")
                    .col(id("user_id").primary_key())
                    // Nothing: the person's own account.
                    .col(optional_id("organization_id"))
                    .col(integer("updated_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("orgs_active_account_organization")
                            .from("orgs_active_account", "organization_id")
                            .to("orgs_organization", "id"),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["orgs_active_account", "orgs_membership", "orgs_organization"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

struct InvitesAndProviderKeys;

impl MigrationName for InvitesAndProviderKeys {
    fn name(&self) -> &'static str {
        "m20261125_000001_orgs_invites_and_provider_keys"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for InvitesAndProviderKeys {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The list of members.
        manager
            .create_index(index("orgs_membership", "newest", &["organization_id", "created_at", "id"]))
            .await?;
        invites(manager).await?;
        provider_keys(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["orgs_provider_key", "orgs_invite"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        manager
            .drop_index(Index::drop().name("orgs_membership_newest").table("orgs_membership").to_owned())
            .await
    }
}

async fn invites(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("orgs_invite")
                .col(id("organization_id"))
                .col(id("id"))
                .col(text("email"))
                .col(text("email_folded"))
                .col(text("role"))
                .col(id("invited_by"))
                .col(text("token_hash"))
                .col(text("state"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                .col(optional_integer("ended_at"))
                .col(optional_id("accepted_by"))
                // No key into the memberships: it outlives them.
                .col(optional_id("membership_id"))
                .primary_key(Index::create().col("organization_id").col("id"))
                .foreign_key(
                    ForeignKey::create()
                        .name("orgs_invite_organization")
                        .from("orgs_invite", "organization_id")
                        .to("orgs_organization", "id"),
                )
                .to_owned(),
        )
        .await?;
    // A link names its token alone.
    manager.create_index(unique("orgs_invite", "token_hash", &["token_hash"])).await?;
    // One at a time for an address, however many are asked for at once.
    let mut pending = unique("orgs_invite", "pending", &["organization_id", "email_folded"]);
    manager.create_index(pending.and_where(Expr::col("state").eq("pending")).to_owned()).await?;
    manager
        .create_index(index("orgs_invite", "newest", &["organization_id", "state", "created_at", "id"]))
        .await?;
    // A person who is deleted leaves the invites of every organization.
    manager.create_index(index("orgs_invite", "email_folded", &["email_folded"])).await
}

async fn provider_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("orgs_provider_key")
                .col(id("organization_id"))
                .col(text("provider"))
                .col(text("sealed_key"))
                .col(integer("updated_at"))
                .primary_key(Index::create().col("organization_id").col("provider"))
                .foreign_key(
                    ForeignKey::create()
                        .name("orgs_provider_key_organization")
                        .from("orgs_provider_key", "organization_id")
                        .to("orgs_organization", "id"),
                )
                .to_owned(),
        )
        .await
}

/// Organizations that outside issuers know.
struct ExternalOrganizations;

impl MigrationName for ExternalOrganizations {
    fn name(&self) -> &'static str {
        "m20261126_000001_orgs_external_organizations"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ExternalOrganizations {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("orgs_external_organization")
                    .col(ColumnDef::new("digest").binary_len(32).not_null().primary_key())
                    .col(text("issuer"))
                    .col(text("external_id"))
                    .col(id("organization_id"))
                    .col(integer("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("orgs_external_organization_organization")
                            .from("orgs_external_organization", "organization_id")
                            .to("orgs_organization", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("orgs_external_organization", "organization", &["organization_id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("orgs_external_member")
                    .col(id("organization_id"))
                    // SHA-256 of issuer and subject: a person could go and come back as another.
                    .col(ColumnDef::new("identity").binary_len(32).not_null())
                    .col(integer("admitted_at"))
                    // No key into the memberships: it outlives them, which is what it is for.
                    .primary_key(Index::create().col("organization_id").col("identity"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("orgs_external_member_organization")
                            .from("orgs_external_member", "organization_id")
                            .to("orgs_organization", "id"),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["orgs_external_member", "orgs_external_organization"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

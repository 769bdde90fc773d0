use sea_orm_migration::prelude::*;

use crate::column::{
    IN_ONE_TRANSACTION, id, index, integer, optional_id, optional_integer, optional_text, text, unique,
};

/// People, their passwords and second factors, whom outside issuers know them as, sessions, refresh
/// tokens, the tokens of mailed links, and the keys that sign access tokens.
pub struct IdentityMigrator;

#[async_trait::async_trait]
impl MigratorTrait for IdentityMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(FirstTables), Box::new(RecoveryAndStrength), Box::new(ExternalIdentities)]
    }

    fn migration_table_name() -> DynIden {
        Alias::new("identity_migration").into_iden()
    }
}

struct FirstTables;

impl MigrationName for FirstTables {
    fn name(&self) -> &'static str {
        "m20261120_000001_identity"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FirstTables {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        sessions(manager).await?;
        refresh_tokens(manager).await?;
        authorization_codes(manager).await?;
        signing_keys(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "identity_signing_key",
            "identity_authorization_code",
            "identity_refresh_token",
            "identity_session",
            "identity_password",
            "identity_user",
        ] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_user")
                .col(id("id").primary_key())
                .col(text("email"))
                .col(text("email_folded"))
                .col(text("display_name"))
                .col(optional_text("photo_url"))
                .col(optional_integer("terms_accepted_at"))
                .col(ColumnDef::new("bench_consent").boolean().null())
                .col(integer("created_at"))
                .col(integer("updated_at"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("identity_user", "email_folded", &["email_folded"])).await?;
    manager
        .create_table(
            Table::create()
                .table("identity_password")
                .col(id("user_id").primary_key())
                .col(text("hash"))
                .col(integer("updated_at"))
                .foreign_key(
                    ForeignKey::create()
                        .name("identity_password_user")
                        .from("identity_password", "user_id")
                        .to("identity_user", "id"),
                )
                .to_owned(),
        )
        .await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_session")
                .col(id("user_id"))
                .col(id("id"))
                .col(text("kind"))
                .col(optional_text("cookie_hash"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                .col(optional_integer("ended_at"))
                .primary_key(Index::create().col("user_id").col("id"))
                .foreign_key(
                    ForeignKey::create()
                        .name("identity_session_user")
                        .from("identity_session", "user_id")
                        .to("identity_user", "id"),
                )
                .to_owned(),
        )
        .await?;
    // A token names its session and a cookie its secret, neither of them the person.
    manager.create_index(index("identity_session", "id", &["id"])).await?;
    manager.create_index(unique("identity_session", "cookie_hash", &["cookie_hash"])).await
}

async fn refresh_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_refresh_token")
                .col(id("user_id"))
                .col(id("session_id"))
                .col(id("id"))
                .col(text("token_hash"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                .col(optional_integer("used_at"))
                .primary_key(Index::create().col("user_id").col("session_id").col("id"))
                .foreign_key(
                    ForeignKey::create()
                        .name("identity_refresh_token_session")
                        .from("identity_refresh_token", ("user_id", "session_id"))
                        .to("identity_session", ("user_id", "id")),
                )
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("identity_refresh_token", "token_hash", &["token_hash"])).await
}

async fn authorization_codes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_authorization_code")
                .col(id("user_id"))
                .col(id("id"))
                .col(text("code_hash"))
                .col(text("redirect_uri"))
                .col(optional_text("code_challenge"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                .col(optional_integer("used_at"))
                .primary_key(Index::create().col("user_id").col("id"))
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("identity_authorization_code", "code_hash", &["code_hash"])).await
}

async fn signing_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_signing_key")
                .col(id("id").primary_key())
                .col(text("state"))
                .col(text("public_key"))
                .col(optional_text("sealed_private_key"))
                .col(integer("created_at"))
                .col(optional_integer("retired_at"))
                .to_owned(),
        )
        .await?;
    // One key signs at any time, however many nodes start or rotate at once.
    let mut current = unique("identity_signing_key", "current", &["state"]);
    manager.create_index(current.and_where(Expr::col("state").eq("current")).to_owned()).await
}

/// People are deleted, recover their passwords, take a second factor and see their sessions.
struct RecoveryAndStrength;

impl MigrationName for RecoveryAndStrength {
    fn name(&self) -> &'static str {
        "m20261125_000001_identity_recovery_and_strength"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RecoveryAndStrength {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in added_columns() {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        one_time_tokens(manager).await?;
        second_factors(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["identity_recovery_code", "identity_second_factor", "identity_one_time_token"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        for (table, column) in added_columns().into_iter().rev() {
            let column = Alias::new(column.get_column_name());
            manager.alter_table(Table::alter().table(table).drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}

/// One at a time: SQLite alters nothing else.
fn added_columns() -> [(&'static str, ColumnDef); 7] {
    [
        ("identity_user", optional_integer("suspended_at")),
        ("identity_authorization_code", optional_integer("proved_at")),
        ("identity_user", optional_integer("email_verified_at")),
        ("identity_user", optional_integer("deleted_at")),
        ("identity_session", optional_text("ip")),
        ("identity_session", optional_text("user_agent")),
        ("identity_session", optional_integer("proved_at")),
    ]
}

async fn one_time_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_one_time_token")
                .col(id("user_id"))
                .col(text("purpose"))
                .col(text("token_hash"))
                .col(text("email"))
                .col(integer("created_at"))
                .col(integer("expires_at"))
                // The newest link of a kind is the only one.
                .primary_key(Index::create().col("user_id").col("purpose"))
                .foreign_key(
                    ForeignKey::create()
                        .name("identity_one_time_token_user")
                        .from("identity_one_time_token", "user_id")
                        .to("identity_user", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager.create_index(unique("identity_one_time_token", "token_hash", &["token_hash"])).await?;
    manager.create_index(index("identity_one_time_token", "expired", &["expires_at"])).await
}

async fn second_factors(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("identity_second_factor")
                .col(id("user_id").primary_key())
                .col(text("sealed_keys"))
                .col(integer("created_at"))
                .col(optional_integer("confirmed_at"))
                .col(optional_integer("last_used_step"))
                .foreign_key(
                    ForeignKey::create()
                        .name("identity_second_factor_user")
                        .from("identity_second_factor", "user_id")
                        .to("identity_user", "id"),
                )
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("identity_recovery_code")
                .col(id("user_id"))
                .col(text("code_hash"))
                .col(integer("created_at"))
                .primary_key(Index::create().col("user_id").col("code_hash"))
                .foreign_key(
                    ForeignKey::create()
                        .name("identity_recovery_code_factor")
                        .from("identity_recovery_code", "user_id")
                        .to("identity_second_factor", "user_id"),
                )
                .to_owned(),
        )
        .await
}

/// People come by tokens of outside issuers.
struct ExternalIdentities;

impl MigrationName for ExternalIdentities {
    fn name(&self) -> &'static str {
        "m20261126_000001_identity_external_identities"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ExternalIdentities {
    fn use_transaction(&self) -> Option<bool> {
        IN_ONE_TRANSACTION
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("identity_external_identity")
                    .col(ColumnDef::new("digest").binary_len(32).not_null().primary_key())
                    .col(text("issuer"))
                    // Nobody: whose it was is deleted.
                    .col(optional_id("user_id"))
                    .col(integer("linked_at"))
                    .col(optional_integer("forgotten_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("identity_external_identity_user")
                            .from("identity_external_identity", "user_id")
                            .to("identity_user", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        manager.create_index(index("identity_external_identity", "user", &["user_id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("identity_external_identity").to_owned()).await
    }
}

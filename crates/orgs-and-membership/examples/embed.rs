//! A wiki whose spaces belong to organizations. A space and the organization that owns it are made
//! in one transaction, and it is the wiki's own.
//!
//! `cargo run -p bursar-orgs-and-membership --example embed-orgs`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, sync::Arc};

use bursar_kernel::{
    Clock as _, Db, IdSource as _, MasterKey, OsEntropy, Sealer, SystemClock, SystemIds, Tx, UserId,
};
use bursar_migrations::{KernelMigrator, MigratorTrait as _, OrgsMigrator};
use bursar_orgs_and_membership::{
    Members as _, NewOrganization, Organization, OrganizationName, Organizations as _, Permission,
    SeaMembers, SeaOrganizations, allows,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("wiki.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the wiki's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let wiki = Wiki::open(url).await?;
    let db = Db::from_connection(wiki.pool.clone())?;
    // Who people are is the wiki's to know: here they are 16 bytes.
    let ada = UserId::from_uuid(wiki.ids.next(SystemClock.now()));

    let (session, refused) = wiki.open_space(ada, "Analytical Engines").await?;
    session.rollback().await?;
    for table in ["wiki_space", "orgs_organization", "orgs_membership"] {
        assert_eq!(wiki.rows(table).await?, 0, "nothing remains in {table}");
    }
    assert_eq!(wiki.organizations.by_id(db.reader(), refused.id).await?, None);

    let (session, made) = wiki.open_space(ada, "Analytical Engines").await?;
    session.commit().await?;
    for table in ["wiki_space", "orgs_organization", "orgs_membership"] {
        assert_eq!(wiki.rows(table).await?, 1, "one row in {table}");
    }
    let membership = SeaMembers.of(db.reader(), made.id, ada).await?.ok_or("its creator is a member")?;
    assert!(allows(membership.role, Permission::ConfigureOrganization));

    wiki.pool.close().await?;
    Ok(format!(
        "a space was rolled back with its organization, then committed with {} ({})",
        made.name, made.slug
    ))
}

/// The host: a pool of its own and a table of its own.
struct Wiki {
    pool: DatabaseConnection,
    organizations: SeaOrganizations,
    ids: Arc<SystemIds>,
}

impl Wiki {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE wiki_space (organization TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        OrgsMigrator::up(&pool, None).await?;
        // What is sealed at rest opens under this key alone: keep it where secrets are kept.
        let sealer = Sealer::new(&MasterKey::from_bytes([7; 32]), &[]);
        Ok(Self { pool, organizations: SeaOrganizations::new(sealer), ids: Arc::default() })
    }

    /// Makes the organization, then the space that it owns. Neither is kept before the wiki commits.
    async fn open_space(&self, owner: UserId, name: &str) -> Outcome<(DatabaseTransaction, Organization)> {
        let session = self.begin().await?;
        let mut tx = Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy));
        let new = NewOrganization { name: OrganizationName::new(name)?, creator: owner };
        let (organization, _) = self.organizations.create(&mut tx, new).await?;

        let session = tx.into_host();
        let backend = session.get_database_backend();
        let insert = "INSERT INTO wiki_space (organization) VALUES ($1)";
        let values = [organization.id.to_string().into()];
        session.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        Ok((session, organization))
    }

    #[expect(clippy::disallowed_methods, reason = "a host begins its own transactions")]
    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            // A deferred one that reads before it writes can lose its turn, whatever it waits.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.pool.begin_with_options(options).await
    }

    async fn rows(&self, table: &str) -> Outcome<i64> {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let statement = Statement::from_string(self.pool.get_database_backend(), count);
        let row = self.pool.query_one_raw(statement).await?.ok_or("a count answers one row")?;
        Ok(row.try_get_by_index(0)?)
    }
}

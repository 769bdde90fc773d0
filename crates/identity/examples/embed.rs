//! A forum that keeps its members' profiles itself and who they are in this crate. A profile, the
//! person, the password and the first session are made in one transaction, and it is the forum's own.
//!
//! `cargo run -p bursar-identity --example embed-identity`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, sync::Arc};

use bursar_identity::{
    Credentials as _, EmailAddress, MIN_MEMORY_KIB, NewSession, NewUser, OpenedSession, Password, Passwords,
    SeaCredentials, SeaSessions, SeaUsers, SessionKind, Sessions as _, Users as _,
};
use bursar_kernel::{Clock as _, Db, OsEntropy, Secret, SystemClock, SystemIds, Tx};
use bursar_migrations::{IdentityMigrator, KernelMigrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const TABLES: [&str; 4] = ["forum_profile", "identity_user", "identity_password", "identity_session"];

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("forum.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the forum's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let forum = Forum::open(url).await?;
    let db = Db::from_connection(forum.pool.clone())?;
    let email = EmailAddress::parse("ada@example.com")?;

    let (session, lost) = forum.join(&email, "correct horse battery").await?;
    session.rollback().await?;
    for table in TABLES {
        assert_eq!(forum.rows(table).await?, 0, "nothing remains in {table}");
    }
    let cookie = lost.cookie.ok_or("a browser gets a cookie")?;
    assert_eq!(SeaSessions.by_cookie(db.reader(), cookie.expose()).await?, None);

    let (session, opened) = forum.join(&email, "correct horse battery").await?;
    session.commit().await?;
    for table in TABLES {
        assert_eq!(forum.rows(table).await?, 1, "one row in {table}");
    }
    let cookie = opened.cookie.ok_or("a browser gets a cookie")?;
    let signed_in = SeaSessions.by_cookie(db.reader(), cookie.expose()).await?;
    assert_eq!(signed_in.as_ref(), Some(&opened.session), "the cookie opens the session");
    let hash = SeaCredentials.password(db.reader(), opened.session.user).await?;
    let typed = Secret::new("correct horse battery".to_owned());
    assert!(forum.passwords.verify(hash.as_ref(), typed).await?);

    forum.pool.close().await?;
    Ok(format!("a profile was rolled back with its person, then committed with {}", opened.session.user))
}

/// The host: a pool of its own and a table of its own.
struct Forum {
    pool: DatabaseConnection,
    ids: Arc<SystemIds>,
    passwords: Passwords,
}

impl Forum {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE forum_profile (member TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        IdentityMigrator::up(&pool, None).await?;
        Ok(Self { pool, ids: Arc::default(), passwords: Passwords::new(1, MIN_MEMORY_KIB) })
    }

    /// Makes the person and signs them in, then writes the profile. Nothing of it is kept before the
    /// forum commits.
    async fn join(
        &self,
        email: &EmailAddress,
        password: &str,
    ) -> Outcome<(DatabaseTransaction, OpenedSession)> {
        // A hash takes long: it is made before the transaction, which holds locks.
        let chosen = Password::chosen(password.to_owned(), &[email.as_str(), email.local_part(), "forum"])?;
        let hash = self.passwords.hash(&OsEntropy, chosen).await?;

        let session = self.begin().await?;
        let mut tx = Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy));
        let new = NewUser { email: email.clone(), display_name: None };
        let person = SeaUsers.create(&mut tx, new).await?;
        SeaCredentials.set_password(&mut tx, person.id, &hash).await?;
        let opened = SeaSessions.open(&mut tx, NewSession::new(person.id, SessionKind::Cookie)).await?;

        let session = tx.into_host();
        let backend = session.get_database_backend();
        let insert = "INSERT INTO forum_profile (member) VALUES ($1)";
        let values = [person.id.to_string().into()];
        session.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        Ok((session, opened))
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

//! A library whose readers confirm their address by mail. A reader and the letter to them are one
//! transaction, and it is the library's own.
//!
//! `cargo run -p bursar-notifications --example embed-notifications`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, sync::Arc};

use bursar_kernel::{
    Clock as _, Db, MasterKey, OsEntropy, Relay, Sealer, Secret, SystemClock, SystemIds, Tx,
};
use bursar_migrations::{KernelMigrator, MigratorTrait as _, NotificationsMigrator};
use bursar_notifications::{Addressed, Letter, MailDelivery, MailOutbox, SandboxMailbox};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("library.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the library's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let library = Library::open(url).await?;
    let db = Db::from_connection(library.pool.clone())?;
    // Another one carries mail in earnest: an `SmtpTransport`, or one of the library's own.
    let mailbox = SandboxMailbox::new(db.clone(), library.sealer.clone());
    let delivery = MailDelivery::new(
        library.sealer.clone(),
        Arc::new(mailbox.clone()),
        "The Library",
        "https://library.example",
    );
    let relay = Relay::new(db.clone(), vec![Arc::new(delivery)]);

    let session = library.add_reader("ada@example.com").await?;
    session.rollback().await?;
    assert_eq!(library.rows("library_reader").await?, 0, "no reader remains");
    assert_eq!(relay.deliver_due().await?, 0, "and no letter");

    let session = library.add_reader("ada@example.com").await?;
    session.commit().await?;
    assert_eq!(library.rows("library_reader").await?, 1);
    assert_eq!(relay.deliver_due().await?, 1);
    assert_eq!(library.rows("kernel_outbox").await?, 0, "what is delivered is erased");

    let mails = mailbox.list(db.reader(), 10).await?;
    let [mail] = mails.as_slice() else { return Err("one mail for one reader".into()) };
    assert_eq!(mail.to, "ada@example.com");
    let said = format!("a reader was rolled back with its mail, then committed with {:?}", mail.subject);
    library.pool.close().await?;
    Ok(said)
}

/// The host: a pool of its own and a table of its own.
struct Library {
    pool: DatabaseConnection,
    ids: Arc<SystemIds>,
    sealer: Sealer,
}

impl Library {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE library_reader (email TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        NotificationsMigrator::up(&pool, None).await?;
        // 32 bytes from the library's configuration.
        let sealer = Sealer::new(&MasterKey::from_bytes([7; 32]), &[]);
        Ok(Self { pool, ids: Arc::default(), sealer })
    }

    /// Writes the reader, then the letter to them. Neither is kept before the library commits.
    async fn add_reader(&self, email: &str) -> Outcome<DatabaseTransaction> {
        let session = self.begin().await?;
        let backend = session.get_database_backend();
        let insert = "INSERT INTO library_reader (email) VALUES ($1)";
        session.execute_raw(Statement::from_sql_and_values(backend, insert, [email.into()])).await?;

        let now = SystemClock.now();
        let mut tx = Tx::adopt(session, now, self.ids.clone(), Arc::new(OsEntropy));
        let addressed = Addressed {
            to: email.to_owned(),
            name: None,
            letter: Letter::VerifyEmail {
                link: Secret::new("https://library.example/confirm/0123456789abcdef".to_owned()),
                expires_at: now.after(std::time::Duration::from_hours(24)),
            },
        };
        MailOutbox::new(self.sealer.clone()).send(&mut tx, None, &addressed).await?;
        Ok(tx.into_host())
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

//! A library that lends books and lets what follows from a loan ride on the kernel's outbox. The
//! loan, the letter that follows and the audit row are one transaction, and it is the library's own.
//!
//! `cargo run -p bursar-kernel --example embed-kernel`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
};

use bursar_kernel::{
    Account, AuditActor, AuditRecord, Clock as _, Db, DomainError, IdSource as _, MasterKey, Message,
    OsEntropy, Relay, Sealer, Subscriber, SystemClock, SystemIds, Tx, UserId,
};
use bursar_migrations::{KernelMigrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

const TABLES: [&str; 3] = ["library_loan", "kernel_outbox", "kernel_audit"];
const BOOK_LENT: &str = "book.lent";

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
    let reader = UserId::from_uuid(library.ids.next(SystemClock.now()));
    let letters = Arc::new(Letters { sealer: library.sealer.clone(), sent: Mutex::default() });
    let relay = Relay::new(Db::from_connection(library.pool.clone())?, vec![letters.clone()]);

    library.lend(reader, "Notes by the translator").await?.rollback().await?;
    for table in TABLES {
        assert_eq!(library.rows(table).await?, 0, "nothing remains in {table}");
    }
    assert_eq!(relay.deliver_due().await?, 0, "nothing follows from what never happened");

    library.lend(reader, "Notes by the translator").await?.commit().await?;
    for table in TABLES {
        assert_eq!(library.rows(table).await?, 1, "one row in {table}");
    }
    // A server runs `relay.run(stop)`, which looks each second.
    assert_eq!(relay.deliver_due().await?, 1);
    assert_eq!(letters.sent(), ["You have Notes by the translator"]);
    assert_eq!(library.rows("kernel_outbox").await?, 0, "what was delivered is erased");

    library.pool.close().await?;
    Ok("a loan was rolled back with its letter, then committed, and the letter was sent".to_owned())
}

/// Sends what follows from a loan.
struct Letters {
    sealer: Sealer,
    sent: Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Subscriber for Letters {
    fn topic(&self) -> &'static str {
        BOOK_LENT
    }

    async fn deliver(&self, message: &Message) -> bursar_kernel::Result<()> {
        let title = self.sealer.open(BOOK_LENT, &message.payload)?;
        let title = std::str::from_utf8(&title).map_err(DomainError::internal)?;
        // A real one would hand `message.id` on, so that a second delivery sends no second letter.
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(format!("You have {title}"));
        Ok(())
    }
}

impl Letters {
    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
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
        pool.execute_unprepared("CREATE TABLE library_loan (reader TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        // A real one reads its master key from where it keeps its secrets.
        let sealer = Sealer::new(&MasterKey::from_bytes([7; 32]), &[]);
        Ok(Self { pool, ids: Arc::default(), sealer })
    }

    /// Writes the loan, then what follows from it. Nothing is kept before the library commits.
    async fn lend(&self, reader: UserId, title: &str) -> Outcome<DatabaseTransaction> {
        let session = self.begin().await?;
        let backend = session.get_database_backend();
        let insert = "INSERT INTO library_loan (reader) VALUES ($1)";
        let values = [reader.to_string().into()];
        session.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;

        let mut tx = Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy));
        let account = Account::Personal(reader).id();
        // What somebody reads is nobody's business, in a back-up neither.
        let sealed = self.sealer.seal(tx.entropy(), BOOK_LENT, title.as_bytes())?;
        tx.publish(BOOK_LENT, Some(account), sealed).await?;
        tx.audit(AuditRecord {
            account,
            actor: AuditActor { kind: "person", id: Some(reader.uuid()) },
            operation: "lend_book",
            target: reader.to_string(),
            before: None,
            after: None,
            ip: None,
            request_id: None,
        })
        .await?;
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

use std::{path::PathBuf, sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, DatabaseConnection, DbBackend, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::Notify;

use crate::{
    entropy::{Entropy, OsEntropy},
    error::{DomainError, Result},
    faults::Faults,
    id::{IdSource, SystemIds},
    invalidation::{Cache, Invalidations},
    reader::Reader,
    time::{Clock, SystemClock},
    tx::Tx,
};

/// Which of the two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A PostgreSQL server, or something that speaks like one.
    Postgres,
}

/// Pages that a connection to SQLite keeps, in KiB (negative, as SQLite wants it).
#[cfg(feature = "sqlite")]
const WRITER_CACHE_KIB: &str = "-32768";
#[cfg(feature = "sqlite")]
const READER_CACHE_KIB: &str = "-2048";
/// Pages of 4 KiB in the log of SQLite before they are moved into the file: 32 MiB.
#[cfg(feature = "sqlite")]
const CHECKPOINT_PAGES: &str = "8192";

/// How to connect.
#[derive(Clone, Debug)]
pub struct DbOptions {
    /// `sqlite://path` or `postgres://…`.
    pub url: String,
    /// Connections of the pool (PostgreSQL), readers beside the one writer (SQLite).
    pub max_connections: u32,
    /// How long a caller waits for a connection.
    pub acquire_timeout: Duration,
    /// How long one statement may take (PostgreSQL), how long to wait for the file (SQLite).
    pub statement_timeout: Duration,
    /// SQLite waits for the disk at every commit (`synchronous=FULL`). Only tests turn it off.
    pub durable: bool,
}

impl DbOptions {
    /// The defaults of a server.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            durable: true,
        }
    }
}

/// The database, with the clock and the sources that its transactions draw from. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    writer: DatabaseConnection,
    readers: DatabaseConnection,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    entropy: Arc<dyn Entropy>,
    faults: Arc<Faults>,
    published: Arc<Notify>,
    invalidations: Arc<Invalidations>,
}

impl Db {
    /// Opens the pools. SQLite: WAL, one writer and read-only readers, so that a read never waits
    /// for a write and writers queue fairly instead of starving one another.
    ///
    /// # Errors
    /// `database_unavailable` when it cannot be opened.
    pub async fn connect(options: &DbOptions) -> Result<Self> {
        if options.url.starts_with("sqlite:") {
            let writer = sea_orm::Database::connect(sqlite(options, false)).await?;
            let readers = sea_orm::Database::connect(sqlite(options, true)).await?;
            Ok(Self::over(Engine::Sqlite, writer, readers))
        } else {
            let pool = sea_orm::Database::connect(postgres(options)).await?;
            Ok(Self::over(Engine::Postgres, pool.clone(), pool))
        }
    }

    /// Over a host's own pool. On SQLite the pool must hold one connection, and reads share it.
    ///
    /// # Errors
    /// `internal` for an engine that is neither PostgreSQL nor SQLite.
    pub fn from_connection(pool: DatabaseConnection) -> Result<Self> {
        let engine = match pool.get_database_backend() {
            DbBackend::Sqlite => Engine::Sqlite,
            DbBackend::Postgres => Engine::Postgres,
            other => return Err(DomainError::internal(format!("{other:?} is not supported"))),
        };
        Ok(Self::over(engine, pool.clone(), pool))
    }

    fn over(engine: Engine, writer: DatabaseConnection, readers: DatabaseConnection) -> Self {
        Self {
            inner: Arc::new(Inner {
                engine,
                writer,
                readers,
                clock: Arc::new(SystemClock),
                ids: Arc::new(SystemIds::default()),
                entropy: Arc::new(OsEntropy),
                faults: Arc::default(),
                published: Arc::default(),
                invalidations: Arc::default(),
            }),
        }
    }

    /// The same database with other sources of time, identifiers and randomness.
    #[must_use]
    pub fn with_sources(
        &self,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        let inner = &self.inner;
        Self {
            inner: Arc::new(Inner {
                engine: inner.engine,
                writer: inner.writer.clone(),
                readers: inner.readers.clone(),
                clock,
                ids,
                entropy,
                faults: inner.faults.clone(),
                published: inner.published.clone(),
                invalidations: inner.invalidations.clone(),
            }),
        }
    }

    /// Which engine.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// The injected clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// The injected source of randomness.
    #[must_use]
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.inner.entropy
    }

    /// The fault plan, for tests.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Wakes when a transaction of this process committed something to the outbox.
    pub(crate) fn published(&self) -> &Notify {
        &self.inner.published
    }

    /// Tells a cache from now on what transactions of this process make untrue, and what others do
    /// as far as it is followed. It is held weakly.
    pub fn register_cache(&self, cache: &Arc<dyn Cache>) {
        self.inner.invalidations.register(cache);
    }

    /// Hears of what other processes make untrue, for ever: on PostgreSQL by LISTEN, on a connection
    /// of its own. A SQLite file has one process.
    pub async fn follow_invalidations(&self) {
        #[cfg(feature = "postgres")]
        if self.engine() == Engine::Postgres {
            let pool = self.inner.writer.get_postgres_connection_pool();
            crate::invalidation::channel::follow(pool, &self.inner.invalidations).await;
        }
        std::future::pending::<()>().await;
    }

    /// Where to read, and the instant now.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader::new(&self.inner.readers, &self.inner.faults, self.inner.clock.now())
    }

    /// The pool that migrations run on.
    #[must_use]
    pub fn for_migrations(&self) -> &DatabaseConnection {
        &self.inner.writer
    }

    /// Begins the one kind of transaction that writes.
    ///
    /// BEGIN runs in a task of its own and is handed over, so that a caller that goes away can
    /// never cancel it in flight: sqlx 0.9.0 would return the connection to the pool inside an
    /// open transaction, and later writes on it would be acknowledged and lost
    /// (transact-rs/sqlx #4385). Held by `kernel/tests/it/cancelled_begin.rs`.
    ///
    /// # Errors
    /// `database_unavailable` when no connection is free in time.
    pub async fn begin(&self) -> Result<Tx> {
        let writer = self.inner.writer.clone();
        let options = TransactionOptions {
            // Deferred transactions that read and then write lose against each other even with a
            // busy timeout.
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        #[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
        let begun = tokio::spawn(async move { writer.begin_with_options(options).await });
        let session = begun.await.map_err(DomainError::internal)??;
        let inner = &self.inner;
        Ok(Tx::new(
            session,
            inner.clock.now(),
            inner.ids.clone(),
            inner.entropy.clone(),
            inner.faults.clone(),
            inner.published.clone(),
            inner.invalidations.clone(),
        ))
    }

    /// The path of the SQLite file; `None` on PostgreSQL or for a URL without one.
    #[must_use]
    pub fn sqlite_path(url: &str) -> Option<PathBuf> {
        let path = url.strip_prefix("sqlite://")?.split('?').next()?;
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// Asks the database whether it keeps what it acknowledges: SQLite `synchronous` at least
    /// FULL, PostgreSQL `fsync` and `synchronous_commit` on.
    ///
    /// # Errors
    /// `internal` that names the setting, when it does not.
    pub async fn assert_durable(&self) -> Result<()> {
        let questions: &[(&str, &[&str])] = match self.engine() {
            Engine::Sqlite => &[("PRAGMA synchronous", &["2", "3"])],
            Engine::Postgres => {
                &[("SHOW fsync", &["on"]), ("SHOW synchronous_commit", &["on", "remote_apply"])]
            }
        };
        for (question, good) in questions {
            let statement =
                sea_orm::Statement::from_string(self.inner.writer.get_database_backend(), *question);
            let answer = sea_orm::ConnectionTrait::query_one_raw(&self.inner.writer, statement).await?;
            let value = match (answer, self.engine()) {
                (Some(row), Engine::Sqlite) => row.try_get_by_index::<i64>(0)?.to_string(),
                (Some(row), Engine::Postgres) => row.try_get_by_index::<String>(0)?,
                (None, _) => String::new(),
            };
            if !good.contains(&value.as_str()) {
                return Err(DomainError::internal(format!(
                    "the database could lose what it acknowledged: {question} answers {value}"
                )));
            }
        }
        Ok(())
    }

    /// Closes the pools, waiting for what is under way.
    ///
    /// # Errors
    /// When a connection cannot be closed.
    pub async fn close(self) -> Result<()> {
        self.inner.writer.clone().close().await?;
        self.inner.readers.clone().close().await?;
        Ok(())
    }
}

fn quiet(options: &DbOptions) -> ConnectOptions {
    let mut connect = ConnectOptions::new(options.url.clone());
    connect
        .acquire_timeout(options.acquire_timeout)
        .connect_timeout(options.acquire_timeout)
        // The ping before every use costs a sixth of the reads; a dead connection shows itself.
        .test_before_acquire(false)
        .sqlx_logging(false);
    connect
}

fn sqlite(options: &DbOptions, read_only: bool) -> ConnectOptions {
    let mut connect = quiet(options);
    connect.max_connections(if read_only { options.max_connections } else { 1 });
    #[cfg(feature = "sqlite")]
    {
        let (busy, synchronous) = (options.statement_timeout, if options.durable { "FULL" } else { "OFF" });
        connect.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(!read_only)
                .read_only(read_only)
                .busy_timeout(busy)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                // Otherwise REPLACE deletes rows past the triggers that keep them for ever.
                .pragma("recursive_triggers", "ON")
                .pragma("synchronous", synchronous)
                // A commit of usage touches a few thousand pages. With room for them none is written
                // twice, and they are moved into the file once for many commits.
                .pragma("cache_size", if read_only { READER_CACHE_KIB } else { WRITER_CACHE_KIB })
                .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        });
    }
    connect
}

fn postgres(options: &DbOptions) -> ConnectOptions {
    let mut connect = quiet(options);
    connect.max_connections(options.max_connections);
    #[cfg(feature = "postgres")]
    {
        let statement_timeout_ms = options.statement_timeout.as_millis().to_string();
        connect.map_sqlx_postgres_opts(move |postgres| {
            postgres.options([
                ("statement_timeout", statement_timeout_ms.as_str()),
                // A client that died in a transaction must not hold a book's lock.
                ("idle_in_transaction_session_timeout", "30000"),
            ])
        });
    }
    connect
}

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement,
};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    entropy::Entropy,
    error::Result,
    faults::Faults,
    id::IdSource,
    invalidation::{CHANNEL, CacheTag, Invalidations, Outdated},
    reader::Reader,
    time::UnixTimestamp,
};

/// What sea-orm runs statements on: the pool, for reads, or a transaction.
#[derive(Clone, Copy)]
pub struct Conn<'a>(On<'a>);

#[derive(Clone, Copy)]
enum On<'a> {
    Pool(&'a DatabaseConnection, &'a Faults),
    Transaction(&'a DatabaseTransaction, &'a Faults),
}

impl<'a> Conn<'a> {
    pub(crate) const fn pool(pool: &'a DatabaseConnection, faults: &'a Faults) -> Self {
        Self(On::Pool(pool, faults))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Conn<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self.0 {
            On::Pool(pool, _) => pool.get_database_backend(),
            On::Transaction(session, _) => session.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self.0 {
            On::Pool(..) => Err(write_outside_transaction()),
            On::Transaction(session, faults) => {
                faults.step()?;
                session.execute_raw(statement).await
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self.0 {
            On::Pool(..) => Err(write_outside_transaction()),
            On::Transaction(session, faults) => {
                faults.step()?;
                session.execute_unprepared(sql).await
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self.0 {
            On::Pool(pool, faults) => {
                refuse_write(&statement)?;
                faults.read();
                pool.query_one_raw(statement).await
            }
            On::Transaction(session, faults) => {
                faults.step()?;
                session.query_one_raw(statement).await
            }
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self.0 {
            On::Pool(pool, faults) => {
                refuse_write(&statement)?;
                faults.read();
                pool.query_all_raw(statement).await
            }
            On::Transaction(session, faults) => {
                faults.step()?;
                session.query_all_raw(statement).await
            }
        }
    }
}

/// Autocommit writes are not used at all (docs/architecture.md, invariant "one way to write").
fn write_outside_transaction() -> DbErr {
    DbErr::Custom("a write outside a transaction".to_owned())
}

/// A query may write too (`… RETURNING`): on the pool only what begins like a read is taken.
fn refuse_write(statement: &Statement) -> Result<(), DbErr> {
    let verb = statement.sql.split_ascii_whitespace().next().unwrap_or_default();
    let reads = ["SELECT", "WITH", "VALUES", "EXPLAIN", "SHOW", "PRAGMA"];
    if reads.iter().any(|read| verb.eq_ignore_ascii_case(read)) {
        Ok(())
    } else {
        Err(write_outside_transaction())
    }
}

/// One transaction, one instant, one source of identifiers, one outbox. Rolled back when dropped.
pub struct Tx {
    session: DatabaseTransaction,
    now: UnixTimestamp,
    ids: Arc<dyn IdSource>,
    entropy: Arc<dyn Entropy>,
    faults: Arc<Faults>,
    published: Arc<Notify>,
    has_published: bool,
    invalidations: Arc<Invalidations>,
    outdated: Vec<CacheTag>,
}

impl Tx {
    pub(crate) fn new(
        session: DatabaseTransaction,
        now: UnixTimestamp,
        ids: Arc<dyn IdSource>,
        entropy: Arc<dyn Entropy>,
        faults: Arc<Faults>,
        published: Arc<Notify>,
        invalidations: Arc<Invalidations>,
    ) -> Self {
        let (has_published, outdated) = (false, Vec::new());
        Self { session, now, ids, entropy, faults, published, has_published, invalidations, outdated }
    }

    /// Takes a host's own open transaction, so that our writes share its fate. The host gets it
    /// back with [`Self::into_host`] and commits it itself.
    #[must_use]
    pub fn adopt(
        session: DatabaseTransaction,
        now: UnixTimestamp,
        ids: Arc<dyn IdSource>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self::new(session, now, ids, entropy, Arc::default(), Arc::default(), Arc::default())
    }

    /// Gives an adopted transaction back, neither committed nor rolled back. Caches of this process
    /// are not told of its end, which the host alone sees: they go by PostgreSQL's channel or by age.
    #[must_use]
    pub fn into_host(self) -> DatabaseTransaction {
        self.session
    }

    /// What sea-orm runs statements on.
    #[must_use]
    pub fn conn(&self) -> Conn<'_> {
        Conn(On::Transaction(&self.session, &self.faults))
    }

    /// Reads that see this transaction's writes.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader::within(self.conn(), self.now)
    }

    /// The one instant of everything that this transaction writes.
    #[must_use]
    pub const fn now(&self) -> UnixTimestamp {
        self.now
    }

    /// A new identifier that carries the transaction's instant.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.ids.next(self.now)
    }

    /// The injected source of identifiers, for what decides under this transaction's locks without
    /// holding it.
    #[must_use]
    pub fn ids(&self) -> Arc<dyn IdSource> {
        self.ids.clone()
    }

    /// The injected source of randomness.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// Which engine.
    #[must_use]
    pub fn engine(&self) -> crate::Engine {
        match self.session.get_database_backend() {
            DbBackend::Postgres => crate::Engine::Postgres,
            _ => crate::Engine::Sqlite,
        }
    }

    pub(crate) const fn mark_published(&mut self) {
        self.has_published = true;
    }

    /// Says that what the tag names is changed here: caches of this process forget it when the
    /// transaction is over. Other processes are not told: for what changes all the time and is
    /// remembered for a moment only.
    pub fn invalidate_here(&mut self, tag: CacheTag) {
        self.outdated.push(tag);
    }

    /// As [`Self::invalidate_here`], and other processes are told as well: one statement on
    /// PostgreSQL.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn invalidate(&mut self, tag: CacheTag) -> Result<()> {
        if self.engine() == crate::Engine::Postgres {
            let values = [CHANNEL.into(), tag.as_str().into()];
            let notify =
                Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
            self.conn().query_one_raw(notify).await?;
        }
        self.invalidate_here(tag);
        Ok(())
    }

    /// Makes everything durable, or nothing.
    ///
    /// # Errors
    /// When the database refuses. What it then holds is not known to the caller: a retry carries
    /// an idempotency key.
    pub async fn commit(self) -> Result<()> {
        self.faults.step()?;
        // Told when this function is left, in whatever way.
        let _outdated = Outdated { tags: self.outdated, invalidations: self.invalidations };
        self.session.commit().await?;
        if self.has_published {
            self.published.notify_waiters();
            self.published.notify_one();
        }
        Ok(())
    }

    /// Undoes everything now, rather than on drop.
    ///
    /// # Errors
    /// When the connection is lost; nothing is kept then either.
    pub async fn rollback(self) -> Result<()> {
        self.session.rollback().await?;
        Ok(())
    }
}

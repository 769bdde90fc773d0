//! A build farm that gives each of its runners an API key. A runner and its key are made in one
//! transaction, and it is the farm's own.
//!
//! `cargo run -p bursar-api-keys --example embed-api-keys`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, net::IpAddr, sync::Arc};

use bursar_api_keys::{
    ApiKeys as _, CreatedKey, KeyHolder, KeyName, Networks, NewKey, ParsedKey, Scope, SeaApiKeys, ShownFrom,
    Standing, Verdict, effective, judge, scopes_for,
};
use bursar_kernel::{
    Account, Clock as _, Db, IdSource as _, OsEntropy, Reader, SystemClock, SystemIds, Tx, UserId,
};
use bursar_migrations::{ApiKeysMigrator, KernelMigrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("farm.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the farm's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let farm = Farm::open(url).await?;
    let db = Db::from_connection(farm.pool.clone())?;
    let owner = UserId::from_uuid(farm.ids.next(SystemClock.now()));

    let (session, lost) = farm.add_runner(owner, "runner-1").await?;
    session.rollback().await?;
    for table in ["farm_runner", "api_keys_key"] {
        assert_eq!(farm.rows(table).await?, 0, "nothing remains in {table}");
    }
    assert_eq!(farm.verdict(db.reader(), lost.secret.expose()).await?, Verdict::NotFound);

    let (session, made) = farm.add_runner(owner, "runner-1").await?;
    session.commit().await?;
    for table in ["farm_runner", "api_keys_key"] {
        assert_eq!(farm.rows(table).await?, 1, "one row in {table}");
    }
    assert_eq!(farm.verdict(db.reader(), made.secret.expose()).await?, Verdict::Valid);
    assert_eq!(farm.verdict(db.reader(), lost.secret.expose()).await?, Verdict::NotFound);

    farm.pool.close().await?;
    Ok(format!("a runner was rolled back with its key, then committed with {}", made.key.id))
}

/// The host: a pool of its own and a table of its own.
struct Farm {
    pool: DatabaseConnection,
    ids: Arc<SystemIds>,
    keys: SeaApiKeys,
}

impl Farm {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE farm_runner (name TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        ApiKeysMigrator::up(&pool, None).await?;
        Ok(Self { pool, ids: Arc::default(), keys: SeaApiKeys::default() })
    }

    /// Writes the runner, then makes its key. Neither is kept before the farm commits.
    async fn add_runner(&self, owner: UserId, name: &str) -> Outcome<(DatabaseTransaction, CreatedKey)> {
        let session = self.begin().await?;
        let backend = session.get_database_backend();
        let insert = "INSERT INTO farm_runner (name) VALUES ($1)";
        session.execute_raw(Statement::from_sql_and_values(backend, insert, [name.into()])).await?;

        let mut tx = Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy));
        let new = NewKey {
            account: Account::Personal(owner),
            holder: KeyHolder::Person(owner),
            name: KeyName::new(name)?,
            scopes: scopes_for(Standing::PersonalAccount, Some(&[Scope::UsageWrite]))?,
            expires_at: None,
            networks: Networks::parse(&["10.0.0.0/8".to_owned()])?,
            per_minute: None,
            spend_limit: None,
        };
        let made = self.keys.create(&mut tx, new).await?;
        Ok((tx.into_host(), made))
    }

    /// What is to be said of the text that a runner shows.
    async fn verdict(&self, reader: Reader<'_>, shown: &str) -> Outcome<Verdict> {
        // A mistyped one is told apart without asking the database.
        let Some(parsed) = ParsedKey::parse(shown) else { return Ok(Verdict::NotFound) };
        let Some(key) = self.keys.by_hash(reader, &parsed.hash()).await? else {
            return Ok(Verdict::NotFound);
        };
        // Who stands how to an account is the farm's to know.
        let may = effective(Standing::PersonalAccount, &key.scopes);
        // Runners are in the farm's own network.
        let from = ShownFrom::Address(Some(IpAddr::from([10, 0, 0, 7])));
        Ok(judge(&key, reader.now(), from, &[Scope::UsageWrite], &may))
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

//! A chat service that keeps its answers itself and what they used in this crate. An answer and its
//! usage are written in one transaction, and it is the service's own.
//!
//! `cargo run -p bursar-usage-metering --example embed-metering`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, sync::Arc, time::Duration};

use bursar_kernel::{
    Account, Amount, Clock as _, Db, IdSource as _, OrganizationId, OsEntropy, SystemClock, SystemIds, Tx,
};
use bursar_migrations::{KernelMigrator, MeteringMigrator, MigratorTrait as _};
use bursar_usage_metering::{
    ContentMode, MeterCatalogue, MeterQuery, MeterReadings as _, NewUsage, PriceList, SeaMeterReadings,
    SeaUsageEvents, UsageEvent, UsageEvents as _, UsageId, Window, dedupe, rate, refusal,
};
use rust_decimal::Decimal;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

/// What models cost and what is counted: the service's own data.
const PRICES: &str = r#"
[[model]]
model = "parrot-1"
input_usd_per_million = "1"
output_usd_per_million = "3"
"#;
const METERS: &str = r#"
[[meter]]
key = "tokens"
event_type = "inference"
aggregation = "sum"
value = "totalTokens"
group_by = ["model"]
"#;

const TABLES: [&str; 3] = ["chat_answer", "metering_usage", "metering_sum"];

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("chat.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the service's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let chat = Chat::open(url).await?;
    let db = Db::from_connection(chat.pool.clone())?;
    let customer = Account::Organization(OrganizationId::from_uuid(chat.ids.next(SystemClock.now())));

    chat.answer(customer, "answer-1").await?.rollback().await?;
    for table in TABLES {
        assert_eq!(chat.rows(table).await?, 0, "nothing remains in {table}");
    }

    chat.answer(customer, "answer-1").await?.commit().await?;
    assert_eq!(chat.rows("chat_answer").await?, 1);
    assert_eq!(chat.rows("metering_usage").await?, 1);
    let now = SystemClock.now();
    let tokens = MeterQuery {
        account: customer,
        subject_detail: None,
        meter: "tokens".to_owned(),
        from: now.before(Duration::from_hours(24)),
        to: now.after(Duration::from_mins(1)),
        window: Window::Day,
        group_by: vec!["model".to_owned()],
    };
    let readings = SeaMeterReadings::new(chat.meters.clone()).query(db.reader(), tokens).await?;
    let [reading] = readings.as_slice() else { return Err("one day, one model".into()) };
    assert_eq!(reading.value, Decimal::from(1_500), "counted once");

    chat.pool.close().await?;
    Ok(format!("an answer was rolled back with its usage, then committed with it: {} tokens", reading.value))
}

/// The host: a pool of its own and a table of its own.
struct Chat {
    pool: DatabaseConnection,
    ids: Arc<SystemIds>,
    prices: PriceList,
    meters: Arc<MeterCatalogue>,
}

impl Chat {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE chat_answer (id TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        MeteringMigrator::up(&pool, None).await?;
        let (prices, meters) = (PriceList::parse(PRICES)?, Arc::new(MeterCatalogue::parse(METERS)?));
        Ok(Self { pool, ids: Arc::default(), prices, meters })
    }

    /// Writes the answer, then records what it used. Neither is kept before the service commits.
    async fn answer(&self, customer: Account, id: &str) -> Outcome<DatabaseTransaction> {
        let session = self.begin().await?;
        let backend = session.get_database_backend();
        let insert = "INSERT INTO chat_answer (id) VALUES ($1)";
        session.execute_raw(Statement::from_sql_and_values(backend, insert, [id.into()])).await?;

        let report = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"chat","type":"inference","subject":"{customer}",
                 "data":{{"model":"parrot-1","promptTokens":1000,"completionTokens":500}}}}"#
        );
        let mut tx = Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy));
        self.record(&mut tx, report.as_bytes()).await?;
        Ok(tx.into_host())
    }

    /// Records what is new of a report. What it costs is for the service to charge.
    async fn record(&self, tx: &mut Tx, report: &[u8]) -> Outcome {
        let events = UsageEvent::read(ContentMode::Plain, &[], report).map_err(|faults| refusal(&faults))?;
        let usage = SeaUsageEvents::new(self.meters.clone());
        let keys: Vec<_> = events.iter().map(UsageEvent::key).collect();
        let known = usage.known(tx, &keys).await?;
        let deduped = dedupe(&events, &known).map_err(|_| "another event has this name already")?;
        let mut rows = Vec::new();
        for (_, event) in deduped.fresh {
            rows.push(NewUsage {
                id: UsageId::from_uuid(tx.id()),
                event: event.clone(),
                user: None,
                rated: rate(&self.prices, &event.payload)?,
                charged: Amount::ZERO,
                posting: None,
            });
        }
        Ok(usage.record(tx, rows).await?)
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

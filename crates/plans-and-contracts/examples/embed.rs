//! A drawing program that sells plans. An order and the plan that it buys are written in one
//! transaction, and it is the program's own.
//!
//! `cargo run -p bursar-plans-and-contracts --example embed-plans-and-contracts`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, sync::Arc};

use bursar_kernel::{AccountId, Clock as _, Db, IdSource as _, OsEntropy, SystemClock, SystemIds, Tx};
use bursar_migrations::{KernelMigrator, MigratorTrait as _, PlansMigrator};
use bursar_plans_and_contracts::{
    AccountPlan, AccountPlans as _, Catalogue, Interval, Limit, Plans as _, SeaAccountPlans, SeaPlans,
    check_room,
};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

/// What is sold: the program's own data.
const PLANS: &str = r#"
[[plan]]
key = "free"
name = "Sketch"
description = "For one pencil"
kind = "flat"
monthly_cents = 0
features = []

[plan.limits]
agents = 0
members = 1
workspaces = 1
rows_per_workspace = 100
api_calls = 0
webhook_deliveries = 0
messages = 0
logs_per_month = 0
log_retention_days = 0

[[plan]]
key = "studio"
name = "Studio"
description = "For everybody in the room"
kind = "per_seat"
monthly_cents = 1_500
features = ["layers"]

[plan.limits]
agents = 0
members = "seats"
workspaces = -1
rows_per_workspace = -1
api_calls = 10_000
webhook_deliveries = 0
messages = 0
logs_per_month = 0
log_retention_days = 0
"#;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("drawings.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the program's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let shop = Shop::open(url).await?;
    let db = Db::from_connection(shop.pool.clone())?;
    // Who customers are is the program's to know: here they are 16 bytes.
    let customer = AccountId::from_uuid(shop.ids.next(SystemClock.now()));

    assert!(shop.publish().await? > 0, "the first start publishes");
    assert_eq!(shop.publish().await?, 0, "the next one finds nothing new");

    let (session, _) = shop.sell(customer, 3).await?;
    session.rollback().await?;
    for table in ["shop_order", "plans_account"] {
        assert_eq!(shop.rows(table).await?, 0, "nothing remains in {table}");
    }
    assert_eq!(SeaAccountPlans.of(db.reader(), customer).await?.plan.key, "free");

    let (session, sold) = shop.sell(customer, 3).await?;
    session.commit().await?;
    for table in ["shop_order", "plans_account"] {
        assert_eq!(shop.rows(table).await?, 1, "one row in {table}");
    }
    assert_eq!(SeaAccountPlans.of(db.reader(), customer).await?, sold);
    assert_eq!(sold.seats_in_all(), Limit::AtMost(3));
    check_room(sold.seats_in_all(), 2, 1)?;
    assert!(check_room(sold.seats_in_all(), 3, 1).is_err(), "three people fill it");

    shop.pool.close().await?;
    Ok(format!(
        "an order was rolled back with its plan, then committed with {} seats of {} at {} cents",
        sold.seats.unwrap_or_default(),
        sold.plan.terms.name,
        sold.plan.price_cents
    ))
}

/// The host: a pool of its own and a table of its own.
struct Shop {
    pool: DatabaseConnection,
    ids: Arc<SystemIds>,
    catalogue: Catalogue,
}

impl Shop {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE shop_order (plan TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        PlansMigrator::up(&pool, None).await?;
        Ok(Self { pool, ids: Arc::default(), catalogue: Catalogue::parse(PLANS)? })
    }

    /// Brings what is sold in line with the catalogue, at each start.
    async fn publish(&self) -> Outcome<u64> {
        let mut tx = self.adopted(self.begin().await?);
        let rows = SeaPlans.publish(&mut tx, &self.catalogue).await?;
        tx.into_host().commit().await?;
        Ok(rows)
    }

    /// Writes the order, then sets the plan. Neither is kept before the program commits.
    async fn sell(&self, customer: AccountId, seats: u32) -> Outcome<(DatabaseTransaction, AccountPlan)> {
        let mut tx = self.adopted(self.begin().await?);
        let studio = SeaPlans.current(tx.reader(), "studio", Interval::Monthly).await?;
        let studio = studio.ok_or("the studio plan is sold")?;
        let sold = SeaAccountPlans.set(&mut tx, customer, studio.id, Some(seats)).await?;

        let session = tx.into_host();
        let backend = session.get_database_backend();
        let insert = "INSERT INTO shop_order (plan) VALUES ($1)";
        let values = [studio.id.to_string().into()];
        session.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await?;
        Ok((session, sold))
    }

    fn adopted(&self, session: DatabaseTransaction) -> Tx {
        Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy))
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

//! A shop that keeps its orders itself and its customers' credits in the ledger. An order and the
//! charge for it are one transaction, and it is the shop's own.
//!
//! `cargo run -p bursar-billing-ledger --example embed-ledger`
#![expect(clippy::print_stdout, reason = "an example says what happened")]

use std::{error::Error, sync::Arc};

use bursar_billing_ledger::{Charge, Charged, Grant, Ledger as _, PostingKind, SeaLedger};
use bursar_kernel::{
    Account, Amount, Clock as _, CostNanos, Db, IdSource as _, OrganizationId, OsEntropy, SystemClock,
    SystemIds, Tx,
};
use bursar_migrations::{KernelMigrator, LedgerMigrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("shop.db").display());
    println!("{}", embed(&url).await?);
    Ok(())
}

/// What happens, in an empty database of the shop's.
pub(crate) async fn embed(url: &str) -> Outcome<String> {
    let shop = Shop::open(url).await?;
    let db = Db::from_connection(shop.pool.clone())?;
    let customer = Account::Organization(OrganizationId::from_uuid(shop.ids.next(SystemClock.now())));

    // A transaction of ours over the shop's pool, when the shop has nothing to add.
    let mut tx = db.begin().await?;
    SeaLedger.post(&mut tx, hundred_dollars(customer)?).await?;
    tx.commit().await?;

    let (session, charged) = shop.order(customer, "order:1").await?;
    assert_eq!(charged.amounts, [Amount::from_cents(250)?]);
    session.rollback().await?;
    assert_eq!(shop.rows("shop_order").await?, 0, "the order is gone");
    assert_eq!(shop.rows("ledger_posting").await?, 1, "and so is its charge");
    assert_eq!(shop.rows("ledger_entry").await?, 2);

    let (session, _) = shop.order(customer, "order:1").await?;
    session.commit().await?;
    assert_eq!(shop.rows("shop_order").await?, 1);
    let book = SeaLedger.book(db.reader(), customer.id()).await?.ok_or("the customer has a book")?;
    assert_eq!(book.balance, Amount::from_cents(9_750)?, "charged once");
    assert_eq!(SeaLedger.verify(db.reader()).await?.differences, []);

    shop.pool.close().await?;
    Ok(format!("order:1 was rolled back with its charge, then committed with it: {} left", book.balance))
}

/// The host: a pool of its own and a table of its own.
struct Shop {
    pool: DatabaseConnection,
    ids: Arc<SystemIds>,
}

impl Shop {
    async fn open(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        // On SQLite one: more would wait for one another's writes.
        options.max_connections(1).sqlx_logging(false);
        let pool = Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE shop_order (reference TEXT NOT NULL PRIMARY KEY)").await?;
        KernelMigrator::up(&pool, None).await?;
        LedgerMigrator::up(&pool, None).await?;
        Ok(Self { pool, ids: Arc::default() })
    }

    /// Writes the order, then has the ledger charge it. Neither is kept before the shop commits.
    async fn order(&self, customer: Account, reference: &str) -> Outcome<(DatabaseTransaction, Charged)> {
        let session = self.begin().await?;
        let backend = session.get_database_backend();
        let insert = "INSERT INTO shop_order (reference) VALUES ($1)";
        session.execute_raw(Statement::from_sql_and_values(backend, insert, [reference.into()])).await?;

        let mut tx = Tx::adopt(session, SystemClock.now(), self.ids.clone(), Arc::new(OsEntropy));
        let mut books = SeaLedger.lock(&mut tx, &[customer]).await?;
        let charged = books.charge(Charge {
            account: customer,
            kind: PostingKind::Usage,
            reference: reference.to_owned(),
            costs: vec![CostNanos::new(2_500_000_000).ok_or("2.50 USD is a cost")?],
            tokens: 0,
            traffic_source: None,
            description: "A poster".to_owned(),
            actor: "system".to_owned(),
        })?;
        SeaLedger.write(&mut tx, books).await?;
        Ok((tx.into_host(), charged))
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

fn hundred_dollars(customer: Account) -> Outcome<Grant> {
    Ok(Grant {
        account: customer,
        kind: PostingKind::Topup,
        reference: "payment:1".to_owned(),
        amount: Amount::from_cents(10_000)?,
        promotional: false,
        priority: 0,
        expires_at: None,
        description: "Credits".to_owned(),
        actor: "system".to_owned(),
    })
}

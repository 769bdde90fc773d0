use std::{collections::BTreeMap, fmt::Write as _};

use bursar_kernel::{AccountId, Amount, DomainError, Reader, Result, Tx, UnixTimestamp};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QuerySelect, Statement, Value};

use super::{key, spend};
use crate::{
    key::{ApiKey, ApiKeyId},
    spend_limit::SpendWindow,
    spending::{KeySpending, Spent},
};

/// Keys of one statement: a fixed number keeps the statement the same, and far from the engines'
/// limits on parameters.
const CHUNK: usize = 250;

/// A sum stays below what a column holds: a key that somebody has spent beyond all reason by must not
/// keep work from being charged.
const MOST_MICROS: i64 = 9_000_000_000_000_000_000;

/// [`KeySpending`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaKeySpending;

#[async_trait::async_trait]
impl KeySpending for SeaKeySpending {
    async fn spend(&self, tx: &mut Tx, key: &ApiKey, cost: Amount) -> Result<Spent> {
        if cost.is_negative() {
            return Err(DomainError::invalid("cost", "must not be negative"));
        }
        let row = key::scoped_to_live()
            .filter(key::Column::AccountId.eq(key.account.id()))
            .filter(key::Column::Id.eq(key.id))
            .lock_exclusive()
            .one(&tx.conn())
            .await?;
        let Some(row) = row else { return Ok(Spent::Exceeded { left: Amount::ZERO }) };
        let left = match row.spend_limit() {
            None => None,
            Some(limit) => {
                let spent = spent_in(tx.reader(), key, limit.window).await?;
                let left = limit.amount.minus(spent)?;
                if cost > left {
                    return Ok(Spent::Exceeded { left: left.max(Amount::ZERO) });
                }
                Some(left.minus(cost)?)
            }
        };
        add(tx, &[(key.id, key.account.id(), cost)]).await?;
        Ok(Spent::Taken { left })
    }

    async fn charged(&self, tx: &mut Tx, costs: &[(AccountId, ApiKeyId, Amount)]) -> Result<u64> {
        let mut by_key = BTreeMap::new();
        for (account, key, cost) in costs {
            let sum = by_key.entry((*key, *account)).or_insert(Amount::ZERO);
            *sum = sum.plus(*cost)?;
        }
        let costs: Vec<_> = by_key.into_iter().map(|((key, account), cost)| (key, account, cost)).collect();
        let mut charged = 0;
        for chunk in costs.chunks(CHUNK) {
            charged += add(tx, chunk).await?;
        }
        Ok(charged)
    }

    async fn spent(&self, reader: Reader<'_>, key: &ApiKey) -> Result<Amount> {
        match key.spend_limit {
            None => Ok(Amount::ZERO),
            Some(limit) => spent_in(reader, key, limit.window).await,
        }
    }
}

async fn spent_in(reader: Reader<'_>, key: &ApiKey, window: SpendWindow) -> Result<Amount> {
    let row = spend::scoped(key, window, reader.now()).one(reader.conn()).await?;
    Ok(row.map_or(Amount::ZERO, |row| row.spent_micros))
}

/// Adds to every window of each key that is there: one statement, for keys in their order. Says how
/// many were there.
async fn add(tx: &Tx, costs: &[(ApiKeyId, AccountId, Amount)]) -> Result<u64> {
    let costs = costs
        .iter()
        .flat_map(|(key, account, cost)| [Value::from(*key), Value::from(*account), Value::from(*cost)]);
    let windows = SpendWindow::ALL.iter().flat_map(|window| {
        let start: UnixTimestamp = window.start(tx.now());
        [Value::from(*window), Value::from(start)]
    });
    let values: Vec<Value> = windows.chain(costs).collect();
    let conn = tx.conn();
    let keys = (values.len() - 2 * SpendWindow::ALL.len()) / 3;
    let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql(keys), values);
    let rows = conn.execute_raw(statement).await?.rows_affected();
    Ok(rows / SpendWindow::ALL.len() as u64)
}

/// Rows are written in one order, so that transactions that add to the same keys wait for one another
/// and never for each other.
fn sql(keys: usize) -> String {
    let windows = numbered(1, 2, SpendWindow::ALL.len());
    let costs = numbered(1 + 2 * SpendWindow::ALL.len(), 3, keys);
    format!(
        "WITH every_window (spend_window, window_start) AS (VALUES {windows}), \
         cost (key_id, account_id, micros) AS (VALUES {costs}) \
         INSERT INTO api_keys_spend (account_id, key_id, spend_window, window_start, spent_micros) \
         SELECT api_keys_key.account_id, api_keys_key.id, every_window.spend_window, \
         every_window.window_start, cost.micros FROM cost \
         JOIN api_keys_key ON api_keys_key.account_id = cost.account_id AND api_keys_key.id = cost.key_id \
         CROSS JOIN every_window WHERE TRUE ORDER BY api_keys_key.id, every_window.spend_window \
         ON CONFLICT (account_id, key_id, spend_window, window_start) \
         DO UPDATE SET spent_micros = CASE WHEN excluded.spent_micros > 0 \
         AND api_keys_spend.spent_micros > {MOST_MICROS} - excluded.spent_micros THEN {MOST_MICROS} \
         ELSE api_keys_spend.spent_micros + excluded.spent_micros END"
    )
}

/// `($1, $2), ($3, $4)`: rows of `columns` parameters each, from `first` on.
fn numbered(first: usize, columns: usize, rows: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        for column in 0..columns {
            let before = match (row, column) {
                (0, 0) => "(",
                (_, 0) => "), (",
                _ => ", ",
            };
            // Writing to a String cannot fail.
            let _ = write!(text, "{before}${}", first + row * columns + column);
        }
    }
    text + ")"
}

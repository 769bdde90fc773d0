use std::{collections::BTreeMap, fmt::Write as _};

use bursar_kernel::{Engine, Result, Tx, UnixTimestamp};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::key::ApiKeyId;

/// Keys of one statement: a fixed number keeps the statement the same, and far from the engines'
/// limits on parameters.
const CHUNK: usize = 250;

/// Writes when keys were last used, a statement for each [`CHUNK`] of them.
pub(super) async fn write(tx: &Tx, uses: &[(ApiKeyId, UnixTimestamp)]) -> Result<u64> {
    let mut latest = BTreeMap::new();
    for (key, at) in uses {
        let known = latest.entry(*key).or_insert(*at);
        *known = (*known).max(*at);
    }
    let latest: Vec<_> = latest.into_iter().collect();
    let mut changed = 0;
    for chunk in latest.chunks(CHUNK) {
        let values = chunk.iter().flat_map(|(key, at)| [Value::from(*key), Value::from(*at)]);
        let conn = tx.conn();
        let statement = Statement::from_sql_and_values(
            conn.get_database_backend(),
            sql(tx.engine(), chunk.len()),
            values,
        );
        changed += conn.execute_raw(statement).await?.rows_affected();
    }
    Ok(changed)
}

/// On PostgreSQL the rows are locked in the order of their identifiers first, so that two nodes
/// that note the same keys at once wait for one another and never for each other.
fn sql(engine: Engine, rows: usize) -> String {
    let mut values = String::new();
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        // Writing to a String cannot fail.
        let _ = write!(values, "{comma}(${}, ${})", row * 2 + 1, row * 2 + 2);
    }
    let (locked, among_locked) = match engine {
        Engine::Postgres => (
            ", locked AS MATERIALIZED (SELECT api_keys_key.id FROM api_keys_key JOIN used ON used.id = api_keys_key.id \
             ORDER BY api_keys_key.id FOR NO KEY UPDATE OF api_keys_key)",
            " AND api_keys_key.id IN (SELECT id FROM locked)",
        ),
        Engine::Sqlite => ("", ""),
    };
    format!(
        "WITH used (id, used_at) AS (VALUES {values}){locked} \
         UPDATE api_keys_key SET last_used_at = used.used_at FROM used WHERE api_keys_key.id = used.id \
         AND (last_used_at IS NULL OR last_used_at < used.used_at){among_locked}"
    )
}

use std::collections::BTreeMap;

use bursar_kernel::{AccountId, DomainError, Result, Tx};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::event::EventKey;

const FOUND: &str = "SELECT usage.account_id, usage.source, usage.event_id, usage.content_hash";
const JOINED: &str = "JOIN metering_usage AS usage ON usage.account_id = asked.account_id \
     AND usage.source = asked.source AND usage.event_id = asked.event_id";

/// Which keys are recorded, by one statement.
pub(super) async fn known(tx: &Tx, keys: &[EventKey]) -> Result<BTreeMap<EventKey, [u8; 32]>> {
    let Some(last) = keys.last() else { return Ok(BTreeMap::new()) };
    let conn = tx.conn();
    let mut known = BTreeMap::new();
    for row in conn.query_all_raw(statement(conn.get_database_backend(), keys, last)).await? {
        let key = EventKey {
            account: row.try_get_by_index::<AccountId>(0)?,
            source: row.try_get_by_index(1)?,
            id: row.try_get_by_index(2)?,
        };
        known.insert(key, hash_of(&row.try_get_by_index::<String>(3)?)?);
    }
    Ok(known)
}

fn statement(backend: DbBackend, keys: &[EventKey], last: &EventKey) -> Statement {
    #[cfg(feature = "postgres")]
    if backend == DbBackend::Postgres {
        use sea_orm::{Value, sea_query::ArrayType};
        let array = |kind, column: fn(&EventKey) -> Value| {
            Value::Array(kind, Some(Box::new(keys.iter().map(column).collect())))
        };
        return Statement::from_sql_and_values(
            backend,
            format!(
                "{FOUND} FROM UNNEST($1::uuid[], $2::text[], $3::text[]) \
                 AS asked (account_id, source, event_id) {JOINED}"
            ),
            [
                array(ArrayType::Uuid, |key| key.account.into()),
                array(ArrayType::String, |key| key.source.clone().into()),
                array(ArrayType::String, |key| key.id.clone().into()),
            ],
        );
    }
    // Filled up to a power of two by asking for the last one again: few different statements.
    let length = keys.len().next_power_of_two();
    let rows = vec!["(?, ?, ?)"; length].join(", ");
    let asked = keys.iter().chain(std::iter::repeat(last)).take(length);
    Statement::from_sql_and_values(
        backend,
        format!("WITH asked (account_id, source, event_id) AS (VALUES {rows}) {FOUND} FROM asked {JOINED}"),
        asked.flat_map(|key| [key.account.into(), key.source.clone().into(), key.id.clone().into()]),
    )
}

/// 32 bytes as 64 hexadecimal digits.
pub(super) fn hash_text(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn hash_of(text: &str) -> Result<[u8; 32]> {
    let broken = || DomainError::internal("a usage row does not hold a content hash");
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return Err(broken());
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| broken())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| broken())?;
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_comes_back_from_its_text() {
        let hash: [u8; 32] = std::array::from_fn(|place| u8::try_from(place * 8).unwrap());
        assert_eq!(hash_of(&hash_text(&hash)).unwrap(), hash);
        for text in ["", "00", &"z".repeat(64), &"é".repeat(32)] {
            assert!(hash_of(text).is_err());
        }
    }
}

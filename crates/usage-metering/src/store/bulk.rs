//! Many rows by few statements whose text does not vary with their number, so that the statement
//! cache knows them.

use bursar_kernel::{DomainError, Result, Tx};
use sea_orm::{ConnectionTrait as _, Statement, Value};

/// What a column holds, as far as carrying it in an array goes: arrays of PostgreSQL are bound
/// without nulls, so nothing is carried as the nil identifier or the empty text, which no row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Id,
    OptionalId,
    Text,
    OptionalText,
    Integer,
    Flag,
}

/// Where rows go.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Kind)],
    /// `ON CONFLICT …`, or nothing.
    pub(super) on_conflict: &'static str,
}

/// SQLite binds at most 32 766 values in a statement.
const MAX_VALUES: usize = 32_766;

/// Inserts rows whose values stand in the order of the table's columns, and says how many were
/// inserted or updated. No two rows may be in conflict with each other.
pub(super) async fn insert(tx: &Tx, table: &Table, rows: Vec<Vec<Value>>) -> Result<u64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let conn = tx.conn();
    let backend = conn.get_database_backend();
    #[cfg(feature = "postgres")]
    if backend == sea_orm::DbBackend::Postgres {
        let statement =
            Statement::from_sql_and_values(backend, unnest::sql(table), unnest::arrays(table, rows));
        return Ok(conn.execute_raw(statement).await?.rows_affected());
    }
    let mut affected = 0;
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let length = chunk_length(rows.len(), table.columns.len());
        let chunk: Vec<_> = rows.by_ref().take(length).collect();
        let sql = values_sql(table, chunk.len());
        let statement = Statement::from_sql_and_values(backend, sql, chunk.into_iter().flatten());
        affected += conn.execute_raw(statement).await?.rows_affected();
    }
    Ok(affected)
}

/// The greatest power of two of rows that are there and fit: few different statements.
fn chunk_length(rows: usize, width: usize) -> usize {
    let most = rows.min(MAX_VALUES / width.max(1)).max(1);
    1 << most.ilog2()
}

fn values_sql(table: &Table, rows: usize) -> String {
    let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
    let row = format!("({})", vec!["?"; names.len()].join(", "));
    format!(
        "INSERT INTO {} ({}) VALUES {} {}",
        table.name,
        names.join(", "),
        vec![row.as_str(); rows].join(", "),
        table.on_conflict
    )
}

/// A statement that touched another number of rows than it was given is our fault.
pub(super) fn expect_rows(affected: u64, expected: usize, table: &Table) -> Result<()> {
    if u64::try_from(expected) == Ok(affected) {
        return Ok(());
    }
    Err(DomainError::internal(format!("{} rows of {} were written as {affected}", expected, table.name)))
}

#[cfg(feature = "postgres")]
mod unnest {
    use sea_orm::{Value, sea_query::ArrayType};

    use super::{Kind, Table};

    impl Kind {
        const fn postgres(self) -> &'static str {
            match self {
                Self::Id | Self::OptionalId => "uuid",
                Self::Text | Self::OptionalText => "text",
                Self::Integer => "bigint",
                Self::Flag => "boolean",
            }
        }

        const fn array_type(self) -> ArrayType {
            match self {
                Self::Id | Self::OptionalId => ArrayType::Uuid,
                Self::Text | Self::OptionalText => ArrayType::String,
                Self::Integer => ArrayType::BigInt,
                Self::Flag => ArrayType::Bool,
            }
        }

        fn selected(self, name: &str) -> String {
            match self {
                Self::OptionalId => format!("NULLIF({name}, '00000000-0000-0000-0000-000000000000'::uuid)"),
                Self::OptionalText => format!("NULLIF({name}, '')"),
                _ => name.to_owned(),
            }
        }

        /// The value that stands for nothing.
        fn carried(self, value: Value) -> Value {
            match (self, value) {
                (Self::OptionalId, Value::Uuid(None)) => uuid::Uuid::nil().into(),
                (Self::OptionalText, Value::String(None)) => String::new().into(),
                (_, value) => value,
            }
        }
    }

    pub(super) fn sql(table: &Table) -> String {
        let names: Vec<_> = table.columns.iter().map(|(name, _)| *name).collect();
        let selected: Vec<_> = table.columns.iter().map(|(name, kind)| kind.selected(name)).collect();
        let arrays: Vec<_> = table
            .columns
            .iter()
            .enumerate()
            .map(|(place, (_, kind))| format!("${}::{}[]", place + 1, kind.postgres()))
            .collect();
        format!(
            "INSERT INTO {} ({names}) SELECT {} FROM UNNEST({}) AS new_rows ({names}) {}",
            table.name,
            selected.join(", "),
            arrays.join(", "),
            table.on_conflict,
            names = names.join(", "),
        )
    }

    pub(super) fn arrays(table: &Table, rows: Vec<Vec<Value>>) -> Vec<Value> {
        let mut columns: Vec<Vec<Value>> =
            table.columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            for ((column, (_, kind)), value) in columns.iter_mut().zip(table.columns).zip(row) {
                column.push(kind.carried(value));
            }
        }
        columns
            .into_iter()
            .zip(table.columns)
            .map(|(column, (_, kind))| Value::Array(kind.array_type(), Some(Box::new(column))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_powers_of_two_that_fit() {
        for (rows, width, length) in [(1, 26, 1), (1000, 26, 512), (488, 26, 256), (40_000, 13, 2048)] {
            assert_eq!(chunk_length(rows, width), length);
            assert!(length * width <= MAX_VALUES);
        }
    }
}

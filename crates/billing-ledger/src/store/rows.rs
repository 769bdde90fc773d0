//! Many rows in one statement: typed arrays on PostgreSQL, whose text does not depend on their
//! number, so that it is planned once; `VALUES` in chunks on SQLite, which has no arrays.

use bursar_kernel::Conn;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};

/// SQLite takes 32 766 variables in a statement; a quarter of that keeps its text short.
const SQLITE_MAX_VARIABLES: usize = 8_192;

/// One column of rows that are handed to a statement.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "only arrays have a type"))]
pub(crate) struct Column {
    name: &'static str,
    kind: Kind,
    optional: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Id,
    Text,
    Integer,
    Flag,
}

impl Column {
    pub(crate) const fn id(name: &'static str) -> Self {
        Self { name, kind: Kind::Id, optional: false }
    }

    pub(crate) const fn text(name: &'static str) -> Self {
        Self { name, kind: Kind::Text, optional: false }
    }

    pub(crate) const fn integer(name: &'static str) -> Self {
        Self { name, kind: Kind::Integer, optional: false }
    }

    pub(crate) const fn flag(name: &'static str) -> Self {
        Self { name, kind: Kind::Flag, optional: false }
    }

    /// The same column, with rows that have nothing in it.
    pub(crate) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// Rows that a statement sees as a table named `n`.
pub(crate) struct Rows {
    columns: &'static [Column],
    rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Each row has one value for each column, in order.
    pub(crate) fn new(columns: &'static [Column], rows: impl IntoIterator<Item = Vec<Value>>) -> Self {
        Self { columns, rows: rows.into_iter().collect() }
    }

    /// Runs what writes from `n`; answers how many rows it touched. Does nothing without rows.
    pub(crate) async fn execute(self, conn: &Conn<'_>, then: &str) -> Result<u64, DbErr> {
        let mut touched = 0;
        for statement in self.statements(conn.get_database_backend(), then)? {
            touched += conn.execute_raw(statement).await?.rows_affected();
        }
        Ok(touched)
    }

    /// Runs what reads by `n`.
    pub(crate) async fn query(self, conn: &Conn<'_>, then: &str) -> Result<Vec<QueryResult>, DbErr> {
        let mut found = Vec::new();
        for statement in self.statements(conn.get_database_backend(), then)? {
            found.extend(conn.query_all_raw(statement).await?);
        }
        Ok(found)
    }

    fn statements(self, backend: DbBackend, then: &str) -> Result<Vec<Statement>, DbErr> {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        let names = names.join(", ");
        let statement = |source: &str, values: Vec<Value>| {
            Statement::from_sql_and_values(backend, format!("WITH n ({names}) AS ({source}) {then}"), values)
        };
        if backend == DbBackend::Postgres {
            let (source, arrays) = arrays::unnest(self.columns, self.rows)?;
            return Ok(vec![statement(&source, arrays)]);
        }
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let mut rows = self.rows.into_iter().peekable();
        let mut statements = Vec::new();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(SQLITE_MAX_VARIABLES / self.columns.len()).collect();
            let source = format!("VALUES {}", vec![row.as_str(); chunk.len()].join(", "));
            statements.push(statement(&source, chunk.into_iter().flatten().collect()));
        }
        Ok(statements)
    }
}

#[cfg(feature = "postgres")]
mod arrays {
    use sea_orm::{DbErr, Value, prelude::Uuid, sea_query::ArrayType};

    use super::{Column, Kind};

    /// The rows as one array a column. An array cannot hold NULL here, so that a value that no row
    /// of ours has stands for it.
    pub(super) fn unnest(columns: &[Column], rows: Vec<Vec<Value>>) -> Result<(String, Vec<Value>), DbErr> {
        let mut arrays: Vec<Vec<Value>> = columns.iter().map(|_| Vec::with_capacity(rows.len())).collect();
        for row in rows {
            if row.len() != columns.len() {
                return Err(DbErr::Custom("a row has not one value for each column".to_owned()));
            }
            for ((array, column), value) in arrays.iter_mut().zip(columns).zip(row) {
                array.push(if value == value.as_null() { nothing(column.kind) } else { value });
            }
        }
        let (mut selected, mut named, mut bound) = (Vec::new(), Vec::new(), Vec::new());
        for (column, number) in columns.iter().zip(1..) {
            let Column { name, kind, optional } = *column;
            let (sql_type, nothing) = match kind {
                Kind::Id => ("uuid", "'00000000-0000-0000-0000-000000000000'"),
                Kind::Text => ("text", "''"),
                Kind::Integer => ("bigint", "-9223372036854775808"),
                Kind::Flag => ("boolean", "NULL"),
            };
            selected.push(if optional { format!("NULLIF({name}, {nothing})") } else { name.to_owned() });
            named.push(name);
            bound.push(format!("${number}::{sql_type}[]"));
        }
        let source = format!(
            "SELECT {} FROM UNNEST({}) AS u ({})",
            selected.join(", "),
            bound.join(", "),
            named.join(", ")
        );
        let arrays = arrays
            .into_iter()
            .zip(columns)
            .map(|(array, column)| Value::Array(array_type(column.kind), Some(Box::new(array))))
            .collect();
        Ok((source, arrays))
    }

    fn nothing(kind: Kind) -> Value {
        match kind {
            Kind::Id => Uuid::nil().into(),
            Kind::Text => String::new().into(),
            Kind::Integer => i64::MIN.into(),
            Kind::Flag => false.into(),
        }
    }

    const fn array_type(kind: Kind) -> ArrayType {
        match kind {
            Kind::Id => ArrayType::Uuid,
            Kind::Text => ArrayType::String,
            Kind::Integer => ArrayType::BigInt,
            Kind::Flag => ArrayType::Bool,
        }
    }
}

#[cfg(not(feature = "postgres"))]
mod arrays {
    use sea_orm::{DbErr, Value};

    use super::Column;

    pub(super) fn unnest(_: &[Column], _: Vec<Vec<Value>>) -> Result<(String, Vec<Value>), DbErr> {
        Err(DbErr::Custom("this build does not speak to PostgreSQL".to_owned()))
    }
}

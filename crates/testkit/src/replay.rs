//! Writes the same rows again and again as fast as a client can: the limit that a service which
//! writes them is measured by.

use std::{borrow::Cow, collections::BTreeMap, ops::Range, sync::Arc};

use bursar_kernel::Engine;
use sea_orm::sqlx::{self, AssertSqlSafe, pool::PoolConnection};
use uuid::Uuid;

use crate::{Cell, Footprint, TestDb};

/// SQLite binds at most 32 766 values in a statement; the fewer statements, the faster.
const SQLITE_VALUES: usize = 32_766;

/// One connection, kept open, with prepared statements for rows that are bound: arrays on
/// PostgreSQL, rows of values on SQLite.
pub struct Replay {
    connection: Connection,
    groups: Vec<Group>,
    /// Of the transaction, and of what is fresh in it.
    number: u32,
}

enum Connection {
    #[cfg(feature = "sqlite")]
    Sqlite(PoolConnection<sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(PoolConnection<sqlx::Postgres>),
}

/// Rows of one table with values in the same columns; the others are left to be nothing.
struct Group {
    columns: Vec<Column>,
    /// Each with the rows that it writes.
    statements: Vec<(Range<usize>, Arc<str>)>,
}

/// The values of one column.
#[derive(Clone)]
enum Values {
    Ids(Vec<Uuid>),
    Texts(Vec<Arc<str>>),
    Integers(Vec<i64>),
    Flags(Vec<bool>),
}

struct Column {
    values: Values,
    /// It takes other values in every transaction.
    is_fresh: bool,
}

impl Replay {
    /// Makes ready to write what was written, on the connection that the database writes by.
    ///
    /// # Panics
    /// When it could lose what it acknowledged: that would be no limit for one that does not.
    pub async fn open(database: &TestDb, written: &[Footprint]) -> Self {
        database.db.assert_durable().await.expect("the limit is as durable as what it limits");
        let pool = database.db.for_migrations();
        let connection = match database.engine {
            #[cfg(feature = "sqlite")]
            Engine::Sqlite => Connection::Sqlite(
                pool.get_sqlite_connection_pool().acquire().await.expect("a connection is free"),
            ),
            #[cfg(feature = "postgres")]
            Engine::Postgres => Connection::Postgres(
                pool.get_postgres_connection_pool().acquire().await.expect("a connection is free"),
            ),
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            other => panic!("this build has no {other:?}"),
        };
        let groups = written.iter().flat_map(|rows| groups(database.engine, rows)).collect();
        Self { connection, groups, number: 0 }
    }

    /// One transaction: every row once, new ones under fresh identifiers, committed.
    ///
    /// # Panics
    /// When a row is refused.
    pub async fn run(&mut self) {
        self.number += 1;
        let (groups, number) = (&self.groups, self.number);
        let done = match &mut self.connection {
            #[cfg(feature = "sqlite")]
            Connection::Sqlite(connection) => on_sqlite(connection, groups, number).await,
            #[cfg(feature = "postgres")]
            Connection::Postgres(connection) => on_postgres(connection, groups, number).await,
        };
        done.unwrap_or_else(|error| panic!("rows are refused: {error}"));
    }
}

#[cfg(feature = "sqlite")]
async fn on_sqlite(
    connection: &mut PoolConnection<sqlx::Sqlite>,
    groups: &[Group],
    number: u32,
) -> sqlx::Result<()> {
    sqlx::query("BEGIN IMMEDIATE").execute(&mut **connection).await?;
    for group in groups {
        let columns = group.columns_of(number);
        for (rows, sql) in &group.statements {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for row in rows.clone() {
                for column in &columns {
                    query = match column.as_ref() {
                        Values::Ids(values) => query.bind(values[row]),
                        Values::Texts(values) => query.bind(values[row].clone()),
                        Values::Integers(values) => query.bind(values[row]),
                        Values::Flags(values) => query.bind(values[row]),
                    };
                }
            }
            query.execute(&mut **connection).await?;
        }
    }
    sqlx::query("COMMIT").execute(&mut **connection).await.map(drop)
}

#[cfg(feature = "postgres")]
async fn on_postgres(
    connection: &mut PoolConnection<sqlx::Postgres>,
    groups: &[Group],
    number: u32,
) -> sqlx::Result<()> {
    sqlx::query("BEGIN").execute(&mut **connection).await?;
    for group in groups {
        let columns = group.columns_of(number);
        for (_, sql) in &group.statements {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for column in &columns {
                query = match column.as_ref() {
                    Values::Ids(values) => query.bind(values.as_slice()),
                    Values::Texts(values) => {
                        query.bind(values.iter().map(AsRef::as_ref).collect::<Vec<&str>>())
                    }
                    Values::Integers(values) => query.bind(values.as_slice()),
                    Values::Flags(values) => query.bind(values.as_slice()),
                };
            }
            query.execute(&mut **connection).await?;
        }
    }
    sqlx::query("COMMIT").execute(&mut **connection).await.map(drop)
}

/// The rows of a table by the columns that they have values in.
fn groups(engine: Engine, written: &Footprint) -> Vec<Group> {
    let mut alike: BTreeMap<Vec<usize>, Vec<&[Option<Cell>]>> = BTreeMap::new();
    for row in &written.rows {
        let places = (0..row.len()).filter(|&place| row[place].is_some()).collect();
        alike.entry(places).or_default().push(row);
    }
    let group = |(places, rows): (Vec<usize>, Vec<&[Option<Cell>]>)| {
        let names: Vec<&str> = places.iter().map(|&place| written.columns[place].as_str()).collect();
        let columns: Vec<Column> = places
            .iter()
            .map(|&place| Column {
                values: Values::of(rows.iter().filter_map(|row| row[place].as_ref())),
                is_fresh: written.is_new && written.telling.contains(&written.columns[place]),
            })
            .collect();
        assert!(
            !written.is_new || columns.iter().any(|column| column.is_fresh),
            "nothing tells one row of {} from another",
            written.table
        );
        let around = (format!("INSERT INTO {} ({})", written.table, names.join(", ")), written.on_conflict());
        Group { statements: statements(engine, around, &columns, rows.len()), columns }
    };
    alike.into_iter().map(group).collect()
}

/// One for all rows on PostgreSQL, as few as take them on SQLite.
fn statements(
    engine: Engine,
    (insert, on_conflict): (String, String),
    columns: &[Column],
    rows: usize,
) -> Vec<(Range<usize>, Arc<str>)> {
    let statement = |source: &str| format!("{insert} {source} {on_conflict}").into();
    if engine == Engine::Postgres {
        let arrays: Vec<String> = (1..)
            .zip(columns)
            .map(|(number, column)| format!("${number}::{}[]", column.values.postgres()))
            .collect();
        return vec![(0..rows, statement(&format!("SELECT * FROM UNNEST({})", arrays.join(", "))))];
    }
    let row = format!("({})", vec!["?"; columns.len()].join(", "));
    let most = SQLITE_VALUES / columns.len();
    (0..rows)
        .step_by(most)
        .map(|start| start..rows.min(start + most))
        .map(|chunk| {
            let values = vec![row.as_str(); chunk.len()].join(", ");
            (chunk, statement(&format!("VALUES {values}")))
        })
        .collect()
}

impl Group {
    fn columns_of(&self, number: u32) -> Vec<Cow<'_, Values>> {
        self.columns
            .iter()
            .map(|column| {
                if column.is_fresh {
                    Cow::Owned(column.values.fresh(number))
                } else {
                    Cow::Borrowed(&column.values)
                }
            })
            .collect()
    }
}

impl Values {
    fn of<'a>(cells: impl Iterator<Item = &'a Cell> + Clone) -> Self {
        match cells.clone().next() {
            Some(Cell::Id(_)) => Self::Ids(only(cells, |cell| match cell {
                Cell::Id(id) => Some(*id),
                _ => None,
            })),
            Some(Cell::Text(_)) => Self::Texts(only(cells, |cell| match cell {
                Cell::Text(text) => Some(text.as_str().into()),
                _ => None,
            })),
            Some(Cell::Integer(_)) => Self::Integers(only(cells, |cell| match cell {
                Cell::Integer(integer) => Some(*integer),
                _ => None,
            })),
            Some(Cell::Flag(_)) => Self::Flags(only(cells, |cell| match cell {
                Cell::Flag(flag) => Some(*flag),
                _ => None,
            })),
            None => panic!("a group has rows"),
        }
    }

    /// Others in the same order, that no other transaction has: identifiers as if made so many
    /// milliseconds later, so that indexes grow where they grew.
    fn fresh(&self, number: u32) -> Self {
        match self {
            Self::Ids(ids) => Self::Ids(
                ids.iter()
                    .map(|id| Uuid::from_u128(id.as_u128().wrapping_add(u128::from(number) << 80)))
                    .collect(),
            ),
            Self::Texts(texts) => {
                Self::Texts(texts.iter().map(|text| format!("{number:06}-{text}").into()).collect())
            }
            other => other.clone(),
        }
    }

    const fn postgres(&self) -> &'static str {
        match self {
            Self::Ids(_) => "uuid",
            Self::Texts(_) => "text",
            Self::Integers(_) => "bigint",
            Self::Flags(_) => "boolean",
        }
    }
}

/// A column has values of one kind.
fn only<'a, T>(cells: impl Iterator<Item = &'a Cell>, value: fn(&Cell) -> Option<T>) -> Vec<T> {
    cells.map(|cell| value(cell).unwrap_or_else(|| panic!("{cell:?} is of another kind"))).collect()
}

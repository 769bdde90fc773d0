//! What one write leaves in the tables of an account, whatever those tables are: found by looking
//! before and after it, so that it stays right when tables change.

use std::collections::BTreeSet;

use bursar_kernel::Engine;
use sea_orm::{ConnectionTrait as _, DbErr, QueryResult, Statement, TryGetable};
use uuid::Uuid;

use crate::TestDb;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// An identifier, or a hash as long as one.
    Id(Uuid),
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
}

/// Rows of one table.
#[derive(Clone, Debug)]
pub struct Footprint {
    /// The table.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Those of its primary key.
    pub key: Vec<String>,
    /// Those that make another row of a copy.
    pub telling: Vec<String>,
    /// A value or nothing for each column.
    pub rows: Vec<Vec<Option<Cell>>>,
    /// Whether the write made them. If not, it met them: they were there and took it in, as sums
    /// and balances do.
    pub is_new: bool,
}

impl TestDb {
    /// Every row of an account in the tables whose names begin with one of the prefixes.
    pub async fn rows_of(&self, account: Uuid, prefixes: &[&str]) -> Vec<Footprint> {
        let mut tables = Vec::new();
        for table in self.tables().await {
            let (columns, kinds) = self.columns(&table).await;
            let is_wanted = prefixes.iter().any(|prefix| table.starts_with(prefix));
            if is_wanted && columns.iter().any(|column| column == ACCOUNT) {
                let unique = self.unique_columns(&table).await;
                let telling = unique.iter().filter_map(|names| telling(names, &columns, &kinds)).collect();
                let rows = self.read(&table, account, &columns, &kinds).await;
                let key = unique.into_iter().next().unwrap_or_default();
                tables.push(Footprint { table, columns, key, telling, rows, is_new: true });
            }
        }
        tables
    }

    async fn columns(&self, table: &str) -> (Vec<String>, Vec<String>) {
        let lines = self
            .texts(&match self.engine {
                Engine::Postgres => format!(
                    "SELECT column_name || ' ' || data_type FROM information_schema.columns \
                     WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
                ),
                Engine::Sqlite => {
                    format!("SELECT name || ' ' || lower(type) FROM pragma_table_info('{table}')")
                }
            })
            .await;
        lines
            .iter()
            .filter_map(|line| line.split_once(' '))
            .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
            .unzip()
    }

    /// The columns of each unique index, the primary key first.
    async fn unique_columns(&self, table: &str) -> Vec<Vec<String>> {
        let lines = self
            .texts(&match self.engine {
                Engine::Postgres => format!(
                    "SELECT string_agg(a.attname, ' ' ORDER BY k.place) FROM pg_index AS i \
                     CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place) \
                     JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number \
                     WHERE i.indrelid = '{table}'::regclass AND i.indisunique \
                     GROUP BY i.indexrelid, i.indisprimary ORDER BY i.indisprimary DESC"
                ),
                Engine::Sqlite => format!(
                    "SELECT group_concat(c.name, ' ' ORDER BY c.seqno) FROM pragma_index_list('{table}') AS i \
                     JOIN pragma_index_info(i.name) AS c WHERE i.\"unique\" \
                     GROUP BY i.name, i.origin ORDER BY i.origin = 'pk' DESC"
                ),
            })
            .await;
        lines.iter().map(|line| line.split(' ').map(str::to_owned).collect()).collect()
    }

    async fn read(
        &self,
        table: &str,
        account: Uuid,
        columns: &[String],
        kinds: &[String],
    ) -> Vec<Vec<Option<Cell>>> {
        let connection = self.db.for_migrations();
        let place = match self.engine {
            Engine::Postgres => "$1",
            Engine::Sqlite => "?",
        };
        let sql = format!("SELECT * FROM {table} WHERE {ACCOUNT} = {place}");
        let asked = Statement::from_sql_and_values(connection.get_database_backend(), &sql, [account.into()]);
        let rows = connection.query_all_raw(asked).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        let row = |row: &QueryResult| {
            columns.iter().zip(kinds).map(|(column, kind)| cell(row, column, kind)).collect::<Result<_, _>>()
        };
        let read: Result<_, DbErr> = rows.iter().map(row).collect();
        read.unwrap_or_else(|error| panic!("{table} is not read: {error}"))
    }
}

/// What one write leaves, seen from before and after it: the new rows of tables that have any, all
/// rows of the others. Of an account that had written the same exactly once before, the latter are
/// what the write met.
#[must_use]
pub fn written(before: &[Footprint], after: Vec<Footprint>) -> Vec<Footprint> {
    let mut written = Vec::new();
    for mut table in after {
        let places: Vec<usize> = table.key.iter().filter_map(|name| table.place(name)).collect();
        let key = |row: &[Option<Cell>]| places.iter().map(|&place| row[place].clone()).collect::<Vec<_>>();
        let earlier = before.iter().find(|earlier| earlier.table == table.table);
        let known: BTreeSet<_> =
            earlier.iter().flat_map(|earlier| &earlier.rows).map(|row| key(row)).collect();
        let new: Vec<_> = table.rows.iter().filter(|row| !known.contains(&key(row))).cloned().collect();
        table.is_new = !new.is_empty();
        if table.is_new {
            table.rows = new;
        }
        if !table.rows.is_empty() {
            written.push(table);
        }
    }
    written
}

impl Footprint {
    /// What makes the write of a row that was met before do no harm: numbers are taken over.
    #[must_use]
    pub fn on_conflict(&self) -> String {
        let sets: Vec<String> = self
            .numbers()
            .map(|place| format!("{name} = excluded.{name}", name = self.columns[place]))
            .collect();
        match (self.is_new, sets.as_slice()) {
            (true, _) => String::new(),
            (false, []) => "ON CONFLICT DO NOTHING".to_owned(),
            (false, _) => format!("ON CONFLICT ({}) DO UPDATE SET {}", self.key.join(", "), sets.join(", ")),
        }
    }

    /// Which columns are numbers that a write changes.
    pub fn numbers(&self) -> impl Iterator<Item = usize> {
        (0..self.columns.len()).filter(|&place| {
            !self.key.contains(&self.columns[place])
                && self.rows.iter().all(|row| matches!(row[place], Some(Cell::Integer(_))))
        })
    }

    /// Where a column is.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }
}

const ACCOUNT: &str = "account_id";

/// Of the columns of a unique index the last one that takes any value but the account.
fn telling(unique: &[String], columns: &[String], kinds: &[String]) -> Option<String> {
    let takes_any = |name: &&String| {
        let kind = columns.iter().position(|column| column == *name).map(|place| kinds[place].as_str());
        *name != ACCOUNT && matches!(kind, Some("uuid" | "uuid_text" | "text"))
    };
    unique.iter().rev().find(takes_any).cloned()
}

fn cell(row: &QueryResult, column: &str, kind: &str) -> Result<Option<Cell>, DbErr> {
    fn of<T: TryGetable>(
        row: &QueryResult,
        column: &str,
        cell: fn(T) -> Cell,
    ) -> Result<Option<Cell>, DbErr> {
        Ok(row.try_get::<Option<T>>("", column)?.map(cell))
    }
    match kind {
        "uuid" | "uuid_text" => of(row, column, Cell::Id),
        "text" => of(row, column, Cell::Text),
        "bigint" | "integer" => of(row, column, Cell::Integer),
        "boolean" => of(row, column, Cell::Flag),
        other => Err(DbErr::Type(format!("{column} is {other}"))),
    }
}

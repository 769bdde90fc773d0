//! Looking at a database past the code under test: plain SQL on a connection of its own.

use std::fmt::Write as _;

use bursar_kernel::Engine;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement, TryGetable};

use crate::TestDb;

impl TestDb {
    /// Runs one statement by itself.
    ///
    /// # Errors
    /// What the database says when it refuses.
    pub async fn execute(&self, sql: &str) -> Result<u64, String> {
        let connection = self.connect().await;
        let outcome = connection.execute_unprepared(sql).await;
        close(connection).await;
        outcome.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    }

    /// The one whole number that a query answers; 0 for NULL, such as the sum of nothing.
    pub async fn number(&self, sql: &str) -> i64 {
        let numbers: Vec<Option<i64>> = self.column(sql).await;
        match numbers.as_slice() {
            [number] => number.unwrap_or(0),
            _ => panic!("{sql} answers {} rows", numbers.len()),
        }
    }

    /// The first column of a query, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        self.column(sql).await
    }

    /// Every table that is not about migrations, sorted.
    pub async fn tables(&self) -> Vec<String> {
        self.texts(match self.engine {
            Engine::Sqlite => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                 AND name NOT LIKE '%_migration' ORDER BY name"
            }
            Engine::Postgres => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' \
                 AND table_name NOT LIKE '%_migration' ORDER BY table_name"
            }
        })
        .await
    }

    /// Every row of every table, sorted: equal exactly when two states are the same.
    pub async fn dump(&self) -> String {
        let mut dump = String::new();
        let tables = self.tables().await;
        // One connection for all of it: sweeps dump hundreds of times.
        let connection = self.connect().await;
        for table in tables {
            let row = match self.engine {
                Engine::Sqlite => {
                    let columns =
                        format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')");
                    column::<String>(&connection, &columns).await.join(" || ',' || ")
                }
                Engine::Postgres => "it::text".to_owned(),
            };
            for row in
                column::<String>(&connection, &format!("SELECT {row} FROM {table} AS it ORDER BY 1")).await
            {
                writeln!(dump, "{table}: {row}").expect("a string takes every line");
            }
        }
        close(connection).await;
        dump
    }

    /// Tables, columns, indexes, constraints and triggers, one a line, in an order that does not
    /// depend on how they came to be.
    pub async fn schema(&self) -> String {
        let lines = self
            .texts(match self.engine {
                Engine::Sqlite => SQLITE_SCHEMA,
                Engine::Postgres => POSTGRES_SCHEMA,
            })
            .await;
        lines.join("\n") + "\n"
    }

    async fn column<T: TryGetable>(&self, sql: &str) -> Vec<T> {
        let connection = self.connect().await;
        let values = column(&connection, sql).await;
        close(connection).await;
        values
    }

    async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }
}

async fn column<T: TryGetable>(connection: &DatabaseConnection, sql: &str) -> Vec<T> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await;
    let values = rows.and_then(|rows| rows.iter().map(|row| row.try_get_by_index(0)).collect());
    values.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

async fn close(connection: DatabaseConnection) {
    connection.close().await.expect("a connection is closed");
}

const SQLITE_SCHEMA: &str = r#"SELECT CASE type WHEN 'table' THEN replace(sql, ', "', ',' || char(10) || '  "') ELSE sql END || ';'
    FROM sqlite_master
    WHERE sql IS NOT NULL AND tbl_name NOT LIKE '%_migration' AND name NOT LIKE 'sqlite%'
    ORDER BY tbl_name, CASE type WHEN 'table' THEN 0 ELSE 1 END, name"#;

const POSTGRES_SCHEMA: &str = "SELECT line FROM (
    SELECT table_name::text AS about, 0 AS kind,
           format('%s.%s %s%s%s', table_name, column_name, data_type,
                  CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END,
                  ' DEFAULT ' || column_default) AS line
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL
    SELECT c.conrelid::regclass::text, 1,
           format('%s CONSTRAINT %s %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
      FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.contype <> 'n'
    UNION ALL
    SELECT tablename::text, 2, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT t.tgrelid::regclass::text, 3, pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal
    UNION ALL
    SELECT '~function', 4, pg_get_functiondef(p.oid) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
) AS everything
WHERE about NOT LIKE '%_migration' ORDER BY about COLLATE \"C\", kind, line COLLATE \"C\"";

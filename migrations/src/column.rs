//! The column kinds that tables are made of, and the triggers that keep rows for ever.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// A migration is one transaction on SQLite too: one that broke off half-way would find its own
/// tables in its way, and the server would never start again.
pub(crate) const IN_ONE_TRANSACTION: Option<bool> = Some(true);

/// 16 bytes.
pub(crate) fn id(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.uuid().not_null();
    column
}

/// 16 bytes, or nothing.
pub(crate) fn optional_id(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.uuid().null();
    column
}

/// Text.
pub(crate) fn text(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.text().not_null();
    column
}

/// Text, or nothing.
pub(crate) fn optional_text(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.text().null();
    column
}

/// Yes or no.
pub(crate) fn flag(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.boolean().not_null();
    column
}

/// A whole number: an instant in microseconds, an amount in micro-USD, a count.
///
/// SQLite turns an integer that overflows into a float in silence, so the table refuses floats.
pub(crate) fn integer(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.big_integer().not_null().check(Expr::cust(whole(name)));
    column
}

/// A whole number, or nothing.
pub(crate) fn optional_integer(name: &str) -> ColumnDef {
    let mut column = ColumnDef::new(Alias::new(name));
    column.big_integer().null().check(Expr::cust(format!("{name} IS NULL OR ({})", whole(name))));
    column
}

/// True for every integer and, on SQLite, false for a float: the cast clamps what overflowed to the
/// nearest end, and the two then differ. The lower end is a float exactly, so it is refused by
/// name. On PostgreSQL, where the type itself refuses an overflow, true for all but that one.
fn whole(name: &str) -> String {
    format!("{name} = CAST({name} AS BIGINT) AND {name} > -9223372036854775808")
}

/// Makes a table append-only: a database that is asked to change or delete one of its rows
/// refuses, whoever asks.
pub(crate) async fn append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    match manager.get_database_backend() {
        DbBackend::Postgres => {
            connection
                .execute_unprepared(&format!(
                    "CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
                ))
                .await?;
            connection
                .execute_unprepared(&format!(
                    "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
                     FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()"
                ))
                .await?;
        }
        _ => {
            for verb in ["UPDATE", "DELETE"] {
                let name = verb.to_lowercase();
                connection
                    .execute_unprepared(&format!(
                        "CREATE TRIGGER {table}_refuses_{name} BEFORE {verb} ON {table} \
                         BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                    ))
                    .await?;
            }
        }
    }
    Ok(())
}

/// Undoes [`append_only`] for a table that was dropped.
pub(crate) async fn drop_append_only(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager
            .get_connection()
            .execute_unprepared(&format!("DROP FUNCTION {table}_is_append_only()"))
            .await?;
    }
    Ok(())
}

/// An index over columns, named after its table.
pub(crate) fn index(table: &str, suffix: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(format!("{table}_{suffix}")).table(Alias::new(table));
    for column in columns {
        statement.col(Alias::new(*column));
    }
    statement
}

/// A unique index over columns, named after its table.
pub(crate) fn unique(table: &str, suffix: &str, columns: &[&str]) -> IndexCreateStatement {
    let mut statement = index(table, suffix, columns);
    statement.unique();
    statement
}

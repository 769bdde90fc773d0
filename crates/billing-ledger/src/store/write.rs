//! Writes what was decided in memory: one statement for each table and verb, however much it is.

use bursar_kernel::{AccountId, Conn};
use sea_orm::{DbErr, Value};

use super::rows::{Column, Rows};
use crate::{book::Book, locked_books::Changes, lot::Lot, posting::Posting};

const POSTINGS: &[Column] = &[
    Column::id("account_id"),
    Column::id("id"),
    Column::text("kind"),
    Column::text("reference"),
    Column::text("content_hash"),
    Column::text("description"),
    Column::text("actor"),
    Column::integer("tokens"),
    Column::text("traffic_source").optional(),
    Column::id("reverses").optional(),
    Column::integer("created_at"),
];
const INSERT_POSTINGS: &str = "INSERT INTO ledger_posting (account_id, id, kind, reference, content_hash, \
     description, actor, tokens, traffic_source, reverses, created_at) \
     SELECT account_id, id, kind, reference, content_hash, \
     description, actor, tokens, traffic_source, reverses, created_at FROM n";

const ENTRIES: &[Column] = &[
    Column::id("account_id"),
    Column::id("posting_id"),
    Column::integer("position"),
    Column::text("account"),
    Column::integer("amount"),
    Column::id("lot_id").optional(),
];
const INSERT_ENTRIES: &str = "INSERT INTO ledger_entry (account_id, posting_id, position, account, amount, \
     lot_id) SELECT account_id, posting_id, position, account, amount, lot_id FROM n";

const GRANTED: &[Column] = &[
    Column::id("account_id"),
    Column::id("id"),
    Column::text("kind"),
    Column::integer("granted"),
    Column::integer("remaining"),
    Column::integer("priority"),
    Column::integer("expires_at").optional(),
    Column::flag("promotional"),
    Column::integer("granted_at"),
    Column::integer("closed_at").optional(),
];
const INSERT_LOTS: &str = "INSERT INTO ledger_lot (account_id, id, kind, granted, remaining, priority, \
     expires_at, promotional, granted_at, closed_at) \
     SELECT account_id, id, kind, granted, remaining, priority, \
     expires_at, promotional, granted_at, closed_at FROM n";

const MOVED: &[Column] = &[
    Column::id("account_id"),
    Column::id("id"),
    Column::integer("remaining"),
    Column::integer("closed_at").optional(),
];
const UPDATE_LOTS: &str = "UPDATE ledger_lot SET remaining = n.remaining, closed_at = n.closed_at FROM n \
     WHERE ledger_lot.account_id = n.account_id AND ledger_lot.id = n.id";

const BOOKS: &[Column] = &[
    Column::id("account_id"),
    Column::integer("balance"),
    Column::integer("remainder_nanos"),
    Column::integer("updated_at"),
];
const UPDATE_BOOKS: &str = "UPDATE ledger_book SET balance = n.balance, remainder_nanos = n.remainder_nanos, \
     updated_at = n.updated_at FROM n WHERE ledger_book.account_id = n.account_id";

pub(crate) async fn changes(conn: &Conn<'_>, changes: Changes) -> Result<(), DbErr> {
    let Changes { postings, granted, moved, books } = changes;
    let entries: Vec<_> = postings.iter().flat_map(entries_of).collect();
    run(conn, POSTINGS, postings.into_iter().map(posting).collect(), INSERT_POSTINGS).await?;
    run(conn, ENTRIES, entries, INSERT_ENTRIES).await?;
    run(conn, GRANTED, granted.into_iter().map(granted_lot).collect(), INSERT_LOTS).await?;
    run(conn, MOVED, moved.iter().map(moved_lot).collect(), UPDATE_LOTS).await?;
    run(conn, BOOKS, books.iter().map(book).collect(), UPDATE_BOOKS).await
}

/// Writes rows, each of which must be touched: a row that was not there means that somebody else
/// wrote under our lock.
async fn run(
    conn: &Conn<'_>,
    columns: &'static [Column],
    rows: Vec<Vec<Value>>,
    then: &str,
) -> Result<(), DbErr> {
    let wanted = rows.len() as u64;
    let touched = Rows::new(columns, rows).execute(conn, then).await?;
    if touched == wanted {
        Ok(())
    } else {
        Err(DbErr::Custom(format!("{touched} rows were touched, not {wanted}: {then}")))
    }
}

fn posting(posting: Posting) -> Vec<Value> {
    vec![
        posting.account.into(),
        posting.id.into(),
        posting.kind.into(),
        posting.reference.into(),
        posting.content_hash.into(),
        posting.description.into(),
        posting.actor.into(),
        posting.tokens.into(),
        posting.traffic_source.filter(|source| !source.is_empty()).into(),
        posting.reverses.into(),
        posting.created_at.into(),
    ]
}

fn entries_of(posting: &Posting) -> impl Iterator<Item = Vec<Value>> {
    posting.entries.lines().iter().zip(0_i64..).map(|(line, position)| {
        vec![
            posting.account.into(),
            posting.id.into(),
            position.into(),
            line.account.into(),
            line.amount.into(),
            line.lot.into(),
        ]
    })
}

fn granted_lot((account, lot): (AccountId, Lot)) -> Vec<Value> {
    vec![
        account.into(),
        lot.id.into(),
        lot.kind.into(),
        lot.granted.into(),
        lot.remaining.into(),
        lot.priority.into(),
        lot.expires_at.into(),
        lot.promotional.into(),
        lot.granted_at.into(),
        lot.closed_at.into(),
    ]
}

fn moved_lot((account, lot): &(AccountId, Lot)) -> Vec<Value> {
    vec![(*account).into(), lot.id.into(), lot.remaining.into(), lot.closed_at.into()]
}

fn book(book: &Book) -> Vec<Value> {
    vec![book.account.id().into(), book.balance.into(), book.remainder.into(), book.updated_at.into()]
}

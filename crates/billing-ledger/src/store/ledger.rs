use std::collections::HashMap;

use bursar_kernel::{
    Account, AccountId, Conn, DomainError, Engine, Page, Position, Reader, Result, Slice, Tx,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, SqlErr, Statement,
    sea_query::{Expr, ExprTrait},
};

use super::{book, entry, lot, posting, rows::Column, rows::Rows, verify, write};
use crate::{
    book::{Book, tag_of_book},
    burn_down::burn_order,
    correction::{Refund, Reversal},
    error,
    grant::{Grant, Posted},
    ledger::Ledger,
    locked_books::LockedBooks,
    lot::Lot,
    posting::{Entries, Entry, Posting, PostingId, PostingKind},
    verification::Verification,
};

/// The ledger in a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaLedger;

const ACCOUNTS: &[Column] = &[Column::id("account_id")];

const NEW_BOOKS: &[Column] =
    &[Column::id("account_id"), Column::text("account_kind"), Column::integer("created_at")];

/// Touches nothing where all books are there, which is nearly always. Missing ones are begun in the
/// order of their identifiers and before any lock is taken, so that two transactions that begin
/// books cannot wait for one another.
const BEGIN_BOOKS: &str = "INSERT INTO ledger_book (account_id, account_kind, balance, held, outstanding, \
     postpaid_limit, remainder_nanos, created_at, updated_at) \
     SELECT account_id, account_kind, 0, 0, 0, 0, 0, created_at, created_at FROM n \
     WHERE NOT EXISTS (SELECT 1 FROM ledger_book b WHERE b.account_id = n.account_id) \
     ORDER BY account_id ON CONFLICT (account_id) DO NOTHING";

const BOOKS: &str =
    "SELECT b.* FROM n JOIN ledger_book b ON b.account_id = n.account_id ORDER BY b.account_id";

const OPEN_LOTS: &str =
    "SELECT l.* FROM n JOIN ledger_lot l ON l.account_id = n.account_id AND l.closed_at IS NULL";

const EXPIRED: &str = "SELECT b.* FROM ledger_lot l JOIN ledger_book b ON b.account_id = l.account_id \
     WHERE l.closed_at IS NULL AND l.expires_at <= $1 ORDER BY l.expires_at LIMIT $2";

const LOTS: &[Column] = &[Column::id("account_id"), Column::id("id")];

const CLOSED_LOTS: &str = "SELECT l.* FROM n JOIN ledger_lot l ON l.account_id = n.account_id AND l.id = n.id \
     AND l.closed_at IS NOT NULL";

const REFUNDED: &str = "SELECT CAST(COALESCE(SUM(e.amount), 0) AS BIGINT) AS refunded FROM ledger_posting p \
     JOIN ledger_entry e ON e.account_id = p.account_id AND e.posting_id = p.id AND e.account = 'cash' \
     WHERE p.account_id = $1 AND p.reverses = $2";

#[async_trait::async_trait]
impl Ledger for SeaLedger {
    async fn lock(&self, tx: &mut Tx, accounts: &[Account]) -> Result<LockedBooks> {
        let mut accounts = accounts.to_vec();
        accounts.sort_by_key(|account| account.id());
        accounts.dedup_by_key(|account| account.id());
        let (conn, now) = (tx.conn(), tx.now());
        let missing = accounts
            .iter()
            .map(|account| vec![account.id().into(), book::AccountKind::from(*account).into(), now.into()]);
        Rows::new(NEW_BOOKS, missing).execute(&conn, BEGIN_BOOKS).await?;
        let wanted = || Rows::new(ACCOUNTS, accounts.iter().map(|account| vec![account.id().into()]));
        // On SQLite the transaction itself is the lock.
        let locking = match tx.engine() {
            Engine::Postgres => format!("{BOOKS} FOR UPDATE OF b"),
            Engine::Sqlite => BOOKS.to_owned(),
        };
        let books = wanted().query(&conn, &locking).await?;
        // Only now, as a statement of its own: what it sees is what the last holder of the lock left.
        let mut lots: HashMap<AccountId, Vec<Lot>> = HashMap::new();
        for row in wanted().query(&conn, OPEN_LOTS).await? {
            let row = lot::Model::from_query_result(&row, "")?;
            lots.entry(row.account_id).or_default().push(row.into());
        }
        let mut locked = Vec::with_capacity(books.len());
        for row in books {
            let book = Book::from(book::Model::from_query_result(&row, "")?);
            let open = lots.remove(&book.account.id()).unwrap_or_default();
            locked.push((book, open));
        }
        LockedBooks::new(now, tx.ids(), locked)
    }

    async fn write(&self, tx: &mut Tx, books: LockedBooks) -> Result<()> {
        let changes = books.into_changes();
        for book in &changes.books {
            tx.invalidate_here(tag_of_book(book.account.id()));
        }
        write::changes(&tx.conn(), changes).await.map_err(|failure| match failure.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => {
                DomainError::from(&error::REFERENCE_REUSED).because(failure)
            }
            _ => failure.into(),
        })
    }

    async fn post(&self, tx: &mut Tx, grant: Grant) -> Result<Posted> {
        let account = grant.account.id();
        let mut books = self.lock(tx, &[grant.account]).await?;
        let content = grant.content_hash();
        if let Some(first) = known(&tx.conn(), account, &grant.reference, &content).await? {
            return Ok(Posted { posting: first, replayed: true });
        }
        let posting = books.grant(grant)?;
        self.write(tx, books).await?;
        Ok(Posted { posting, replayed: false })
    }

    async fn reverse(&self, tx: &mut Tx, reversal: Reversal) -> Result<Posted> {
        let account = reversal.account.id();
        let charge = found(&tx.conn(), account, reversal.posting).await?;
        let mut books = self.lock(tx, &[reversal.account]).await?;
        let conn = tx.conn();
        let content = reversal.content_hash();
        if let Some(first) = known(&conn, account, &reversal.reference, &content).await? {
            return Ok(Posted { posting: first, replayed: true });
        }
        let first = posting::scoped(account)
            .filter(posting::Column::Reverses.eq(charge.id))
            .filter(posting::Column::Kind.eq(PostingKind::Refund))
            .one(&conn)
            .await?;
        if let Some(first) = first {
            return Ok(Posted { posting: first.id, replayed: true });
        }
        let lots = charge.entries.lines().iter().filter_map(|line| line.lot);
        let lots = Rows::new(LOTS, lots.map(|lot| vec![account.into(), lot.into()]));
        let mut closed = Vec::new();
        for row in lots.query(&conn, CLOSED_LOTS).await? {
            closed.push(lot::Model::from_query_result(&row, "")?.into());
        }
        let posting = books.reverse(reversal, &charge, closed)?;
        self.write(tx, books).await?;
        Ok(Posted { posting, replayed: false })
    }

    async fn refund(&self, tx: &mut Tx, refund: Refund) -> Result<Posted> {
        let account = refund.account.id();
        let paid = found(&tx.conn(), account, refund.grant).await?;
        let mut books = self.lock(tx, &[refund.account]).await?;
        let conn = tx.conn();
        let content = refund.content_hash();
        if let Some(first) = known(&conn, account, &refund.reference, &content).await? {
            return Ok(Posted { posting: first, replayed: true });
        }
        let values = [account.into(), paid.id.into()];
        let refunded = Statement::from_sql_and_values(conn.get_database_backend(), REFUNDED, values);
        let refunded = conn.query_one_raw(refunded).await?;
        let refunded = refunded.ok_or_else(|| DomainError::internal("a sum of refunds is not there"))?;
        let posting = books.refund(refund, &paid, refunded.try_get("", "refunded")?)?;
        self.write(tx, books).await?;
        Ok(Posted { posting, replayed: false })
    }

    async fn expire(&self, tx: &mut Tx, limit: u64) -> Result<u64> {
        let conn = tx.conn();
        let statement = Statement::from_sql_and_values(
            conn.get_database_backend(),
            EXPIRED,
            [tx.now().into(), i64::try_from(limit).unwrap_or(i64::MAX).into()],
        );
        let mut accounts = Vec::new();
        for row in conn.query_all_raw(statement).await? {
            accounts.push(Book::from(book::Model::from_query_result(&row, "")?).account);
        }
        let found = accounts.len() as u64;
        // Locking closes them.
        let books = self.lock(tx, &accounts).await?;
        self.write(tx, books).await?;
        Ok(found)
    }

    async fn book(&self, reader: Reader<'_>, account: AccountId) -> Result<Option<Book>> {
        Ok(book::scoped(account).one(reader.conn()).await?.map(Book::from))
    }

    async fn lots(&self, reader: Reader<'_>, account: AccountId) -> Result<Vec<Lot>> {
        let rows = lot::scoped(account).filter(lot::Column::ClosedAt.is_null()).all(reader.conn()).await?;
        let mut lots: Vec<_> = rows.into_iter().map(Lot::from).collect();
        lots.sort_by_cached_key(burn_order);
        Ok(lots)
    }

    async fn postings(&self, reader: Reader<'_>, account: AccountId, page: Page) -> Result<Slice<Posting>> {
        let mut query = posting::scoped(account);
        if let Some(after) = page.after() {
            let place = Expr::tuple([Expr::col(posting::Column::CreatedAt), Expr::col(posting::Column::Id)]);
            query = query.filter(place.lt(Expr::tuple([Expr::val(after.at), Expr::val(after.id)])));
        }
        let rows = query
            .order_by_desc(posting::Column::CreatedAt)
            .order_by_desc(posting::Column::Id)
            .limit(page.fetch_limit())
            .all(reader.conn())
            .await?;
        let slice = page.slice(rows, |row| Position { at: row.created_at, id: row.id.uuid() });
        let mut lines = lines_of(reader.conn(), account, &slice.items).await?;
        let mut items = Vec::with_capacity(slice.items.len());
        for row in slice.items {
            let entries = Entries::balanced(lines.remove(&row.id).unwrap_or_default())?;
            items.push(row.with(entries));
        }
        Ok(Slice { items, next: slice.next })
    }

    async fn verify(&self, reader: Reader<'_>) -> Result<Verification> {
        verify::ledger(reader.conn()).await
    }
}

/// The posting of a reference, if there is one with this content. Under the lock of its book a
/// reference cannot come in between.
async fn known(
    conn: &Conn<'_>,
    account: AccountId,
    reference: &str,
    content_hash: &str,
) -> Result<Option<PostingId>> {
    let known = posting::scoped(account).filter(posting::Column::Reference.eq(reference)).one(conn).await?;
    match known {
        Some(known) if known.content_hash != content_hash => {
            Err(DomainError::from(&error::REFERENCE_REUSED).param("reference", reference))
        }
        known => Ok(known.map(|known| known.id)),
    }
}

/// One posting with its lines. It never changes, so that no lock is needed to read it.
async fn found(conn: &Conn<'_>, account: AccountId, id: PostingId) -> Result<Posting> {
    let row = posting::scoped(account).filter(posting::Column::Id.eq(id)).one(conn).await?;
    let row = row.ok_or_else(|| DomainError::from(&error::POSTING_NOT_FOUND))?;
    let mut lines = lines_of(conn, account, std::slice::from_ref(&row)).await?;
    let entries = Entries::balanced(lines.remove(&row.id).unwrap_or_default())?;
    Ok(row.with(entries))
}

/// The lines of a page of postings, in their order.
async fn lines_of(
    conn: &Conn<'_>,
    account: AccountId,
    postings: &[posting::Model],
) -> Result<HashMap<PostingId, Vec<Entry>>> {
    let rows = entry::scoped(account)
        .filter(entry::Column::PostingId.is_in(postings.iter().map(|row| row.id)))
        .order_by_asc(entry::Column::PostingId)
        .order_by_asc(entry::Column::Position)
        .all(conn)
        .await?;
    let mut lines: HashMap<PostingId, Vec<Entry>> = HashMap::new();
    for row in rows {
        lines.entry(row.posting_id).or_default().push(row.into());
    }
    Ok(lines)
}

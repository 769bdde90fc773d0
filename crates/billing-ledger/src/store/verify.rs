//! The proof of the ledger. Each question is one statement and so sees one instant: what is being
//! posted meanwhile makes no difference.

use bursar_kernel::{AccountId, Conn, DomainError, Result};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, prelude::Uuid};

use crate::{
    lot::LotId,
    posting::PostingId,
    verification::{Compared, Difference, Verification},
};

const COUNTS: &str = "SELECT (SELECT COUNT(*) FROM ledger_book) AS books, \
     (SELECT COUNT(*) FROM ledger_entry) AS entries";

/// What is compared, and the question that answers where it differs: account, subject, what is
/// recorded, what the entries say.
const QUESTIONS: &[(Compared, &str)] = &[
    (
        Compared::Posting,
        "SELECT account_id, posting_id AS subject, CAST(SUM(amount) AS BIGINT) AS recorded, \
         CAST(0 AS BIGINT) AS expected FROM ledger_entry GROUP BY account_id, posting_id \
         HAVING SUM(amount) <> 0",
    ),
    (
        Compared::Lines,
        "SELECT COALESCE(p.account_id, e.account_id) AS account_id, COALESCE(p.id, e.posting_id) AS subject, \
         CAST(CASE WHEN p.id IS NULL THEN 0 ELSE 1 END AS BIGINT) AS recorded, \
         CAST(COALESCE(e.lines, 0) AS BIGINT) AS expected FROM ledger_posting p FULL JOIN \
         (SELECT account_id, posting_id, COUNT(*) AS lines FROM ledger_entry \
         GROUP BY account_id, posting_id) e ON e.account_id = p.account_id AND e.posting_id = p.id \
         WHERE p.id IS NULL OR e.lines IS NULL",
    ),
    (
        Compared::Balance,
        "SELECT COALESCE(b.account_id, e.account_id) AS account_id, NULL AS subject, \
         CAST(COALESCE(b.balance, 0) AS BIGINT) AS recorded, \
         CAST(COALESCE(e.total, 0) AS BIGINT) AS expected FROM ledger_book b FULL JOIN \
         (SELECT account_id, SUM(amount) AS total FROM ledger_entry WHERE account = 'credits' \
         GROUP BY account_id) e ON e.account_id = b.account_id \
         WHERE COALESCE(b.balance, 0) <> COALESCE(e.total, 0)",
    ),
    (
        Compared::Outstanding,
        "SELECT COALESCE(b.account_id, e.account_id) AS account_id, NULL AS subject, \
         CAST(COALESCE(b.outstanding, 0) AS BIGINT) AS recorded, \
         CAST(COALESCE(e.total, 0) AS BIGINT) AS expected FROM ledger_book b FULL JOIN \
         (SELECT account_id, SUM(amount) AS total FROM ledger_entry WHERE account = 'receivable' \
         GROUP BY account_id) e ON e.account_id = b.account_id \
         WHERE COALESCE(b.outstanding, 0) <> COALESCE(e.total, 0)",
    ),
    (
        Compared::Lot,
        "SELECT COALESCE(l.account_id, e.account_id) AS account_id, COALESCE(l.id, e.lot_id) AS subject, \
         CAST(COALESCE(l.remaining, 0) AS BIGINT) AS recorded, \
         CAST(COALESCE(e.total, 0) AS BIGINT) AS expected FROM ledger_lot l FULL JOIN \
         (SELECT account_id, lot_id, SUM(amount) AS total FROM ledger_entry \
         WHERE account = 'credits' AND lot_id IS NOT NULL GROUP BY account_id, lot_id) e \
         ON e.account_id = l.account_id AND e.lot_id = l.id \
         WHERE COALESCE(l.remaining, 0) <> COALESCE(e.total, 0)",
    ),
];

#[derive(FromQueryResult)]
struct Counts {
    books: i64,
    entries: i64,
}

#[derive(FromQueryResult)]
struct Row {
    account_id: AccountId,
    subject: Option<Uuid>,
    recorded: i64,
    expected: i64,
}

pub(crate) async fn ledger(conn: &Conn<'_>) -> Result<Verification> {
    let backend = conn.get_database_backend();
    let counted = conn.query_one_raw(Statement::from_string(backend, COUNTS)).await?;
    let counted = counted.ok_or_else(|| DomainError::internal("a count counted nothing"))?;
    let counts = Counts::from_query_result(&counted, "")?;
    let mut differences = Vec::new();
    for &(compared, question) in QUESTIONS {
        let limited = format!("{question} ORDER BY 1, 2 LIMIT {}", Verification::MAX_DIFFERENCES);
        for row in conn.query_all_raw(Statement::from_string(backend, limited)).await? {
            let Row { account_id: account, subject, recorded, expected } = Row::from_query_result(&row, "")?;
            let subject = subject.map(|uuid| match compared {
                Compared::Lot => LotId::from_uuid(uuid).to_string(),
                _ => PostingId::from_uuid(uuid).to_string(),
            });
            differences.push(Difference { account, compared, subject, recorded, expected });
        }
    }
    let count = |counted: i64| u64::try_from(counted).map_err(DomainError::internal);
    Ok(Verification { books: count(counts.books)?, entries: count(counts.entries)?, differences })
}

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

/// One thing that is compared: rows of (account, subject, recorded, expected) from both sides, and
/// when their sums differ. Both sides stand one below the other and are summed once, since a full
/// join would cost SQLite the square of their number.
struct Question {
    compared: Compared,
    sides: &'static str,
    differ: &'static str,
}

const QUESTIONS: &[Question] = &[
    Question {
        compared: Compared::Posting,
        sides: "SELECT account_id, posting_id AS subject, amount AS recorded, 0 AS expected FROM ledger_entry",
        differ: "SUM(recorded) <> 0",
    },
    Question {
        compared: Compared::Lines,
        sides: "SELECT account_id, id AS subject, 1 AS recorded, 0 AS expected FROM ledger_posting \
             UNION ALL SELECT account_id, posting_id, 0, 1 FROM ledger_entry",
        differ: "SUM(recorded) = 0 OR SUM(expected) = 0",
    },
    Question {
        compared: Compared::Balance,
        sides: "SELECT account_id, account_id AS subject, balance AS recorded, 0 AS expected FROM ledger_book \
             UNION ALL SELECT account_id, account_id, 0, amount FROM ledger_entry WHERE account = 'credits'",
        differ: "SUM(recorded) <> SUM(expected)",
    },
    Question {
        compared: Compared::Outstanding,
        sides: "SELECT account_id, account_id AS subject, outstanding AS recorded, 0 AS expected FROM ledger_book \
             UNION ALL SELECT account_id, account_id, 0, amount FROM ledger_entry WHERE account = 'receivable'",
        differ: "SUM(recorded) <> SUM(expected)",
    },
    Question {
        compared: Compared::Lot,
        sides: "SELECT account_id, id AS subject, remaining AS recorded, 0 AS expected FROM ledger_lot \
             UNION ALL SELECT account_id, lot_id, 0, amount FROM ledger_entry \
             WHERE account = 'credits' AND lot_id IS NOT NULL",
        differ: "SUM(recorded) <> SUM(expected)",
    },
];

#[derive(FromQueryResult)]
struct Counts {
    books: i64,
    entries: i64,
}

#[derive(FromQueryResult)]
struct Row {
    account_id: AccountId,
    subject: Uuid,
    recorded: i64,
    expected: i64,
}

pub(crate) async fn ledger(conn: &Conn<'_>) -> Result<Verification> {
    let backend = conn.get_database_backend();
    let counted = conn.query_one_raw(Statement::from_string(backend, COUNTS)).await?;
    let counted = counted.ok_or_else(|| DomainError::internal("a count counted nothing"))?;
    let counts = Counts::from_query_result(&counted, "")?;
    let mut differences = Vec::new();
    for &Question { compared, sides, differ } in QUESTIONS {
        let question = format!(
            "SELECT account_id, subject, CAST(SUM(recorded) AS BIGINT) AS recorded, \
             CAST(SUM(expected) AS BIGINT) AS expected FROM ({sides}) AS sides \
             GROUP BY account_id, subject HAVING {differ} ORDER BY account_id, subject LIMIT {}",
            Verification::MAX_DIFFERENCES
        );
        for row in conn.query_all_raw(Statement::from_string(backend, question)).await? {
            let Row { account_id: account, subject, recorded, expected } = Row::from_query_result(&row, "")?;
            let subject = match compared {
                Compared::Posting | Compared::Lines => Some(PostingId::from_uuid(subject).to_string()),
                Compared::Lot => Some(LotId::from_uuid(subject).to_string()),
                Compared::Balance | Compared::Outstanding => None,
            };
            differences.push(Difference { account, compared, subject, recorded, expected });
        }
    }
    let count = |counted: i64| u64::try_from(counted).map_err(DomainError::internal);
    Ok(Verification { books: count(counts.books)?, entries: count(counts.entries)?, differences })
}

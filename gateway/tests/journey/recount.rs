//! The sums recounted by plain SQL: no code of the product has a part in them.

use bursar_testkit::TestDb;

/// What every state of a ledger must satisfy, whatever happened before.
pub(crate) async fn the_books_are_right(test: &TestDb) {
    for (rule, broken) in [
        (
            "the entries of each posting sum to zero",
            "SELECT COUNT(*) FROM (SELECT posting_id FROM ledger_entry \
             GROUP BY account_id, posting_id HAVING SUM(amount) <> 0) AS unbalanced",
        ),
        (
            "no posting is without entries, no entry without a posting",
            "SELECT COUNT(*) FROM ledger_posting AS posting FULL JOIN ledger_entry AS entry \
             ON entry.account_id = posting.account_id AND entry.posting_id = posting.id \
             WHERE posting.id IS NULL OR entry.posting_id IS NULL",
        ),
        (
            "each balance is the sum of its credits entries",
            "SELECT COUNT(*) FROM ledger_book AS book WHERE balance <> (SELECT COALESCE(SUM(amount), 0) \
             FROM ledger_entry AS entry WHERE entry.account_id = book.account_id AND account = 'credits')",
        ),
        (
            "each balance is what is left of its lots",
            "SELECT COUNT(*) FROM ledger_book AS book WHERE balance <> (SELECT COALESCE(SUM(remaining), 0) \
             FROM ledger_lot AS lot WHERE lot.account_id = book.account_id)",
        ),
        (
            "each balance is what was bought less what was used",
            "SELECT COUNT(*) FROM ledger_book AS book WHERE balance <> \
             (SELECT COALESCE(SUM(credits), 0) FROM ledger_payment AS payment \
              WHERE payment.account_id = book.account_id AND status = 'succeeded') \
             - (SELECT COALESCE(SUM(credits_used), 0) FROM metering_usage AS usage \
                WHERE usage.account_id = book.account_id)",
        ),
    ] {
        assert_eq!(test.number(broken).await, 0, "{rule}");
    }
}

/// What was used, in micro-USD, over all accounts.
pub(crate) async fn credits_used(test: &TestDb) -> i64 {
    test.number("SELECT CAST(SUM(credits_used) AS BIGINT) FROM metering_usage").await
}

/// What the balances have lost to usage, in micro-USD, over all accounts.
pub(crate) async fn lost_to_usage(test: &TestDb) -> i64 {
    test.number(
        "SELECT CAST(-SUM(amount) AS BIGINT) FROM ledger_entry AS entry JOIN ledger_posting AS posting \
         ON posting.account_id = entry.account_id AND posting.id = entry.posting_id \
         WHERE entry.account = 'credits' AND posting.kind = 'usage'",
    )
    .await
}

/// What is left, in micro-USD, over all accounts.
pub(crate) async fn balance(test: &TestDb) -> i64 {
    test.number("SELECT CAST(SUM(balance) AS BIGINT) FROM ledger_book").await
}

/// The events that are recorded, by their identifiers, sorted.
pub(crate) async fn recorded_events(test: &TestDb) -> Vec<String> {
    test.texts("SELECT event_id FROM metering_usage ORDER BY event_id").await
}

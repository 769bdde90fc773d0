//! The independent recount: plain SQL over the tables, and none of the product's code.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, QueryResult, Statement, TryGetable,
};

use super::{
    Report,
    heard::{Heard, Usage},
};

/// What every state of the tables must satisfy, whatever happened before: a rule, and the query
/// that counts where it is broken.
const RULES: &[(&str, &str)] = &[
    (
        "the entries of each posting sum to zero",
        "SELECT COUNT(*) FROM (SELECT posting_id FROM ledger_entry \
         GROUP BY account_id, posting_id HAVING SUM(amount) <> 0) AS unbalanced",
    ),
    (
        "no posting is without entries",
        "SELECT COUNT(*) FROM ledger_posting AS posting WHERE NOT EXISTS (SELECT 1 FROM ledger_entry AS entry \
         WHERE entry.account_id = posting.account_id AND entry.posting_id = posting.id)",
    ),
    (
        "no entry is without a posting",
        "SELECT COUNT(*) FROM ledger_entry AS entry WHERE NOT EXISTS (SELECT 1 FROM ledger_posting AS posting \
         WHERE posting.account_id = entry.account_id AND posting.id = entry.posting_id)",
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
        "each lot is the sum of its entries",
        "SELECT COUNT(*) FROM ledger_lot AS lot WHERE remaining <> (SELECT COALESCE(SUM(amount), 0) \
         FROM ledger_entry AS entry WHERE entry.account_id = lot.account_id AND entry.lot_id = lot.id)",
    ),
    (
        "no book is without its entries, and nothing is held or owed",
        "SELECT (SELECT COUNT(*) FROM ledger_book WHERE held <> 0 OR outstanding <> 0) + (SELECT COUNT(*) \
         FROM ledger_entry AS entry WHERE NOT EXISTS (SELECT 1 FROM ledger_book AS book \
         WHERE book.account_id = entry.account_id))",
    ),
    (
        "each usage posting takes what its rows say, and each charged row has its posting",
        "SELECT COUNT(*) FROM (SELECT account_id, posting_id FROM ( \
         SELECT entry.account_id, entry.posting_id, amount, 0 AS rows_there FROM ledger_entry AS entry \
         JOIN ledger_posting AS posting ON posting.account_id = entry.account_id AND posting.id = entry.posting_id \
         WHERE entry.account = 'credits' AND posting.kind = 'usage' \
         UNION ALL SELECT account_id, posting_id, credits_used, 1 FROM metering_usage \
         WHERE posting_id IS NOT NULL OR credits_used <> 0) AS sides \
         GROUP BY account_id, posting_id HAVING SUM(amount) <> 0 OR SUM(rows_there) = 0) AS unlike",
    ),
    (
        "no row names a posting that is not there",
        "SELECT COUNT(*) FROM metering_usage AS used WHERE posting_id IS NOT NULL AND NOT EXISTS (SELECT 1 \
         FROM ledger_posting AS posting WHERE posting.account_id = used.account_id AND posting.id = used.posting_id)",
    ),
    (
        "each book has charged exactly the cost of its rows, to the nano-USD",
        "SELECT COUNT(*) FROM ledger_book AS book WHERE remainder_nanos + 1000 * (SELECT COALESCE(SUM(credits_used), 0) \
         FROM metering_usage AS used WHERE used.account_id = book.account_id) <> (SELECT COALESCE(SUM(CASE model \
         WHEN 'bursar/echo' THEN 1000 * prompt_tokens + 3000 * completion_tokens \
         ELSE 150 * prompt_tokens + 600 * completion_tokens END), 0) \
         FROM metering_usage AS used WHERE used.account_id = book.account_id)",
    ),
    (
        "each balance is what was bought less what was used",
        "SELECT COUNT(*) FROM ledger_book AS book WHERE balance <> (SELECT COALESCE(SUM(credits), 0) \
         FROM ledger_payment AS payment WHERE payment.account_id = book.account_id AND status = 'succeeded') \
         - (SELECT COALESCE(SUM(credits_used), 0) FROM metering_usage AS used \
         WHERE used.account_id = book.account_id)",
    ),
    (
        "a payment has succeeded exactly when its checkout was paid",
        "SELECT COUNT(*) FROM ledger_payment AS payment FULL JOIN sandbox_checkout AS checkout \
         ON checkout.id = payment.provider_session_id WHERE checkout.id IS NULL OR payment.id IS NULL \
         OR (checkout.status = 'paid') <> (payment.status = 'succeeded')",
    ),
    (
        "each provider event has had its effect",
        "SELECT COUNT(*) FROM ledger_provider_event WHERE processed_at IS NULL",
    ),
    ("no message is parked", "SELECT COUNT(*) FROM kernel_outbox WHERE state <> 'pending'"),
    ("no request is unfinished", "SELECT COUNT(*) FROM kernel_idempotency WHERE outcome IS NULL"),
    (
        "each checkout is in the audit trail once",
        "SELECT (SELECT COUNT(*) FROM ledger_payment) - (SELECT COUNT(*) FROM kernel_audit \
         WHERE operation = 'start_checkout')",
    ),
    (
        "each key is in the audit trail once",
        "SELECT (SELECT COUNT(*) FROM api_keys_key WHERE NOT is_primary) - (SELECT COUNT(*) FROM kernel_audit \
         WHERE operation = 'create_api_key')",
    ),
    (
        "each deleted key is in the audit trail once",
        "SELECT (SELECT COUNT(*) FROM api_keys_key WHERE revoked_at IS NOT NULL) - (SELECT COUNT(*) \
         FROM kernel_audit WHERE operation = 'delete_api_key')",
    ),
];

/// What the meters must have counted: a meter, where its rows hold it, what it counts of a usage row.
/// The meters of model calls share rows, of which `meters` says what their sums are.
const METERS: &[(&str, &str, &str)] = &[
    ("requests", "event_count", "1"),
    ("tokens", "sum5_whole", "prompt_tokens + completion_tokens"),
    ("credits", "sum3_whole", "credits_used"),
];
const SHARED: &str = "cached_tokens,completion_tokens,cost,credits,prompt_tokens,#requests,tokens";

/// Messages that are due within the hour: not the ends of checkouts, a day ahead.
const SOON: (&str, &str) = (
    "state = 'pending' AND available_at < (CAST(strftime('%s', 'now') AS BIGINT) + 3600) * 1000000",
    "state = 'pending' AND available_at < (CAST(EXTRACT(EPOCH FROM now()) AS BIGINT) + 3600) * 1000000",
);

/// The tables, on a connection of its own for each question: the database may have been away.
pub(super) struct Books {
    url: String,
}

impl Books {
    pub(super) fn at(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// How many messages of the outbox are due within the hour.
    pub(super) async fn waiting(&self) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM kernel_outbox WHERE {}", self.soon())).await
    }

    /// Makes them due at once.
    pub(super) async fn hasten(&self) {
        let connection = self.connect().await;
        let sql = format!("UPDATE kernel_outbox SET available_at = 0 WHERE {}", self.soon());
        // Refused by a database that is busy, it is asked again.
        drop(connection.execute_unprepared(&sql).await);
        close(connection).await;
    }

    pub(super) async fn balances_of_organizations(&self) -> Vec<i64> {
        let sql = "SELECT balance FROM ledger_book WHERE account_kind = 'organization' ORDER BY balance";
        self.rows(sql).await.iter().map(|row| field(row, 0)).collect()
    }

    fn soon(&self) -> &'static str {
        if self.url.starts_with("sqlite:") { SOON.0 } else { SOON.1 }
    }

    async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await.first().map_or(0, |row| field(row, 0))
    }

    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let connection = self.connect().await;
        let rows =
            connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
        close(connection).await;
        rows.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn connect(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        Database::connect(options).await.unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }
}

async fn close(connection: DatabaseConnection) {
    connection.close().await.expect("a connection is closed");
}

fn field<T: TryGetable>(row: &QueryResult, index: usize) -> T {
    row.try_get_by_index(index).expect("a column of the recount")
}

/// Compares what is in the tables with what was heard.
pub(super) async fn compare(books: &Books, heard: &Heard, report: &mut Report) {
    for (rule, broken) in RULES {
        holds(books, heard, rule, broken).await;
    }
    for (meter, counted, value) in METERS {
        for size in ["HOUR", "DAY"] {
            let rule = format!("the meter {meter} counts each event once, by {size}");
            let broken = format!(
                "SELECT COUNT(*) FROM ledger_book AS book WHERE \
                 (SELECT COALESCE(SUM({counted}), 0) \
                 FROM metering_sum AS summed WHERE summed.account_id = book.account_id \
                 AND meters = '{SHARED}' AND size = '{size}') <> (SELECT COALESCE(SUM({value}), 0) \
                 FROM metering_usage AS used WHERE used.account_id = book.account_id)"
            );
            holds(books, heard, &rule, &broken).await;
        }
    }
    events(books, heard, report).await;
    payments(books, heard, report).await;
    report.keys = heard.memory().keys.len();
}

async fn holds(books: &Books, heard: &Heard, rule: &str, broken: &str) {
    let places = books.number(broken).await;
    if places != 0 {
        heard.fault(format!("not so: {rule} ({places})"));
    }
}

/// Every acknowledged event is there once, as it was sent and at its price; of a batch that was
/// given up, all or none.
async fn events(books: &Books, heard: &Heard, report: &mut Report) {
    let rows = books
        .rows(
            "SELECT event_id, model, prompt_tokens, completion_tokens, credits_used, cost_usd_e8 \
             FROM metering_usage",
        )
        .await;
    let mut recorded = BTreeSet::new();
    let memory = heard.memory();
    for row in &rows {
        let id: String = field(row, 0);
        let (model, prompt, completion): (String, i64, i64) = (field(row, 1), field(row, 2), field(row, 3));
        let (charged, cost_e8): (i64, i64) = (field(row, 4), field(row, 5));
        let Some(sent) = memory.sent.get(&id) else {
            heard.fault(format!("the event {id} was never sent"));
            continue;
        };
        let Usage { model: sent_model, prompt_tokens, completion_tokens, .. } = sent;
        let is_as_sent =
            (model.as_str(), prompt, completion) == (*sent_model, *prompt_tokens, *completion_tokens);
        let nanos = nanos(sent);
        // Whole nano-USD are tens of 10⁻⁸ USD: rounded half-even to them.
        let is_priced = (cost_e8 * 10 - nanos).abs() <= 5 && (charged * 1_000 - nanos).abs() < 1_000;
        if !is_as_sent || !is_priced {
            heard.fault(format!(
                "{id} was sent as {sent:?}; there is {model} {prompt} {completion} for {charged}"
            ));
        }
        if !recorded.insert(id.clone()) {
            heard.fault(format!("the event {id} is there twice"));
        }
    }
    for lost in memory.events.difference(&recorded) {
        heard.fault(format!("the event {lost} was acknowledged and is lost"));
    }
    report.events = memory.events.len();
    let mut given_up = 0;
    for batch in &memory.given_up {
        let there = batch.iter().filter(|id| recorded.contains(*id)).count();
        if there != 0 && there != batch.len() {
            heard.fault(format!("of a batch of {} that was given up, {there} are there", batch.len()));
        }
        given_up += batch.len();
        report.given_up_and_found += there;
    }
    report.given_up_and_absent = given_up - report.given_up_and_found;
}

const fn nanos(usage: &Usage) -> i64 {
    let (prompt, completion) = match usage.model.as_bytes() {
        b"bursar/echo" => (1_000, 3_000),
        _ => (150, 600),
    };
    usage.prompt_tokens * prompt + usage.completion_tokens * completion
}

/// Every checkout that was paid is credited once, and nothing else is.
async fn payments(books: &Books, heard: &Heard, report: &mut Report) {
    let rows = books
        .rows(
            "SELECT posting.reference, CAST(SUM(entry.amount) AS BIGINT) FROM ledger_posting AS posting \
             JOIN ledger_entry AS entry ON entry.account_id = posting.account_id AND entry.posting_id = posting.id \
             WHERE posting.kind <> 'usage' AND entry.account = 'credits' GROUP BY posting.account_id, posting.id, \
             posting.reference",
        )
        .await;
    let mut credited = BTreeMap::new();
    for row in &rows {
        if let Some(twice) = credited.insert(field::<String>(row, 0), field::<i64>(row, 1)) {
            heard.fault(format!("{} was credited twice, once with {twice}", field::<String>(row, 0)));
        }
    }
    let memory = heard.memory();
    for paid in &memory.paid {
        let found = credited.remove(&format!("payment:{}", paid.payment));
        if found != Some(paid.credits) {
            heard.fault(format!("{} was paid for {} and credited {found:?}", paid.payment, paid.credits));
        }
    }
    if !credited.is_empty() {
        heard.fault(format!("credited and never paid: {credited:?}"));
    }
    report.payments = memory.paid.len();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        crash::{caller::Request, heard::Paid},
        for_each_engine,
    };

    const POSTING_WITHOUT_ENTRIES: &str = "INSERT INTO ledger_posting (account_id, id, kind, reference, content_hash, \
         description, actor, tokens, created_at) VALUES ('00000000-0000-0000-0000-000000000001', \
         '00000000-0000-0000-0000-000000000002', 'usage', 'usage:1', '', '', '', 0, 0)";
    const REQUEST_WITHOUT_OUTCOME: &str = "INSERT INTO kernel_idempotency (account_id, operation, key, request_hash, \
         created_at) VALUES ('00000000-0000-0000-0000-000000000001', 'ingest_events', '1', '', 0)";
    const EFFECTLESS_EVENT: &str = "INSERT INTO ledger_provider_event (provider, event_id, event_type, body, received_at) \
         VALUES ('sandbox', '1', '', '', 0)";

    async fn faults(test: &crate::TestDb, heard: &Heard) -> String {
        compare(&Books::at(&test.url), heard, &mut Report::default()).await;
        heard.faults().join("\n")
    }

    #[tokio::test]
    async fn what_was_acknowledged_and_is_not_there_is_found() {
        for_each_engine(|test| async move {
            let heard = Heard::default();
            assert_eq!(faults(&test, &heard).await, "", "nothing was said and nothing is there");
            let again = Request::get("/");
            heard.memory().events.insert("e-1".to_owned());
            heard.memory().paid.push(Paid { payment: "pay_1".to_owned(), credits: 5, again });
            let found = faults(&test, &heard).await;
            assert!(found.contains("the event e-1 was acknowledged and is lost"), "{found}");
            assert!(found.contains("pay_1 was paid for 5 and credited None"), "{found}");
        })
        .await;
    }

    #[tokio::test]
    async fn half_a_change_is_found() {
        for_each_engine(|test| async move {
            for sql in [POSTING_WITHOUT_ENTRIES, REQUEST_WITHOUT_OUTCOME, EFFECTLESS_EVENT] {
                test.execute(sql).await.expect("a row is planted");
            }
            let found = faults(&test, &Heard::default()).await;
            for rule in [
                "no posting is without entries",
                "no request is unfinished",
                "each provider event has had its effect",
            ] {
                assert!(found.contains(&format!("not so: {rule} (1)")), "{rule}: {found}");
            }
        })
        .await;
    }
}

//! What an account used, day by day, on both engines.

use std::{collections::BTreeMap, time::Duration};

use bursar_kernel::{Account, DomainError, Page, UnixTimestamp, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use bursar_usage_metering::{
    SummaryRow, UsageEvent, UsageEvents as _, UsageFilter, UsageSummaries as _, UsageSums, Window,
};

use crate::world::{Metering, event, organization, stranger, user};

pub(crate) fn at(text: &str) -> UnixTimestamp {
    UnixTimestamp::parse(text).unwrap()
}

pub(crate) async fn daily(
    test: &TestDb,
    account: Account,
    from: &str,
    to: &str,
) -> Result<Vec<SummaryRow>, DomainError> {
    let summaries = Metering::shipped().summaries;
    summaries.daily(test.db.reader(), account.id(), at(from), at(to)).await
}

pub(crate) async fn autumn(test: &TestDb) -> Vec<SummaryRow> {
    daily(test, organization(), "2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z").await.unwrap()
}

/// Each row as `day operation model-type model user: requests tokens-in/out/cached`.
pub(crate) fn lines(rows: &[SummaryRow]) -> Vec<String> {
    let line = |row: &SummaryRow| {
        let day = &row.day.rfc3339()[..16];
        let user = row.user.map_or("-".to_owned(), |user| user.uuid().as_u128().to_string());
        let UsageSums { requests, prompt_tokens, completion_tokens, cached_tokens, .. } = row.sums;
        format!(
            "{day} {} {} {} {user}: {requests} {prompt_tokens}/{completion_tokens}/{cached_tokens}",
            row.operation, row.model_type, row.model
        )
    };
    rows.iter().map(line).collect()
}

/// A call of `bursar/echo` that says no more than it must.
pub(crate) fn call(id: &str, prompt: i64, time: &str) -> UsageEvent {
    let data = format!(r#"{{"model":"bursar/echo","promptTokens":{prompt},"completionTokens":1}}"#);
    event(id, &organization().to_string(), "inference", &data, Some(time))
}

/// Sixty calls over three days that differ in every word, each with numbers of its own. Some are
/// reported long after they happened.
fn calls() -> Vec<UsageEvent> {
    let call = |n: usize| {
        let one_of = |words: [&'static str; 3], every: usize| words[n / every % 3];
        let operation = one_of(["chat_completion", "embedding", "web_search"], 2);
        let model_type = one_of(["", r#""modelType":"chat","#, r#""modelType":"text","#], 3);
        let model = one_of(["bursar/echo", "bursar/nano", "unheard/of"], 1);
        let provider = one_of(["", r#""provider":"p","#, r#""provider":"q","#], 4);
        let data = format!(
            r#"{{"model":"{model}","operation":"{operation}",{model_type}{provider}
                "promptTokens":{},"completionTokens":{},"cachedTokens":{n}}}"#,
            1_000 + n * n,
            7 * n
        );
        let subject = format!("{}{}", organization(), one_of(["", "/ann", "/bob"], 5));
        let time = format!("2026-{}:{:02}:00Z", one_of(["09-30T23", "10-01T00", "10-01T23"], 7), n % 60);
        event(&n.to_string(), &subject, "inference", &data, Some(&time))
    };
    (0..60).map(call).collect()
}

type Sums = BTreeMap<(UnixTimestamp, String, String, String, Option<UserId>), UsageSums>;

/// The same from the usage rows themselves.
async fn counted_from_rows(test: &TestDb, metering: &Metering) -> Sums {
    let mut counted = Sums::new();
    let mut after = None;
    loop {
        let page = Page::new(Some(50), after);
        let filter = UsageFilter::default();
        let list = metering.usage.list(test.db.reader(), organization().id(), filter, page).await.unwrap();
        for row in list.items {
            let day = Window::Day.start(row.event_time);
            let one = UsageSums {
                requests: 1,
                prompt_tokens: row.prompt_tokens,
                completion_tokens: row.completion_tokens,
                cached_tokens: row.cached_tokens,
                cost_usd_e8: row.cost_usd_e8,
                credits_used: row.credits_used,
            };
            let group = (day, row.operation, row.model_type, row.model, row.user);
            counted.entry(group).or_default().add(one).unwrap();
        }
        after = list.next;
        if after.is_none() {
            return counted;
        }
    }
}

#[tokio::test]
async fn a_summary_says_what_the_usage_rows_add_up_to() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        for (place, batch) in calls().chunks(12).enumerate() {
            let doer = [None, Some(user(1)), Some(user(2))][place % 3];
            metering.record(&test, batch, doer).await;
            test.clock.advance(Duration::from_hours(30));
        }
        let rows = autumn(&test).await;
        let summed: Sums = rows
            .iter()
            .map(|row| {
                let group =
                    (row.day, row.operation.clone(), row.model_type.clone(), row.model.clone(), row.user);
                (group, row.sums)
            })
            .collect();
        assert_eq!(summed.len(), rows.len(), "each group once");
        assert_eq!(summed, counted_from_rows(&test, &metering).await);
        let order: Vec<_> =
            rows.iter().map(|row| (row.day, &row.operation, &row.model_type, &row.model, row.user)).collect();
        assert!(order.is_sorted(), "by days, then groups");

        let mut total = UsageSums::default();
        for row in rows {
            total.add(row.sums).unwrap();
        }
        assert_eq!((total.requests, total.cached_tokens), (60, 1770));
        assert_eq!(total.total_tokens(), total.prompt_tokens + total.completion_tokens);
        assert!(total.cost_usd_e8 > 0 && total.credits_used.is_positive());
    })
    .await;
}

#[tokio::test]
async fn people_are_told_apart_and_usage_of_nobody_is_nobodys() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        for (id, prompt, doer) in
            [("1", 10, Some(user(2))), ("2", 20, Some(user(1))), ("3", 30, None), ("4", 40, Some(user(2)))]
        {
            metering.record(&test, &[call(id, prompt, "2026-10-01T12:00:00Z")], doer).await;
        }
        assert_eq!(
            lines(&autumn(&test).await),
            [
                "2026-10-01T00:00 chat_completion  bursar/echo -: 1 30/1/0",
                "2026-10-01T00:00 chat_completion  bursar/echo 1: 1 20/1/0",
                "2026-10-01T00:00 chat_completion  bursar/echo 2: 2 50/2/0",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn days_are_whole_days_of_utc_by_the_time_of_events() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let calls = [
            call("1", 10, "2026-09-29T23:59:59.999999Z"),
            call("2", 20, "2026-09-30T00:00:00Z"),
            call("3", 30, "2026-10-01T01:59:59+02:00"),
            call("4", 40, "2026-10-01T00:00:00Z"),
        ];
        metering.record(&test, &calls, None).await;
        let days = ["2026-09-29T00:00 10", "2026-09-30T00:00 50", "2026-10-01T00:00 40"];
        for (from, to, expected) in [
            ("2026-09-29T00:00:00Z", "2026-10-02T00:00:00Z", &days[..]),
            ("2026-09-30T00:00:00Z", "2026-10-01T00:00:00Z", &days[1..2]),
            // The days that they hold count whole.
            ("2026-09-30T12:00:00Z", "2026-10-01T00:00:00.000001Z", &days[1..]),
            ("2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z", &[]),
            ("2026-09-30T12:00:00Z", "2026-09-30T12:00:00Z", &[]),
            ("2026-10-02T00:00:00Z", "2026-09-29T00:00:00Z", &[]),
        ] {
            let rows = daily(&test, organization(), from, to).await.unwrap();
            let seen: Vec<_> = rows
                .iter()
                .map(|row| format!("{} {}", &row.day.rfc3339()[..16], row.sums.prompt_tokens))
                .collect();
            assert_eq!(seen, expected, "{from} {to}");
        }
    })
    .await;
}

#[tokio::test]
async fn only_calls_of_models_by_the_account_itself_are_summed() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let time = Some("2026-10-01T12:00:00Z");
        let service = r#"{"operation":"tts_minute","quantity":3}"#;
        let theirs = r#"{"model":"bursar/nano","promptTokens":5,"completionTokens":6}"#;
        let events = [
            event("1", &organization().to_string(), "service", service, time),
            event("2", &stranger().to_string(), "inference", theirs, time),
            call("3", 10, "2026-10-01T12:00:00Z"),
        ];
        metering.record(&test, &events, Some(user(1))).await;
        assert_eq!(
            lines(&autumn(&test).await),
            ["2026-10-01T00:00 chat_completion  bursar/echo 1: 1 10/1/0"]
        );
        let theirs = daily(&test, stranger(), "2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z").await.unwrap();
        assert_eq!(lines(&theirs), ["2026-10-01T00:00 chat_completion  bursar/nano 1: 1 5/6/0"]);
    })
    .await;
}

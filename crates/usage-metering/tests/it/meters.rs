//! Meters on both engines.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bursar_kernel::{DomainError, UnixTimestamp};
use bursar_testkit::{TestDb, for_each_engine};
use bursar_usage_metering::{MeterQuery, MeterReadings as _, Reading, UsageEvent, Window};
use rust_decimal::Decimal;

use crate::world::{Metering, event, inference, organization, stranger, user};

fn at(text: &str) -> UnixTimestamp {
    UnixTimestamp::parse(text).unwrap()
}

fn question(meter: &str, window: Window) -> MeterQuery {
    MeterQuery {
        account: organization(),
        subject_detail: None,
        meter: meter.to_owned(),
        from: at("2026-09-01T00:00:00Z"),
        to: at("2026-11-01T00:00:00Z"),
        window,
        group_by: Vec::new(),
    }
}

async fn ask(metering: &Metering, test: &TestDb, query: MeterQuery) -> Result<Vec<Reading>, DomainError> {
    metering.meters.query(test.db.reader(), query).await
}

/// Each reading as `start value detail words`.
fn lines(readings: &[Reading]) -> Vec<String> {
    let line = |reading: &Reading| {
        let detail = reading.subject.detail.as_deref().unwrap_or("-");
        let words: Vec<_> = reading.group.values().map(String::as_str).collect();
        let start = reading.window_start.rfc3339();
        format!("{} {} {detail} {}", &start[..16], reading.value, words.join(",")).trim_end().to_owned()
    };
    readings.iter().map(line).collect()
}

fn tokens(id: &str, detail: &str, model: &str, count: i64, time: &str) -> UsageEvent {
    let data = format!(r#"{{"model":"{model}","provider":"p","promptTokens":{count},"completionTokens":1}}"#);
    event(id, &format!("{}/{detail}", organization()), "inference", &data, Some(time))
}

/// Two months, two members, two models, one late event.
async fn a_little_history(metering: &Metering, test: &TestDb) {
    metering
        .record(
            test,
            &[
                tokens("1", "ann", "bursar/echo", 10, "2026-09-30T23:59:59.999999Z"),
                tokens("2", "ann", "bursar/nano", 20, "2026-10-01T00:00:00Z"),
                tokens("3", "bob", "bursar/echo", 30, "2026-10-01T00:30:00Z"),
            ],
            Some(user(1)),
        )
        .await;
    test.clock.advance(Duration::from_hours(24));
    metering
        .record(
            test,
            &[
                tokens("4", "bob", "bursar/echo", 40, "2026-10-01T01:00:00Z"),
                tokens("5", "ann", "bursar/echo", 50, "2026-10-02T00:00:00Z"),
                tokens("6", "ann", "bursar/echo", 60, "2026-09-30T23:00:00Z"),
            ],
            Some(user(2)),
        )
        .await;
}

#[tokio::test]
async fn a_sum_is_read_by_hour_day_and_month() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        a_little_history(&metering, &test).await;
        for (window, expected) in [
            (
                Window::Hour,
                vec![
                    "2026-09-30T23:00 72 -",
                    "2026-10-01T00:00 52 -",
                    "2026-10-01T01:00 41 -",
                    "2026-10-02T00:00 51 -",
                ],
            ),
            (Window::Day, vec!["2026-09-30T00:00 72 -", "2026-10-01T00:00 93 -", "2026-10-02T00:00 51 -"]),
            (Window::Month, vec!["2026-09-01T00:00 72 -", "2026-10-01T00:00 144 -"]),
        ] {
            let readings = ask(&metering, &test, question("tokens", window)).await.unwrap();
            assert_eq!(lines(&readings), expected, "{window}");
            assert!(readings.iter().all(|reading| reading.window_end == window.next(reading.window_start)));
        }
        assert!(
            ask(&metering, &test, MeterQuery { account: stranger(), ..question("tokens", Window::Day) })
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn readings_split_by_words_and_by_subject() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        a_little_history(&metering, &test).await;
        let october = |group_by: &[&str], detail: Option<&str>| MeterQuery {
            from: at("2026-10-01T00:00:00Z"),
            subject_detail: detail.map(str::to_owned),
            group_by: group_by.iter().map(|&word| word.to_owned()).collect(),
            ..question("tokens", Window::Month)
        };
        for (query, expected) in [
            (
                october(&["model"], None),
                vec!["2026-10-01T00:00 123 - bursar/echo", "2026-10-01T00:00 21 - bursar/nano"],
            ),
            (october(&["subject"], None), vec!["2026-10-01T00:00 72 ann", "2026-10-01T00:00 72 bob"]),
            (
                october(&["subject", "model"], None),
                vec![
                    "2026-10-01T00:00 51 ann bursar/echo",
                    "2026-10-01T00:00 21 ann bursar/nano",
                    "2026-10-01T00:00 72 bob bursar/echo",
                ],
            ),
            (october(&["provider"], Some("ann")), vec!["2026-10-01T00:00 72 ann p"]),
            (
                october(&["userId"], None),
                vec![
                    "2026-10-01T00:00 52 - user_00000000000000000000000001",
                    "2026-10-01T00:00 92 - user_00000000000000000000000002",
                ],
            ),
            (october(&[], Some("nobody")), vec![]),
        ] {
            assert_eq!(lines(&ask(&metering, &test, query.clone()).await.unwrap()), expected, "{query:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_window_of_every_meter_counts_the_same() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        a_little_history(&metering, &test).await;
        let day = |meter: &str, window, group_by: &[&str]| MeterQuery {
            from: at("2026-10-01T00:00:00Z"),
            to: at("2026-10-02T00:00:00Z"),
            group_by: group_by.iter().map(|&word| word.to_owned()).collect(),
            ..question(meter, window)
        };
        for meter in
            ["requests", "tokens", "prompt_tokens", "completion_tokens", "cached_tokens", "cost", "credits"]
        {
            for group_by in
                [&[][..], &["model"], &["subject", "model", "provider"], &["userId"], &["modelType"]]
            {
                let mut totals = Vec::new();
                for window in [Window::Minute, Window::Hour, Window::Day] {
                    let mut total: BTreeMap<_, Decimal> = BTreeMap::new();
                    for reading in ask(&metering, &test, day(meter, window, group_by)).await.unwrap() {
                        *total.entry((reading.subject, reading.group)).or_default() += reading.value;
                    }
                    totals.push(total);
                }
                assert!(
                    !totals[0].is_empty() && totals[0] == totals[1] && totals[1] == totals[2],
                    "{meter} {group_by:?}"
                );
            }
        }
        let minutes = ask(&metering, &test, day("tokens", Window::Minute, &[])).await.unwrap();
        assert_eq!(
            lines(&minutes),
            ["2026-10-01T00:00 21 -", "2026-10-01T00:30 31 -", "2026-10-01T01:00 41 -"]
        );
    })
    .await;
}

#[tokio::test]
async fn different_subjects_are_counted_once_in_a_window_however_wide() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        a_little_history(&metering, &test).await;
        for (window, expected) in [
            (Window::Day, vec!["2026-09-30T00:00 1 -", "2026-10-01T00:00 2 -", "2026-10-02T00:00 1 -"]),
            (Window::Month, vec!["2026-09-01T00:00 1 -", "2026-10-01T00:00 2 -"]),
        ] {
            let readings = ask(&metering, &test, question("active_subjects", window)).await.unwrap();
            assert_eq!(lines(&readings), expected);
        }
        let minutes = MeterQuery {
            from: at("2026-10-01T00:00:00Z"),
            to: at("2026-10-01T00:31:00Z"),
            ..question("active_subjects", Window::Minute)
        };
        let readings = ask(&metering, &test, minutes).await.unwrap();
        assert_eq!(lines(&readings), ["2026-10-01T00:00 1 -", "2026-10-01T00:30 1 -"]);
    })
    .await;
}

#[tokio::test]
async fn a_level_is_the_last_one_that_happened_and_its_peak_the_highest() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let gauge = |id: &str, meter: &str, value: &str, time: &str| {
            let data = format!(r#"{{"meter":"{meter}","value":{value}}}"#);
            event(id, &organization().to_string(), "gauge", &data, Some(time))
        };
        // The higher level is reported later and happened earlier.
        metering.record(&test, &[gauge("1", "agents", "3", "2026-10-01T10:00:00Z")], None).await;
        metering.record(&test, &[gauge("2", "agents", "7.25", "2026-10-01T09:00:00Z")], None).await;
        metering.record(&test, &[gauge("3", "projects", "12", "2026-10-01T08:00:00Z")], None).await;
        let by_meter = |meter: &str, window| MeterQuery {
            from: at("2026-10-01T00:00:00Z"),
            to: at("2026-10-02T00:00:00Z"),
            group_by: vec!["meter".to_owned()],
            ..question(meter, window)
        };
        let day = ask(&metering, &test, by_meter("levels", Window::Day)).await.unwrap();
        assert_eq!(lines(&day), ["2026-10-01T00:00 3 - agents", "2026-10-01T00:00 12 - projects"]);
        let day = ask(&metering, &test, by_meter("peak_levels", Window::Month)).await.unwrap();
        assert_eq!(lines(&day), ["2026-10-01T00:00 7.25 - agents", "2026-10-01T00:00 12 - projects"]);
        let minutes = ask(&metering, &test, by_meter("levels", Window::Minute)).await.unwrap();
        assert_eq!(lines(&minutes)[1], "2026-10-01T09:00 7.25 - agents");
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_event_reaches_its_meter() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let org = organization().to_string();
        let runtime = r#"{"provider":"p","model":"m","useCase":"","billingMode":"byok","tokensIn":5,"tokensOut":6,"benchmarkUsd":0.000001}"#;
        let events: Vec<_> = [
            ("engine", r#"{"eventType":"consolidation","count":4}"#),
            ("service", r#"{"operation":"tts_minute","quantity":0.1}"#),
            ("service", r#"{"operation":"tts_minute","quantity":0.2}"#),
            ("log", "{}"),
            ("message", "{}"),
            ("session", "{}"),
            ("api_call", "{}"),
            ("webhook_delivery", "{}"),
            ("runtime", runtime),
        ]
        .iter()
        .enumerate()
        .map(|(n, (event_type, data))| event(&n.to_string(), &org, event_type, data, None))
        .collect();
        metering.record(&test, &events, None).await;
        for (meter, value) in [
            ("engine_events", "4"),
            ("services", "0.3"),
            ("logs", "1"),
            ("messages", "1"),
            ("sessions", "1"),
            ("api_calls", "1"),
            ("webhook_deliveries", "1"),
            ("runtime_tokens_in", "5"),
            ("runtime_tokens_out", "6"),
            ("runtime_benchmark_usd", "0.000001"),
        ] {
            for window in [Window::Day, Window::Minute] {
                let query = MeterQuery {
                    from: at("2026-10-01T00:00:00Z"),
                    to: at("2026-10-02T00:00:00Z"),
                    ..question(meter, window)
                };
                let readings = ask(&metering, &test, query).await.unwrap();
                assert_eq!(lines(&readings), [format!("2026-10-01T00:00 {value} -")], "{meter} {window}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_greatest_counts_do_not_overflow() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let most = i64::from(i32::MAX);
        for batch in 0..10 {
            let events: Vec<_> =
                (0..1_000).map(|n| inference(&format!("{batch}-{n}"), "unpriced", most, 0)).collect();
            metering.record(&test, &events, None).await;
        }
        let readings = ask(&metering, &test, question("tokens", Window::Day)).await.unwrap();
        assert_eq!(readings[0].value, Decimal::from(most) * Decimal::from(10_000));
    })
    .await;
}

#[tokio::test]
async fn parallel_transactions_count_into_the_same_rows_without_losing_one() {
    for_each_engine(|test| async move {
        let metering = Arc::new(Metering::shipped());
        let tasks: Vec<_> = (0..32)
            .map(|task| {
                let (metering, db) = (metering.clone(), test.db.clone());
                tokio::spawn(async move {
                    // Each in another order, so that rows would deadlock if they were not sorted.
                    let mut models = ["a", "b", "c", "d"];
                    models.rotate_left(task % 4);
                    let events = models.map(|model| inference(&format!("{task}-{model}"), model, 1, 1));
                    let mut tx = db.begin().await.unwrap();
                    metering.record_in(&mut tx, &events, None).await;
                    tx.commit().await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        for (meter, value) in [("tokens", 256), ("requests", 128), ("active_subjects", 1)] {
            let readings = ask(&metering, &test, question(meter, Window::Month)).await.unwrap();
            assert_eq!(readings[0].value, Decimal::from(value), "{meter}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_question_that_cannot_be_answered_names_its_field() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let unknown = ask(&metering, &test, question("guesses", Window::Day)).await.unwrap_err();
        assert_eq!(unknown.code(), "meter_unknown");
        let backwards = MeterQuery { to: at("2026-09-01T00:00:00Z"), ..question("tokens", Window::Day) };
        let long = question("tokens", Window::Minute);
        let split = MeterQuery { group_by: vec!["colour".to_owned()], ..question("tokens", Window::Day) };
        for (query, field) in [(backwards, "to"), (long, "windowSize"), (split, "groupBy")] {
            let error = ask(&metering, &test, query).await.unwrap_err();
            assert_eq!((error.code(), error.get("field")), ("invalid_field", Some(field)));
        }
    })
    .await;
}

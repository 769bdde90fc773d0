//! The rollups that summaries are read from, on both engines: those of before, of other catalogues,
//! and too many.

use bursar_kernel::Engine;
use bursar_testkit::{TestDb, for_each_engine};
use bursar_usage_metering::{MAX_SUMMARY_ROWS, MeterQuery, MeterReadings as _, Window};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{
    summaries::{at, autumn, call, daily, lines},
    world::{METERS, Metering, event, organization, user},
};

const WORDS: &str = r#"["model", "provider", "operation", "modelType", "userId"]"#;
const WORDS_OF_BEFORE: &str = r#"["model", "provider", "operation"]"#;

#[tokio::test]
async fn rows_of_before_count_with_an_empty_model_type_and_no_user() {
    for_each_engine(|test| async move {
        let before = Metering::counting(&METERS.replace(WORDS, WORDS_OF_BEFORE));
        let data = r#"{"model":"bursar/echo","modelType":"chat","promptTokens":1000,"completionTokens":500}"#;
        let chat = |id: &str| {
            let time = Some("2026-10-01T12:00:00Z");
            event(id, &organization().to_string(), "inference", data, time)
        };
        before.record(&test, &[chat("1"), chat("2")], Some(user(1))).await;
        let now = Metering::shipped();
        now.record(&test, &[chat("3")], Some(user(1))).await;

        let rows = autumn(&test).await;
        assert_eq!(
            lines(&rows),
            [
                "2026-10-01T00:00 chat_completion  bursar/echo -: 2 2000/1000/0",
                "2026-10-01T00:00 chat_completion chat bursar/echo 1: 1 1000/500/0",
            ]
        );
        let costs: Vec<_> =
            rows.iter().map(|row| (row.sums.cost_usd_e8, row.sums.credits_used.micros())).collect();
        assert_eq!(costs, [(500_000, 5_000), (250_000, 2_500)]);

        // A meter's readings have not lost them either.
        let question = |group_by: &[&str]| MeterQuery {
            account: organization(),
            subject_detail: None,
            meter: "tokens".to_owned(),
            from: at("2026-10-01T00:00:00Z"),
            to: at("2026-10-02T00:00:00Z"),
            window: Window::Day,
            group_by: group_by.iter().map(|&word| word.to_owned()).collect(),
        };
        for (group_by, values) in [(&[][..], vec![4_500]), (&["userId"], vec![3_000, 1_500])] {
            let readings = now.meters.query(test.db.reader(), question(group_by)).await.unwrap();
            let seen: Vec<_> = readings.iter().map(|reading| reading.value).collect();
            assert_eq!(seen, values.into_iter().map(Decimal::from).collect::<Vec<_>>(), "{group_by:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn rows_are_read_as_they_say_whatever_the_catalogue_has_become() {
    for_each_engine(|test| async move {
        // The first meter by key moves all sums by a place; the last has words and rows of its own.
        let first = format!(
            "[[meter]]\nkey = \"a_first\"\nevent_type = \"inference\"\naggregation = \"sum\"\n\
             value = \"totalTokens\"\ngroup_by = {WORDS}\n"
        );
        let by_key = "[[meter]]\nkey = \"by_key\"\nevent_type = \"inference\"\naggregation = \"count\"\n\
                      group_by = [\"apiKeyId\"]\n";
        let other = Metering::counting(&format!("{METERS}\n{first}{by_key}"));
        other.record(&test, &[call("1", 1_000, "2026-10-01T12:00:00Z")], Some(user(1))).await;
        Metering::shipped().record(&test, &[call("2", 2_000, "2026-10-01T13:00:00Z")], Some(user(1))).await;

        let rows = autumn(&test).await;
        assert_eq!(lines(&rows), ["2026-10-01T00:00 chat_completion  bursar/echo 1: 2 3000/2/0"]);
        assert_eq!((rows[0].sums.cost_usd_e8, rows[0].sums.credits_used.micros()), (300_600, 3_006));
    })
    .await;
}

#[tokio::test]
async fn a_call_of_a_model_still_touches_two_rows_of_sums() {
    for_each_engine(|test| async move {
        let metering = Metering::shipped();
        let time = "2026-10-01T12:00:00Z";
        metering.record(&test, &[call("1", 10, time)], Some(user(1))).await;
        assert_eq!(rows_of_sums(&test).await, 2, "an hour's and a day's");
        metering.record(&test, &[call("2", 20, time), call("3", 30, time)], Some(user(1))).await;
        assert_eq!(rows_of_sums(&test).await, 2, "the same again");
        metering.record(&test, &[call("4", 40, time)], Some(user(2))).await;
        assert_eq!(rows_of_sums(&test).await, 4, "another person's are others");
    })
    .await;
}

async fn rows_of_sums(test: &TestDb) -> i64 {
    let reader = test.db.reader();
    let conn = reader.conn();
    let count = Statement::from_string(conn.get_database_backend(), "SELECT COUNT(*) FROM metering_sum");
    conn.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn more_rows_than_an_answer_holds_are_refused_by_the_end_of_the_time() {
    for_each_engine(|test| async move {
        let (first, second) = ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z");
        many_models(&test, first, MAX_SUMMARY_ROWS).await;
        many_models(&test, second, 1).await;
        let rows = daily(&test, organization(), first, second).await.unwrap();
        assert_eq!(rows.len(), MAX_SUMMARY_ROWS);
        let error = daily(&test, organization(), first, "2026-10-03T00:00:00Z").await.unwrap_err();
        assert_eq!((error.code(), error.get("field")), ("invalid_field", Some("endDate")));
        assert!(error.to_string().starts_with("endDate must be nearer to startDate: "), "{error}");
    })
    .await;
}

/// A day's rollups of as many models, by one statement.
async fn many_models(test: &TestDb, day: &str, count: usize) {
    let sums: Vec<_> = (0..8).map(|place| format!("sum{place}_whole, sum{place}_micros")).collect();
    let tx = test.db.begin().await.unwrap();
    let conn = tx.conn();
    let backend = conn.get_database_backend();
    let hash = match test.engine {
        Engine::Postgres => "gen_random_uuid()",
        Engine::Sqlite => "randomblob(16)",
    };
    let insert = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
         INSERT INTO metering_sum (account_id, event_type, size, window_start, group_hash, meters, detail, \
         group_values, event_count, {}) SELECT $1, 'inference', 'DAY', $2, {hash}, '#requests', NULL, \
         '{{\"model\":\"m' || n || '\"}}', 1, {} FROM numbers",
        sums.join(", "),
        ["0"; 16].join(", ")
    );
    let values = [organization().id().into(), at(day).into()];
    conn.execute_raw(Statement::from_sql_and_values(backend, insert, values)).await.unwrap();
    tx.commit().await.unwrap();
}

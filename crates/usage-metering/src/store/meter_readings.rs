use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use bursar_kernel::{AccountId, Amount, DomainError, Reader, Result, UnixTimestamp, UserId};
use rust_decimal::Decimal;
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, DbBackend, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    QueryTrait, Statement, Value,
};
use uuid::Uuid;

use super::{
    usage_events::scoped,
    usage_row::{Column, Model},
};
use crate::{
    meter::{Aggregation, MeterCatalogue},
    payload::{EventType, Inference, Payload},
    reading::{MAX_READINGS, MeterQuery, MeterReadings, Question, Reading, Readings, too_many},
    rollup::{Measured, Rollups, Tally},
    window::Window,
};

/// Rollup rows of one answer: a month of readings is made of its days.
const MAX_ROLLUPS: usize = 10 * MAX_READINGS;
/// Usage rows that minutes are counted from.
const MAX_ROWS: usize = 50_000;

/// Meters read from the database.
#[derive(Clone, Debug)]
pub struct SeaMeterReadings {
    meters: Arc<MeterCatalogue>,
}

impl SeaMeterReadings {
    /// Readings of these meters.
    #[must_use]
    pub const fn new(meters: Arc<MeterCatalogue>) -> Self {
        Self { meters }
    }
}

#[async_trait::async_trait]
impl MeterReadings for SeaMeterReadings {
    async fn query(&self, reader: Reader<'_>, query: MeterQuery) -> Result<Vec<Reading>> {
        let question = Question::new(&self.meters, &query)?;
        match question.window {
            Window::Minute => from_rows(reader, &question).await,
            _ => from_rollups(reader, &question).await,
        }
    }
}

async fn from_rollups(reader: Reader<'_>, question: &Question<'_>) -> Result<Vec<Reading>> {
    let conn = reader.conn();
    let mut readings = Readings::default();
    let rows = conn.query_all_raw(rollups_of(conn.get_database_backend(), question)).await?;
    if rows.len() > MAX_ROLLUPS {
        return Err(too_many());
    }
    for row in rows {
        let words: BTreeMap<String, String> =
            serde_json::from_str(&row.try_get_by::<String, _>("group_values")?)
                .map_err(DomainError::internal)?;
        readings.add(
            question,
            row.try_get_by("window_start")?,
            row.try_get_by("detail")?,
            question.project(&words),
            tally_of(&row)?,
        );
    }
    readings.finish(question)
}

/// The database adds up what is not split, so that an answer's cost is that of its readings.
fn rollups_of(backend: DbBackend, question: &Question<'_>) -> Statement {
    let aggregation = question.meter.aggregation;
    let mut split = vec!["window_start"];
    split.extend((!question.group_by.is_empty()).then_some("group_values"));
    split.extend(question.by_subject.then_some("detail"));
    let split = split.join(", ");
    let words = if question.group_by.is_empty() { "'{}' AS group_values" } else { "group_values" };
    let detail = if question.by_subject { "detail" } else { "CAST(NULL AS TEXT) AS detail" };
    let table = if aggregation == Aggregation::Unique { "metering_unique" } else { "metering_rollup" };
    let kept = match (question.window, aggregation) {
        (Window::Month, Aggregation::Unique) => Window::Month,
        (Window::Hour, _) => Window::Hour,
        _ => Window::Day,
    };

    let mut values: Vec<Value> = vec![
        question.account.id().into(),
        question.meter.key.as_str().into(),
        kept.as_str().into(),
        question.from.into(),
        question.to.into(),
    ];
    let mut mark = Placeholders::new(backend);
    let mut chosen = format!(
        "FROM {table} WHERE account_id = {} AND meter = {} AND size = {} \
         AND window_start >= {} AND window_start < {}",
        mark.next(),
        mark.next(),
        mark.next(),
        mark.next(),
        mark.next()
    );
    if let Some(detail) = question.detail {
        chosen = format!("{chosen} AND detail = {}", mark.next());
        values.push(detail.into());
    }
    let limit = MAX_ROLLUPS + 1;
    let sql = match aggregation {
        Aggregation::Sum | Aggregation::Count | Aggregation::Max => format!(
            "SELECT window_start, {words}, {detail}, CAST(SUM(sum_whole) AS BIGINT) AS sum_whole, \
             CAST(SUM(sum_micros) AS BIGINT) AS sum_micros, CAST(SUM(event_count) AS BIGINT) AS event_count, \
             MAX(max_micros) AS max_micros, CAST(0 AS BIGINT) AS latest_micros, window_start AS latest_at \
             {chosen} GROUP BY {split} ORDER BY window_start LIMIT {limit}"
        ),
        // The last event of each split, and nothing of the others.
        Aggregation::Latest => format!(
            "SELECT window_start, {words}, {detail}, CAST(0 AS BIGINT) AS sum_whole, CAST(0 AS BIGINT) AS sum_micros, event_count, CAST(0 AS BIGINT) AS max_micros, \
             latest_micros, latest_at FROM (SELECT window_start, group_values, detail, event_count, latest_micros, \
             latest_at, ROW_NUMBER() OVER (PARTITION BY {split} ORDER BY latest_at DESC, group_hash) AS place \
             {chosen}) AS ranked WHERE place = 1 ORDER BY window_start LIMIT {limit}"
        ),
        Aggregation::Unique => format!(
            "SELECT window_start, {words}, {detail}, CAST(0 AS BIGINT) AS sum_whole, CAST(0 AS BIGINT) AS sum_micros, \
             COUNT(DISTINCT value_hash) AS event_count, CAST(0 AS BIGINT) AS max_micros, CAST(0 AS BIGINT) AS latest_micros, \
             window_start AS latest_at {chosen} GROUP BY {split} ORDER BY window_start LIMIT {limit}"
        ),
    };
    Statement::from_sql_and_values(backend, sql, values)
}

/// `?` or `$1`, `$2`, ….
struct Placeholders {
    backend: DbBackend,
    used: usize,
}

impl Placeholders {
    const fn new(backend: DbBackend) -> Self {
        Self { backend, used: 0 }
    }

    fn next(&mut self) -> String {
        self.used += 1;
        if self.backend == DbBackend::Postgres { format!("${}", self.used) } else { "?".to_owned() }
    }
}

fn tally_of(row: &QueryResult) -> Result<Tally> {
    let number = |name: &str| row.try_get_by::<i64, _>(name);
    let millionths = |name: &str| number(name).map(|micros| Decimal::new(micros, 6));
    Ok(Tally {
        sum: Decimal::from(number("sum_whole")?).saturating_add(millionths("sum_micros")?),
        count: number("event_count")?,
        max: millionths("max_micros")?,
        latest: millionths("latest_micros")?,
        latest_at: row.try_get_by::<UnixTimestamp, _>("latest_at")?,
    })
}

/// Counts the rows themselves, by the very rule that rollups are counted by.
async fn from_rows(reader: Reader<'_>, question: &Question<'_>) -> Result<Vec<Reading>> {
    let rows = scoped(question.account.id())
        .filter(Column::EventType.eq(question.meter.event_type))
        .filter(Column::EventTime.gte(question.from))
        .filter(Column::EventTime.lt(question.to))
        .apply_if(question.detail, |query, detail| query.filter(Column::Detail.eq(detail)))
        .order_by_asc(Column::EventTime)
        .order_by_asc(Column::Id)
        .limit(u64::try_from(MAX_ROWS).unwrap_or(u64::MAX) + 1)
        .all(reader.conn())
        .await?;
    if rows.len() > MAX_ROWS {
        return Err(DomainError::invalid("windowSize", "must be wider than MINUTE where so much happened"));
    }
    let kept: Vec<Kept> = rows.into_iter().map(Kept::try_from).collect::<Result<_>>()?;
    let measured: Vec<_> = kept.iter().map(Kept::measured).collect();
    let mut rollups = Rollups::default();
    for event in &measured {
        rollups.count(question.meter, Window::Minute, event);
    }
    let mut readings = Readings::default();
    let words = |group: &[Cow<'_, str>]| -> BTreeMap<String, String> {
        let names = question.meter.group_by.iter().cloned();
        question.project(&names.zip(group.iter().map(|word| word.clone().into_owned())).collect())
    };
    for (key, tally) in rollups.tallies {
        readings.add(question, key.start, key.detail.map(str::to_owned), words(&key.group), tally);
    }
    // A value counts once for each split that it is in.
    let mut seen = BTreeSet::new();
    for (key, value) in rollups.values {
        let detail = if question.by_subject { key.detail.map(str::to_owned) } else { None };
        let group = words(&key.group);
        if seen.insert((key.start, detail.clone(), group.clone(), value)) {
            readings.add(question, key.start, detail, group, Tally::one(Decimal::ONE, key.start));
        }
    }
    readings.finish(question)
}

/// A usage row with its payload made again.
struct Kept {
    account: AccountId,
    detail: Option<String>,
    user: Option<UserId>,
    api_key: Option<Uuid>,
    payload: Payload,
    cost_e8: i64,
    credits: Amount,
    at: UnixTimestamp,
}

impl Kept {
    fn measured(&self) -> Measured<'_> {
        Measured {
            account: self.account,
            detail: self.detail.as_deref(),
            user: self.user,
            api_key: self.api_key,
            payload: &self.payload,
            cost_e8: self.cost_e8,
            credits: self.credits.micros(),
            at: self.at,
        }
    }
}

impl TryFrom<Model> for Kept {
    type Error = DomainError;

    fn try_from(row: Model) -> Result<Self> {
        let payload = match (row.event_type, row.payload) {
            (EventType::Inference, _) => Payload::Inference(Inference {
                model: row.model,
                provider: row.provider,
                operation: row.operation,
                model_type: row.model_type,
                prompt_tokens: row.prompt_tokens,
                completion_tokens: row.completion_tokens,
                cached_tokens: row.cached_tokens,
                generation_id: row.generation_id,
                traffic_source: row.traffic_source,
                metadata: BTreeMap::new(),
            }),
            (event_type, payload) => Payload::restore(event_type, payload.as_deref().unwrap_or("{}"))
                .ok_or_else(|| DomainError::internal("a usage row does not hold its payload"))?,
        };
        Ok(Self {
            account: row.account_id,
            detail: row.detail,
            user: row.user_id,
            api_key: row.api_key_id,
            payload,
            cost_e8: row.cost_usd_e8,
            credits: row.credits_used,
            at: row.event_time,
        })
    }
}

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
    sums::{Layout, PLACES, Place},
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
        let Some(tally) = tally_of(question, &row)? else { continue };
        let words: BTreeMap<String, String> =
            serde_json::from_str(&row.try_get_by::<String, _>("group_values")?)
                .map_err(DomainError::internal)?;
        readings.add(
            question,
            row.try_get_by("window_start")?,
            row.try_get_by("detail")?,
            question.project(&words),
            tally,
        );
    }
    readings.finish(question)
}

/// The database adds up what is not split, so that an answer's cost is that of its readings.
fn rollups_of(backend: DbBackend, question: &Question<'_>) -> Statement {
    let meter = question.meter;
    let mut split = vec!["window_start"];
    split.extend((!question.group_by.is_empty()).then_some("group_values"));
    split.extend(question.by_subject.then_some("detail"));
    let split = split.join(", ");
    let words = if question.group_by.is_empty() { "'{}' AS group_values" } else { "group_values" };
    let detail = if question.by_subject { "detail" } else { "CAST(NULL AS TEXT) AS detail" };
    let (table, name, key) = match meter.aggregation {
        Aggregation::Sum | Aggregation::Count => ("metering_sum", "event_type", meter.event_type.as_str()),
        Aggregation::Max | Aggregation::Latest => ("metering_level", "meter", meter.key.as_str()),
        Aggregation::Unique => ("metering_unique", "meter", meter.key.as_str()),
    };
    let kept = match (question.window, meter.aggregation) {
        (Window::Month, Aggregation::Unique) => Window::Month,
        (Window::Hour, _) => Window::Hour,
        _ => Window::Day,
    };

    let mut values: Vec<Value> = vec![
        question.account.id().into(),
        key.into(),
        kept.as_str().into(),
        question.from.into(),
        question.to.into(),
    ];
    let mut mark = Placeholders::new(backend);
    let mut chosen = format!(
        "FROM {table} WHERE account_id = {} AND {name} = {} AND size = {} \
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
    let sql = match meter.aggregation {
        // Which of the sums is asked for, each row says by its meters.
        Aggregation::Sum | Aggregation::Count => {
            let sums: String = (0..PLACES)
                .map(|place| {
                    format!(
                        ", CAST(SUM(sum{place}_whole) AS BIGINT) AS sum{place}_whole, \
                         CAST(SUM(sum{place}_micros) AS BIGINT) AS sum{place}_micros"
                    )
                })
                .collect();
            format!(
                "SELECT window_start, {words}, {detail}, meters, \
                 CAST(SUM(event_count) AS BIGINT) AS event_count{sums} \
                 {chosen} GROUP BY {split}, meters ORDER BY window_start LIMIT {limit}"
            )
        }
        Aggregation::Max => format!(
            "SELECT window_start, {words}, {detail}, MAX(max_micros) AS value_micros, window_start AS at \
             {chosen} GROUP BY {split} ORDER BY window_start LIMIT {limit}"
        ),
        // The last event of each split, and nothing of the others.
        Aggregation::Latest => format!(
            "SELECT window_start, {words}, {detail}, latest_micros AS value_micros, latest_at AS at \
             FROM (SELECT window_start, group_values, detail, latest_micros, \
             latest_at, ROW_NUMBER() OVER (PARTITION BY {split} ORDER BY latest_at DESC, group_hash) AS place \
             {chosen}) AS ranked WHERE place = 1 ORDER BY window_start LIMIT {limit}"
        ),
        Aggregation::Unique => format!(
            "SELECT window_start, {words}, {detail}, COUNT(DISTINCT value_hash) AS event_count \
             {chosen} GROUP BY {split} ORDER BY window_start LIMIT {limit}"
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

/// What a row says of the meter; nothing when it is about other meters of the same events.
fn tally_of(question: &Question<'_>, row: &QueryResult) -> Result<Option<Tally>> {
    let number = |name: &str| row.try_get_by::<i64, _>(name);
    let millionths = |name: &str| number(name).map(|micros| Decimal::new(micros, 6));
    let window_start = row.try_get_by::<UnixTimestamp, _>("window_start")?;
    let counted = |value| Tally { count: value, ..Tally::one(Decimal::ZERO, window_start) };
    Ok(Some(match question.meter.aggregation {
        Aggregation::Unique => counted(number("event_count")?),
        Aggregation::Max | Aggregation::Latest => {
            Tally::one(millionths("value_micros")?, row.try_get_by::<UnixTimestamp, _>("at")?)
        }
        Aggregation::Sum | Aggregation::Count => {
            let meters = row.try_get_by::<String, _>("meters")?;
            match Layout::place_of(&meters, &question.meter.key) {
                None => return Ok(None),
                Some(Place::Count) => counted(number("event_count")?),
                Some(Place::Sum(place)) => {
                    let whole = Decimal::from(number(&format!("sum{place}_whole"))?);
                    let sum = whole.saturating_add(millionths(&format!("sum{place}_micros"))?);
                    Tally::one(sum, window_start)
                }
            }
        }
    }))
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

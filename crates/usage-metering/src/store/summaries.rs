use bursar_kernel::{AccountId, DomainError, Reader, Result, UnixTimestamp, UserId};
use sea_orm::{ConnectionTrait as _, DbBackend, QueryResult, Statement};
use serde::Deserialize;

use crate::{
    payload::EventType,
    summary::{Group, MAX_SUMMARY_ROWS, Summary, SummaryRow, UsageSummaries, UsageSums, too_many},
    sums::PLACES,
    window::Window,
};

/// Summaries read from the rollups. It needs no catalogue: each row says what it holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaUsageSummaries;

#[async_trait::async_trait]
impl UsageSummaries for SeaUsageSummaries {
    async fn daily(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        from: UnixTimestamp,
        to: UnixTimestamp,
    ) -> Result<Vec<SummaryRow>> {
        if from >= to {
            return Ok(Vec::new());
        }
        let conn = reader.conn();
        let days = Window::Day.covering(from, to);
        let rows = conn.query_all_raw(rollups_of(conn.get_database_backend(), account, days)).await?;
        if rows.len() > MAX_SUMMARY_ROWS {
            return Err(too_many());
        }
        let mut summary = Summary::default();
        for row in rows {
            let Some(sums) = sums_of(&row)? else { continue };
            summary.add(group_of(&row)?, sums)?;
        }
        Ok(summary.finish())
    }
}

/// The database adds up the parts of an account (`detail`), which a summary does not tell apart.
fn rollups_of(backend: DbBackend, account: AccountId, days: (UnixTimestamp, UnixTimestamp)) -> Statement {
    let sums: String = (0..PLACES)
        .map(|place| format!(", CAST(SUM(sum{place}_whole) AS BIGINT) AS sum{place}_whole"))
        .collect();
    let limit = MAX_SUMMARY_ROWS + 1;
    let sql = format!(
        "SELECT window_start, group_values, meters, CAST(SUM(event_count) AS BIGINT) AS event_count{sums} \
         FROM metering_sum WHERE account_id = $1 AND event_type = $2 AND size = $3 \
         AND window_start >= $4 AND window_start < $5 \
         GROUP BY window_start, group_values, meters LIMIT {limit}"
    );
    let values = [
        account.into(),
        EventType::Inference.as_str().into(),
        Window::Day.as_str().into(),
        days.0.into(),
        days.1.into(),
    ];
    Statement::from_sql_and_values(backend, sql, values)
}

fn sums_of(row: &QueryResult) -> Result<Option<UsageSums>> {
    let mut wholes = [0; PLACES];
    for (place, whole) in wholes.iter_mut().enumerate() {
        *whole = row.try_get_by::<i64, _>(format!("sum{place}_whole").as_str())?;
    }
    let meters = row.try_get_by::<String, _>("meters")?;
    Ok(UsageSums::of_rollup(&meters, row.try_get_by("event_count")?, &wholes))
}

/// The words of a rollup row that a summary tells apart. Those that it was counted without are
/// empty.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Words {
    operation: String,
    model_type: String,
    model: String,
    user_id: String,
}

fn group_of(row: &QueryResult) -> Result<Group> {
    let words: Words =
        serde_json::from_str(&row.try_get_by::<String, _>("group_values")?).map_err(DomainError::internal)?;
    let user = if words.user_id.is_empty() {
        None
    } else {
        Some(words.user_id.parse::<UserId>().map_err(DomainError::internal)?)
    };
    Ok(Group {
        day: row.try_get_by("window_start")?,
        operation: words.operation,
        model_type: words.model_type,
        model: words.model,
        user,
    })
}

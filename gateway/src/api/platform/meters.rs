//! Meters out.

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use bursar_kernel::{DomainError, UnixTimestamp};
use bursar_operations::{QueryMeter, query_meter};
use bursar_usage_metering::{Reading, Subject, Window};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::Problem;
use crate::{
    api::caller::Caller,
    http::{decimal::Exact, failure::Failure, query::Query},
    state::AppState,
};

/// A question to a meter.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct Question {
    /// `<account>` or `<account>/<member, project or agent>`; the credential's account when left out.
    subject: Option<String>,
    /// RFC 3339, included.
    from: String,
    /// RFC 3339, not included.
    to: String,
    /// `MINUTE`, `HOUR`, `DAY` or `MONTH`.
    window_size: String,
    /// Names from the meter's own list, separated by commas.
    #[serde(default)]
    group_by: String,
}

/// What a meter shows.
#[derive(Serialize, ToSchema)]
pub(super) struct Readings {
    data: Vec<Point>,
}

/// One window, of one group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Point {
    #[schema(value_type = f64)]
    value: Exact,
    #[schema(format = DateTime)]
    window_start: String,
    #[schema(format = DateTime)]
    window_end: String,
    subject: String,
    group_by: BTreeMap<String, String>,
}

impl From<Reading> for Point {
    fn from(reading: Reading) -> Self {
        Self {
            value: Exact::decimal(&reading.value),
            window_start: reading.window_start.rfc3339(),
            window_end: reading.window_end.rfc3339(),
            subject: reading.subject.to_string(),
            group_by: reading.group,
        }
    }
}

fn instant(field: &'static str, text: &str) -> Result<UnixTimestamp, DomainError> {
    UnixTimestamp::parse(text)
        .ok_or_else(|| DomainError::invalid(field, "must be an RFC 3339 date-time with an offset"))
}

/// Query a meter
///
/// Windows count by the time of the events, in UTC.
#[utoipa::path(get, path = "/api/v1/meters/{key}/query", tag = "usage", operation_id = "queryMeter",
    params(("key" = String, Path, description = "The meter's key, such as `tokens`"), Question),
    responses((status = 200, body = Readings), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn get_query(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Path(meter): Path<String>,
    Query(question): Query<Question>,
) -> Result<axum::Json<Readings>, Failure> {
    let subject = question
        .subject
        .map(|text| {
            Subject::parse(&text)
                .ok_or_else(|| DomainError::invalid("subject", "must be <account> or <account>/<detail>"))
        })
        .transpose()?;
    let window = Window::parse(&question.window_size)
        .ok_or_else(|| DomainError::invalid("windowSize", "must be MINUTE, HOUR, DAY or MONTH"))?;
    let command = QueryMeter {
        meter,
        subject,
        from: instant("from", &question.from)?,
        to: instant("to", &question.to)?,
        window,
        group_by: question.group_by.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
    };
    let readings = query_meter(&state.core, &actor, command).await?;
    Ok(axum::Json(Readings { data: readings.into_iter().map(Point::from).collect() }))
}

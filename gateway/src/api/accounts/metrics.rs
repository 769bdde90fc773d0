//! What an organization used, day by day.

use std::time::Duration;

use axum::extract::State;
use bursar_kernel::{DomainError, OrganizationId, UnixTimestamp};
use bursar_operations::read_metrics;
use bursar_usage_metering::UsageSums;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{body::Data, error::ErrorEnvelope, usages::midnight};
use crate::{
    api::caller::Caller,
    http::{failure::Failure, ids::Ids, query::Query},
    state::AppState,
};

/// Which days.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct MetricsQuery {
    /// `YYYY-MM-DD` in UTC, included; thirty days before `endDate` when absent.
    #[param(format = Date)]
    start_date: Option<String>,
    /// `YYYY-MM-DD` in UTC, included; today when absent.
    #[param(format = Date)]
    end_date: Option<String>,
}

const DAY: Duration = Duration::from_hours(24);
/// Days that are shown when nobody says how many, the last one included.
const DEFAULT_DAYS: u32 = 30;
const MAX_DAYS: u64 = 366;

impl MetricsQuery {
    fn days(&self, now: UnixTimestamp) -> Result<(UnixTimestamp, UnixTimestamp), DomainError> {
        let today = || now.rfc3339().chars().take("YYYY-MM-DD".len()).collect::<String>();
        let end = match &self.end_date {
            Some(text) => midnight("endDate", text)?,
            None => midnight("endDate", &today())?,
        };
        let start = match &self.start_date {
            Some(text) => midnight("startDate", text)?,
            None => end.before(DAY * (DEFAULT_DAYS - 1)),
        };
        if end < start {
            return Err(DomainError::invalid("endDate", "must not be before startDate"));
        }
        if end.since(start).as_secs() / DAY.as_secs() >= MAX_DAYS {
            let rule = format!("must be at most {MAX_DAYS} days from startDate, both included");
            return Err(DomainError::invalid("endDate", rule));
        }
        Ok((start, end))
    }
}

/// Sums of metered calls.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Sums {
    requests: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    cached_tokens: i64,
    total_tokens: i64,
    /// In 10⁻⁸ USD.
    cost_usd: i64,
    /// In micro-USD.
    credits_used: i64,
}

impl From<&UsageSums> for Sums {
    fn from(sums: &UsageSums) -> Self {
        Self {
            requests: sums.requests,
            prompt_tokens: sums.prompt_tokens,
            completion_tokens: sums.completion_tokens,
            cached_tokens: sums.cached_tokens,
            total_tokens: sums.total_tokens(),
            cost_usd: sums.cost_usd_e8,
            credits_used: sums.credits_used.micros(),
        }
    }
}

/// All of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Totals {
    active_members: u64,
    #[serde(flatten)]
    sums: Sums,
}

/// One day of one model.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Daily {
    /// `YYYY-MM-DD`
    date: String,
    operation: String,
    ai_model_type_name: String,
    ai_model_name: String,
    #[serde(flatten)]
    sums: Sums,
}

/// One member.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OfMember {
    /// Empty for usage that is nobody's.
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_email: Option<String>,
    #[serde(flatten)]
    sums: Sums,
}

/// One model.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OfModel {
    ai_model_name: String,
    #[serde(flatten)]
    sums: Sums,
}

/// What an organization used.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metrics {
    organization_id: String,
    /// `YYYY-MM-DD`, included.
    start_date: String,
    /// `YYYY-MM-DD`, included.
    end_date: String,
    totals: Totals,
    daily: Vec<Daily>,
    /// Most credits first.
    members: Vec<OfMember>,
    /// Most credits first.
    models: Vec<OfModel>,
}

fn date(day: UnixTimestamp) -> String {
    day.rfc3339().chars().take("YYYY-MM-DD".len()).collect()
}

/// Get what an organization used, day by day
///
/// Days are those of the calls, in UTC. At most 366 of them.
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/metrics", tag = "usages", operation_id = "getOrganizationMetrics",
    params(("orgId" = String, Path, description = "`org_…`"), MetricsQuery),
    responses((status = 200, body = Data<Metrics>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_metrics(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Query(query): Query<MetricsQuery>,
) -> Result<Data<Metrics>, Failure> {
    let (start, end) = query.days(state.db.clock().now())?;
    let metrics = read_metrics(&state.core, &actor, organization, start, end).await?;
    let daily = metrics
        .daily
        .into_iter()
        .map(|row| Daily {
            date: date(row.day),
            sums: Sums::from(&row.sums),
            operation: row.operation,
            ai_model_type_name: row.model_type,
            ai_model_name: row.model,
        })
        .collect();
    let members = metrics
        .members
        .into_iter()
        .map(|(id, user, sums)| OfMember {
            user_id: id.map(|id| id.to_string()).unwrap_or_default(),
            member_email: user.as_ref().map(|user| user.email.as_str().to_owned()),
            member_display_name: user.map(|user| user.display_name),
            sums: Sums::from(&sums),
        })
        .collect();
    let models = metrics
        .models
        .into_iter()
        .map(|(ai_model_name, sums)| OfModel { ai_model_name, sums: Sums::from(&sums) })
        .collect();
    Ok(Data::new(Metrics {
        organization_id: organization.to_string(),
        start_date: date(start),
        end_date: date(end),
        totals: Totals { active_members: metrics.active_members, sums: Sums::from(&metrics.totals) },
        daily,
        members,
        models,
    }))
}

//! The plans that can be bought.

use axum::extract::State;
use bursar_kernel::DomainError;
use bursar_operations::{PlanKindFilter, list_plans};
use bursar_plans_and_contracts::{Limit, MemberLimit, PlanKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{body::Data, error::ErrorEnvelope};
use crate::{
    api::caller::Caller,
    http::{failure::Failure, query::Query},
    state::AppState,
};

/// A plan, for one interval.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    /// `plan_…`: this version of it.
    id: String,
    /// Its key, such as `pro`.
    name: String,
    display_name: String,
    description: String,
    /// `individual` or `teams`
    r#type: &'static str,
    /// `Monthly` or `Annual`
    interval: String,
    /// For a whole interval; of a plan that is priced by the organization, the whole price.
    price_per_seat_cents: i64,
    /// People that fit; -1 for any number.
    max_seats: i64,
    /// What it can: name → true.
    #[schema(value_type = Object)]
    features: Map<String, Value>,
    /// How much of everything: name → number, -1 for any.
    #[schema(value_type = Object)]
    entitlements: Map<String, Value>,
    is_active: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// The most seats that one organization can buy where seats are sold.
const MAX_BOUGHT_SEATS: i64 = 10_000;

fn number(limit: Limit) -> i64 {
    match limit {
        Limit::Unlimited => -1,
        Limit::AtMost(most) => i64::try_from(most).unwrap_or(i64::MAX),
    }
}

impl From<bursar_plans_and_contracts::Plan> for Plan {
    fn from(plan: bursar_plans_and_contracts::Plan) -> Self {
        let terms = plan.terms;
        let max_seats = match terms.limits.as_ref().map(|limits| limits.members) {
            None => 1,
            Some(MemberLimit::Unlimited) => -1,
            Some(MemberLimit::AtMost(most)) => number(Limit::AtMost(most)),
            Some(MemberLimit::Seats) => MAX_BOUGHT_SEATS,
        };
        let entitlements = terms.limits.as_ref().map(|limits| {
            [
                ("agents", limits.agents),
                ("workspaces", limits.workspaces),
                ("rowsPerWorkspace", limits.rows_per_workspace),
                ("apiCallsPerMonth", limits.api_calls),
                ("webhookDeliveriesPerMonth", limits.webhook_deliveries),
                ("messagesPerMonth", limits.messages),
                ("logsPerMonth", limits.logs_per_month),
                ("logRetentionDays", limits.log_retention_days),
            ]
        });
        Self {
            id: plan.id.to_string(),
            name: plan.key,
            display_name: terms.name,
            description: terms.description,
            r#type: if terms.kind == PlanKind::Individual { "individual" } else { "teams" },
            interval: plan.interval.to_string(),
            price_per_seat_cents: plan.price_cents,
            max_seats,
            features: terms.features.into_iter().map(|feature| (feature, json!(true))).collect(),
            entitlements: entitlements
                .into_iter()
                .flatten()
                .map(|(name, limit)| (name.to_owned(), json!(number(limit))))
                .collect(),
            is_active: plan.is_active,
            created_at: plan.created_at.rfc3339(),
            updated_at: plan.updated_at.rfc3339(),
        }
    }
}

/// Which plans.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PlansQuery {
    /// `individual` or `teams`; both when absent.
    r#type: Option<String>,
}

/// List the plans that can be bought
#[utoipa::path(get, path = "/api/v1/plans", tag = "plans", operation_id = "listPlans", params(PlansQuery),
    responses((status = 200, body = Data<Vec<Plan>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_all_plans(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(query): Query<PlansQuery>,
) -> Result<Data<Vec<Plan>>, Failure> {
    let kind = match query.r#type.as_deref() {
        None => None,
        Some("individual") => Some(PlanKindFilter::Individual),
        Some("teams") => Some(PlanKindFilter::Teams),
        Some(_) => return Err(DomainError::invalid("type", "must be individual or teams").into()),
    };
    let plans = list_plans(&state.core, &actor, kind).await?;
    Ok(Data::new(plans.into_iter().map(Plan::from).collect()))
}

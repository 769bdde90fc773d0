//! What was used.

use std::{collections::BTreeMap, time::Duration};

use axum::extract::State;
use bursar_kernel::{Account, DomainError, OrganizationId, UnixTimestamp, UserId};
use bursar_operations::{OrganizationUsageFilter, UsageOfMember, list_member_usages, list_usages};
use bursar_orgs_and_membership::MembershipId;
use bursar_usage_metering::{UsageFilter, UsageRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    body::Data,
    error::ErrorEnvelope,
    page::{Items, PageQuery},
};
use crate::{
    api::caller::Caller,
    http::{failure::Failure, ids::Ids, query::Query},
    state::AppState,
};

/// One metered call.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Usage {
    /// `usg_…`
    id: String,
    user_id: String,
    /// Empty in a personal account.
    organization_id: String,
    generation_id: String,
    ai_inference_provider_name: String,
    ai_model_name: String,
    ai_model_type_name: String,
    /// Such as `chat_completion`.
    operation: String,
    prompt_tokens: i64,
    completion_tokens: i64,
    cached_tokens: i64,
    /// `promptTokens` + `completionTokens`.
    total_tokens: i64,
    /// The exact cost in 10⁻⁸ USD, rounded half-even. Informational.
    cost_usd: i64,
    /// What the balance lost for it, in micro-USD.
    credits_used: i64,
    #[schema(format = DateTime)]
    created_at: String,
    metadata: BTreeMap<String, String>,
    /// In an organization's list: whose doing it was, if it was a person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member_email: Option<String>,
}

impl Usage {
    fn of(account: Account, row: UsageRow) -> Self {
        Self {
            id: row.id.to_string(),
            user_id: row.user.map(|user| user.to_string()).unwrap_or_default(),
            organization_id: account.organization().map(|id| id.to_string()).unwrap_or_default(),
            generation_id: row.generation_id,
            ai_inference_provider_name: row.provider,
            ai_model_name: row.model,
            ai_model_type_name: row.model_type,
            operation: row.operation,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
            cached_tokens: row.cached_tokens,
            total_tokens: row.prompt_tokens + row.completion_tokens,
            cost_usd: row.cost_usd_e8,
            credits_used: row.credits_used.micros(),
            created_at: row.created_at.rfc3339(),
            metadata: row.metadata,
            member_display_name: None,
            member_email: None,
        }
    }

    fn of_member(account: Account, usage: UsageOfMember) -> Self {
        Self {
            member_email: usage.user.as_ref().map(|user| user.email.as_str().to_owned()),
            member_display_name: usage.user.map(|user| user.display_name),
            ..Self::of(account, usage.row)
        }
    }
}

/// Which usage of an organization.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationUsageQuery {
    /// At most so many, clamped to 1–200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `nextToken` of the part before.
    cursor: Option<String>,
    /// `YYYY-MM-DD` in UTC, included.
    #[param(format = Date)]
    start_date: Option<String>,
    /// `YYYY-MM-DD` in UTC, included.
    #[param(format = Date)]
    end_date: Option<String>,
    /// `mbr_…`: only this member's.
    member_id: Option<String>,
}

impl OrganizationUsageQuery {
    fn filter(&self) -> Result<OrganizationUsageFilter, DomainError> {
        let from = self.start_date.as_deref().map(|text| midnight("startDate", text)).transpose()?;
        let to = self.end_date.as_deref().map(|text| midnight("endDate", text)).transpose()?;
        if from.zip(to).is_some_and(|(from, to)| to < from) {
            return Err(DomainError::invalid("endDate", "must not be before startDate"));
        }
        let member = self.member_id.as_deref().map(str::parse).transpose();
        let member =
            member.map_err(|_| DomainError::invalid("memberId", "must be the identifier of a member"))?;
        Ok(OrganizationUsageFilter { member, from, to: to.map(|day| day.after(DAY)) })
    }

    fn page(self) -> PageQuery {
        PageQuery { limit: self.limit, cursor: self.cursor }
    }
}

/// A day of UTC: it knows no daylight saving.
const DAY: Duration = Duration::from_hours(24);

/// The beginning of a day.
pub(super) fn midnight(field: &'static str, text: &str) -> Result<UnixTimestamp, DomainError> {
    let is_date = text.len() == "YYYY-MM-DD".len();
    let day = is_date.then(|| UnixTimestamp::parse(&format!("{text}T00:00:00Z"))).flatten();
    day.ok_or_else(|| DomainError::invalid(field, "must be a date: YYYY-MM-DD"))
}

/// List the caller's usage
#[utoipa::path(get, path = "/api/v1/users/{id}/usages", tag = "usages", operation_id = "listUserUsages",
    params(("id" = String, Path, description = "The caller's own `user_…`"), PageQuery),
    responses((status = 200, body = Data<Items<Usage>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_user_usages(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((user,)): Ids<(UserId,)>,
    Query(query): Query<PageQuery>,
) -> Result<Data<Items<Usage>>, Failure> {
    let account = Account::Personal(user);
    let list = format!("usages:{account}");
    let page = query.page(&state.cursors, &list)?;
    let slice = list_usages(&state.core, &actor, account, UsageFilter::default(), page).await?;
    Ok(Data::new(Items::new(&state.cursors, &list, slice, |row| Usage::of(account, row))))
}

/// List an organization's usage
///
/// By all of its members, newest first.
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/usages", tag = "usages",
    operation_id = "listOrganizationUsages",
    params(("orgId" = String, Path, description = "`org_…`"), OrganizationUsageQuery),
    responses((status = 200, body = Data<Items<Usage>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_organization_usages(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Query(query): Query<OrganizationUsageQuery>,
) -> Result<Data<Items<Usage>>, Failure> {
    let account = Account::Organization(organization);
    let list = format!("usages:{account}");
    let filter = query.filter()?;
    let page = query.page().page(&state.cursors, &list)?;
    let core = &state.core;
    let slice = bursar_operations::list_organization_usages(core, &actor, organization, filter, page).await?;
    Ok(Data::new(Items::new(&state.cursors, &list, slice, |usage| Usage::of_member(account, usage))))
}

/// List what a member used
///
/// Newest first. A plain member may read its own.
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/members/{memberId}/usages", tag = "usages",
    operation_id = "listMemberUsages",
    params(("orgId" = String, Path, description = "`org_…`"), ("memberId" = String, Path, description = "`mbr_…`"), PageQuery),
    responses((status = 200, body = Data<Items<Usage>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_usages_of_member(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization, member)): Ids<(OrganizationId, MembershipId)>,
    Query(query): Query<PageQuery>,
) -> Result<Data<Items<Usage>>, Failure> {
    let account = Account::Organization(organization);
    let list = format!("usages:{account}:{member}");
    let page = query.page(&state.cursors, &list)?;
    let slice = list_member_usages(&state.core, &actor, organization, member, page).await?;
    Ok(Data::new(Items::new(&state.cursors, &list, slice, |usage| Usage::of_member(account, usage))))
}

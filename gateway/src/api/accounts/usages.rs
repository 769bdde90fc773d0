//! What was used.

use std::collections::BTreeMap;

use axum::extract::State;
use bursar_kernel::{Account, OrganizationId, UserId};
use bursar_operations::{Actor, list_usages};
use bursar_usage_metering::{UsageFilter, UsageRow};
use serde::Serialize;
use utoipa::ToSchema;

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
        }
    }
}

async fn list(
    state: &AppState,
    actor: &Actor,
    account: Account,
    query: &PageQuery,
) -> Result<Data<Items<Usage>>, Failure> {
    let list = format!("usages:{account}");
    let page = query.page(&state.cursors, &list)?;
    let slice = list_usages(&state.core, actor, account, UsageFilter::default(), page).await?;
    Ok(Data::new(Items::new(&state.cursors, &list, slice, |row| Usage::of(account, row))))
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
    list(&state, &actor, Account::Personal(user), &query).await
}

/// List an organization's usage
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/usages", tag = "usages",
    operation_id = "listOrganizationUsages",
    params(("orgId" = String, Path, description = "`org_…`"), PageQuery),
    responses((status = 200, body = Data<Items<Usage>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_organization_usages(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Query(query): Query<PageQuery>,
) -> Result<Data<Items<Usage>>, Failure> {
    list(&state, &actor, Account::Organization(organization), &query).await
}

//! What is left in an account.

use axum::extract::State;
use bursar_kernel::{Account, OrganizationId, UserId};
use bursar_operations::read_balance;
use serde::Serialize;
use utoipa::ToSchema;

use super::{body::Data, error::ErrorEnvelope};
use crate::{
    api::caller::Caller,
    http::{failure::Failure, ids::Ids},
    state::AppState,
};

/// The balance of a person's own account.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserBalance {
    user_id: String,
    /// Micro-USD; below zero when work was done beyond the credits.
    balance: i64,
}

/// The balance of an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OrganizationBalance {
    organization_id: String,
    /// Micro-USD; below zero when work was done beyond the credits.
    balance: i64,
}

/// Get the caller's credit balance
#[utoipa::path(get, path = "/api/v1/users/{id}/balance", tag = "balances", operation_id = "getUserBalance",
    params(("id" = String, Path, description = "The caller's own `user_…`")),
    responses((status = 200, body = Data<UserBalance>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_user_balance(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((user,)): Ids<(UserId,)>,
) -> Result<Data<UserBalance>, Failure> {
    let balance = read_balance(&state.core, &actor, Account::Personal(user)).await?.micros();
    Ok(Data::new(UserBalance { user_id: user.to_string(), balance }))
}

/// Get an organization's credit balance
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/balance", tag = "balances",
    operation_id = "getOrganizationBalance", params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<OrganizationBalance>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_organization_balance(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<OrganizationBalance>, Failure> {
    let balance = read_balance(&state.core, &actor, Account::Organization(organization)).await?.micros();
    Ok(Data::new(OrganizationBalance { organization_id: organization.to_string(), balance }))
}

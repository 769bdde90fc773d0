//! `/api/v1/users`, `/organizations`, `/api-keys` and what else a client of accounts calls.

pub mod body;
pub mod error;
pub mod page;

mod api_keys;
mod auth;
mod balances;
mod credits;
mod invites;
mod members;
mod metrics;
mod organizations;
mod payments;
mod plans;
mod remote_config;
mod usages;
mod users;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use crate::api::caller::{Caller, Client};
use crate::state::AppState;

/// Its operations.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(users::get_me, users::patch_me, users::delete_me))
        .routes(routes!(users::get_my_remote_config))
        .routes(routes!(users::post_accept_terms))
        .routes(routes!(users::put_active_account))
        .routes(routes!(organizations::post_organization))
        .routes(routes!(
            organizations::get_organization,
            organizations::put_organization,
            organizations::delete_organization_by_id
        ))
        .routes(routes!(remote_config::get_organization_remote_config))
        .routes(routes!(remote_config::get_organization_keys, api_keys::post_organization_key))
        .routes(routes!(remote_config::put_provider_keys))
        .routes(routes!(metrics::get_organization_metrics))
        .routes(routes!(members::list_organization_members, members::delete_organization_members))
        .routes(routes!(members::list_available_roles))
        .routes(routes!(members::put_member_role))
        .routes(routes!(usages::list_usages_of_member))
        .routes(routes!(invites::list_organization_invites, invites::post_organization_invites))
        .routes(routes!(invites::count_organization_invites))
        .routes(routes!(invites::delete_organization_invite))
        .routes(routes!(invites::post_accept_invite))
        .routes(routes!(plans::list_all_plans))
        .routes(routes!(balances::get_user_balance))
        .routes(routes!(balances::get_organization_balance))
        .routes(routes!(credits::post_user_checkout))
        .routes(routes!(credits::post_organization_checkout))
        .routes(routes!(payments::list_user_payments))
        .routes(routes!(payments::get_user_payment))
        .routes(routes!(payments::get_user_payment_status))
        .routes(routes!(payments::get_user_provider_payment))
        .routes(routes!(payments::list_organization_payments))
        .routes(routes!(payments::get_organization_payment))
        .routes(routes!(payments::get_organization_payment_status))
        .routes(routes!(payments::get_organization_provider_payment))
        .routes(routes!(usages::list_user_usages))
        .routes(routes!(usages::list_organization_usages))
        .routes(routes!(api_keys::list_keys, api_keys::post_key))
        .routes(routes!(api_keys::delete_key))
        .routes(routes!(auth::get_authorize))
        .routes(routes!(auth::post_token))
        .routes(routes!(auth::post_external_register))
        .routes(routes!(auth::post_refresh))
}

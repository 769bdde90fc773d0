//! `/api/v1/users`, `/organizations`, `/api-keys` and what else a client of accounts calls.

pub mod body;
pub mod error;
pub mod page;

mod api_keys;
mod auth;
mod balances;
mod credits;
mod organizations;
mod payments;
mod usages;
mod users;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use crate::api::caller::{Caller, Client};
use crate::state::AppState;

/// Its operations.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(users::get_me))
        .routes(routes!(users::post_accept_terms))
        .routes(routes!(users::put_active_account))
        .routes(routes!(organizations::post_organization))
        .routes(routes!(organizations::get_organization))
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
        .routes(routes!(auth::post_refresh))
}

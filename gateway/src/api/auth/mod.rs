//! `/auth/*` and our public keys.

pub mod body;
pub mod error;

mod email;
mod magic_link;
mod me;
mod password;
mod registration;
mod second_factor;
mod session;
mod sessions;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use crate::api::caller::{Caller, Client};
use crate::state::AppState;

/// Its operations.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(registration::post_register))
        .routes(routes!(registration::post_login))
        .routes(routes!(registration::post_refresh))
        .routes(routes!(registration::post_logout))
        .routes(routes!(session::post_session, session::delete_session))
        .routes(routes!(sessions::get_sessions))
        .routes(routes!(sessions::delete_one_session))
        .routes(routes!(sessions::post_step_up))
        .routes(routes!(password::post_forgot))
        .routes(routes!(password::post_reset))
        .routes(routes!(password::put_password))
        .routes(routes!(email::post_verification))
        .routes(routes!(email::post_verify))
        .routes(routes!(email::post_email))
        .routes(routes!(email::post_change))
        .routes(routes!(magic_link::post_magic_link))
        .routes(routes!(magic_link::post_redeem))
        .routes(routes!(
            second_factor::get_second_factor,
            second_factor::post_second_factor,
            second_factor::delete_second_factor
        ))
        .routes(routes!(second_factor::post_confirm))
        .routes(routes!(second_factor::post_recovery_codes))
        .routes(routes!(me::get_me))
        .routes(routes!(me::get_jwks))
}

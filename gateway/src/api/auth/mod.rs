//! `/auth/*` and our public keys.

pub mod body;
pub mod error;

mod me;
mod registration;
mod session;

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
        .routes(routes!(me::get_me))
        .routes(routes!(me::get_jwks))
}

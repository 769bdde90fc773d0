//! `/api/organization`: an organization with its own key, as a host product shows it.

pub mod body;
pub mod error;

mod own_organization;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use crate::api::caller::Caller;
use crate::state::AppState;

/// Its operations.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(own_organization::get_own_organization))
        .routes(routes!(own_organization::post_regenerate_key))
}

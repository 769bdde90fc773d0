//! What payment providers call. Errors are the platform family's: providers read the status only.

pub mod body;

mod stripe;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::state::AppState;

/// Its operations.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(stripe::post_stripe))
}

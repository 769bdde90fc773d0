//! What a host product calls: usage in, meters out, key verification, and the audit log.

pub mod body;
pub mod error;

mod audit_log;
mod events;
mod keys;
mod meters;

use utoipa_axum::{router::OpenApiRouter, routes};

pub use crate::api::caller::{Caller, Client};
use crate::state::AppState;

/// Its operations.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(events::post_events))
        .routes(routes!(meters::get_query))
        .routes(routes!(keys::post_verify))
        .routes(routes!(keys::patch_key))
        .routes(routes!(keys::post_rotate))
        .routes(routes!(audit_log::get_audit_log))
}

//! The end of a person's account.

use axum::{extract::State, response::Response};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, delete_user, read_profile};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::shown;
use crate::{
    pages::{
        mailed::Mailbox,
        said::Said,
        sign_in::without_cookie,
        visitor::{OurForm, Person},
    },
    state::AppState,
};

pub(super) const FORM: &str = "delete";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(delete))
}

/// Deletes the account, once its address was typed.
#[utoipa::path(post, path = "/security/delete", responses((status = 303)), security(()))]
async fn delete(State(state): State<AppState>, person: Person, OurForm(typed): OurForm<Mailbox>) -> Response {
    person.answered(&state, deleted(&state, &person.actor, typed.email).await)
}

async fn deleted(state: &AppState, actor: &Actor, email: String) -> Result<Response> {
    let profile = read_profile(&state.core, actor).await?;
    let outcome = if profile.user.email.folded() == email.trim().to_lowercase() {
        delete_user(&state.core, actor).await
    } else {
        Err(DomainError::invalid("email", "is not the one of this account"))
    };
    match outcome {
        Ok(()) => without_cookie(state, "/sign-in?done=deleted"),
        Err(error) => shown(state, actor, &Said::refused(FORM, error, [("email", email)])?).await,
    }
}

//! Ending the person's sessions.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::SessionId;
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, end_session, list_sessions};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::credentials::Pressed;
use crate::{
    http::codes::ROUTE_NOT_FOUND,
    pages::visitor::{OurForm, Person},
    state::AppState,
};

/// Their routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(end)).routes(routes!(end_others))
}

/// Ends one session.
#[utoipa::path(post, path = "/security/sessions/{sessionId}/end", params(("sessionId" = String, Path)),
    responses((status = 303)), security(()))]
async fn end(
    State(state): State<AppState>,
    person: Person,
    Path(session): Path<String>,
    _: OurForm<Pressed>,
) -> Response {
    person.answered(&state, ended(&state, &person.actor, &session).await)
}

async fn ended(state: &AppState, actor: &Actor, session: &str) -> Result<Response> {
    let session = session.parse::<SessionId>().map_err(|_| DomainError::from(&ROUTE_NOT_FOUND))?;
    end_session(&state.core, actor, session).await?;
    Ok(Redirect::to("/security?done=ended").into_response())
}

/// Ends every session but this one.
#[utoipa::path(post, path = "/security/sessions/end-others", responses((status = 303)), security(()))]
async fn end_others(State(state): State<AppState>, person: Person, _: OurForm<Pressed>) -> Response {
    person.answered(&state, others_ended(&state, &person.actor).await)
}

async fn others_ended(state: &AppState, actor: &Actor) -> Result<Response> {
    for own in list_sessions(&state.core, actor).await?.into_iter().filter(|own| !own.is_this_one) {
        match end_session(&state.core, actor, own.session.id).await {
            // It has ended by itself meanwhile.
            Err(error) if error.is(&bursar_operations::error::SESSION_NOT_FOUND) => {}
            outcome => outcome?,
        }
    }
    Ok(Redirect::to("/security?done=others-ended").into_response())
}

//! The caller's sessions, and proving oneself again in one.

use axum::{Json, extract::State, http::StatusCode};
use bursar_identity::SessionId;
use bursar_kernel::Secret;
use bursar_operations::{OwnSession, end_session, list_sessions, step_up};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::error::Detail;
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure, ids::Ids},
    state::AppState,
};

/// A session that is open.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    /// `ses_…`
    id: String,
    /// `cookie` or `token`
    kind: String,
    /// Whether the request came in it.
    is_current: bool,
    ip: Option<String>,
    user_agent: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<OwnSession> for Session {
    fn from(own: OwnSession) -> Self {
        let session = own.session;
        Self {
            id: session.id.to_string(),
            kind: session.kind.to_string(),
            is_current: own.is_this_one,
            ip: session.ip,
            user_agent: session.user_agent,
            created_at: session.created_at.rfc3339(),
            expires_at: session.expires_at.rfc3339(),
        }
    }
}

/// List the caller's sessions
///
/// Those that are open, newest first.
#[utoipa::path(get, path = "/auth/sessions", tag = "sessions", operation_id = "listSessions",
    responses((status = 200, body = Vec<Session>), (status = "4XX", body = Detail)))]
pub(super) async fn get_sessions(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Json<Vec<Session>>, Failure> {
    let sessions = list_sessions(&state.core, &actor).await?;
    Ok(Json(sessions.into_iter().map(Session::from).collect()))
}

/// End one of the caller's sessions
#[utoipa::path(delete, path = "/auth/sessions/{sessionId}", tag = "sessions", operation_id = "endSession",
    params(("sessionId" = String, Path, description = "`ses_…`")),
    responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn delete_one_session(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((session,)): Ids<(SessionId,)>,
) -> Result<StatusCode, Failure> {
    end_session(&state.core, &actor, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What proves the caller again.
#[derive(Deserialize, ToSchema)]
pub(super) struct Proof {
    password: String,
    /// The code of a second factor, for those who have one.
    totp: Option<String>,
}

/// Prove oneself again in the session that is open
///
/// Deleting, handing over ownership and making keys ask for it when the sign-in is not recent.
#[utoipa::path(post, path = "/auth/step-up", tag = "sessions", operation_id = "stepUp",
    request_body = Proof, responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn post_step_up(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Proof>,
) -> Result<StatusCode, Failure> {
    let code = body.totp.map(Secret::new);
    step_up(&state.core, &actor, Secret::new(body.password), code.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! What keeps a person's account the person's own: its address, its password, its second factor,
//! its sessions, and the end of it all.

mod credentials;
mod deletion;
mod second_factor;
mod sessions;

use askama::Template;
use axum::{extract::State, response::Response};
use bursar_identity::FactorState;
use bursar_kernel::Result;
use bursar_operations::{Actor, OwnSession, list_sessions, read_profile, read_second_factor};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    area::{Area, Place},
    device,
    said::{Done, Said},
    visitor::Person,
    when::When,
};
use crate::{http::query::Query, state::AppState};

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(show))
        .merge(credentials::routes())
        .merge(second_factor::routes())
        .merge(sessions::routes())
        .merge(deletion::routes())
}

#[derive(Template)]
#[template(path = "security.html")]
struct SecurityPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    email: &'a str,
    is_verified: bool,
    new_email: &'a str,
    confirmation: &'a str,
    factor: Factor,
    sessions: Vec<Session>,
    has_others: bool,
}

/// How far the second factor is.
enum Factor {
    Off,
    Pending,
    On { codes_left: u32, since: When },
}

/// A session, for the person to know it again.
struct Session {
    id: String,
    device: String,
    /// Tokens are a program's, a cookie is a browser's.
    is_program: bool,
    ip: Option<String>,
    since: When,
    is_this_one: bool,
}

impl From<OwnSession> for Session {
    fn from(OwnSession { session, is_this_one }: OwnSession) -> Self {
        Self {
            id: session.id.to_string(),
            device: device::in_words(session.user_agent.as_deref()),
            is_program: session.kind == bursar_identity::SessionKind::Token,
            ip: session.ip,
            since: session.created_at.into(),
            is_this_one,
        }
    }
}

/// All of it.
#[utoipa::path(get, path = "/security", responses((status = 200), (status = 303)), security(()))]
async fn show(State(state): State<AppState>, person: Person, Query(done): Query<Done>) -> Response {
    person.answered(&state, shown(&state, &person.actor, &done.into()).await)
}

async fn shown(state: &AppState, actor: &Actor, said: &Said) -> Result<Response> {
    let profile = read_profile(&state.core, actor).await?;
    let factor = match read_second_factor(&state.core, actor).await? {
        FactorState::Off => Factor::Off,
        FactorState::Pending => Factor::Pending,
        FactorState::On { recovery_codes_left, since } => {
            Factor::On { codes_left: recovery_codes_left, since: since.into() }
        }
    };
    let mut sessions: Vec<Session> =
        list_sessions(&state.core, actor).await?.into_iter().map(Session::from).collect();
    // The one that the person is in comes first; the others stay in their order.
    sessions.sort_by_key(|session| !session.is_this_one);
    Ok(said.on(&SecurityPage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Security),
        said,
        email: profile.user.email.as_str(),
        is_verified: profile.user.email_verified_at.is_some(),
        new_email: said.typed(credentials::EMAIL, "email", ""),
        confirmation: said.typed(deletion::FORM, "email", ""),
        factor,
        has_others: sessions.iter().any(|session| !session.is_this_one),
        sessions,
    }))
}

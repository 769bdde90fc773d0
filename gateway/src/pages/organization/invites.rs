//! Who is asked into an organization.

use axum::{
    extract::{Path, State},
    response::Response,
};
use bursar_identity::EmailAddress;
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, InviteTo, create_invites, revoke_invite};
use bursar_orgs_and_membership::{Invite, InviteId, Role, error::INVITE_NOT_FOUND};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Seen, done, shown};
use crate::{
    pages::{
        said::Said,
        visitor::{OurForm, Person},
        when::When,
    },
    state::AppState,
};

pub(super) const FORM: &str = "invite";
const REVOKE: &str = "revoke";

/// Their routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(create)).routes(routes!(revoke))
}

/// An invite in the list.
pub(super) struct InviteRow {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) role: &'static str,
    pub(super) until: When,
    pub(super) may_revoke: bool,
}

impl InviteRow {
    pub(super) fn of(invite: &Invite, assignable: &[Role]) -> Self {
        Self {
            id: invite.id.to_string(),
            email: invite.email.as_str().to_owned(),
            role: invite.role.as_str(),
            until: invite.expires_at.into(),
            may_revoke: assignable.contains(&invite.role),
        }
    }
}

/// Somebody to ask in.
#[derive(Deserialize)]
struct Typed {
    email: String,
    role: String,
}

impl Typed {
    fn person(&self) -> Result<InviteTo> {
        let role = Role::parse(&self.role)
            .ok_or_else(|| DomainError::invalid("role", "must be owner, admin or member"))?;
        Ok(InviteTo { email: EmailAddress::parse(&self.email)?, role })
    }
}

/// Asks somebody in, by mail.
#[utoipa::path(post, path = "/organizations/{orgId}/invites", params(("orgId" = String, Path)),
    responses((status = 303)), security(()))]
async fn create(
    State(state): State<AppState>,
    person: Person,
    Path(organization): Path<String>,
    OurForm(typed): OurForm<Typed>,
) -> Response {
    person.answered(&state, created(&state, &person.actor, &organization, typed).await)
}

async fn created(state: &AppState, actor: &Actor, organization: &str, typed: Typed) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    let outcome = match typed.person() {
        Ok(person) => create_invites(&state.core, actor, seen.organization.id, vec![person]).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(done(&seen, "invited")),
        Err(error) => {
            let kept = [("email", typed.email), ("role", typed.role)];
            shown(state, actor, organization, None, &Said::refused(FORM, error, kept)?).await
        }
    }
}

/// A form that is one button.
#[derive(Deserialize)]
struct Pressed {}

/// Takes an invite back.
#[utoipa::path(post, path = "/organizations/{orgId}/invites/{inviteId}/revoke",
    params(("orgId" = String, Path), ("inviteId" = String, Path)), responses((status = 303)), security(()))]
async fn revoke(
    State(state): State<AppState>,
    person: Person,
    Path((organization, invite)): Path<(String, String)>,
    _: OurForm<Pressed>,
) -> Response {
    person.answered(&state, revoked(&state, &person.actor, &organization, &invite).await)
}

async fn revoked(state: &AppState, actor: &Actor, organization: &str, invite: &str) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    let invite = invite.parse::<InviteId>().map_err(|_| DomainError::from(&INVITE_NOT_FOUND))?;
    match revoke_invite(&state.core, actor, seen.organization.id, invite).await {
        Ok(()) => Ok(done(&seen, "revoked")),
        Err(error) => shown(state, actor, organization, None, &Said::refused(REVOKE, error, [])?).await,
    }
}

//! The members of an organization, and what they are there.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, Member, read_member, remove_members, set_member_role};
use bursar_orgs_and_membership::{MembershipId, Permission, Role, error::MEMBER_NOT_FOUND};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Seen, done, shown};
use crate::{
    pages::{
        area::Area,
        page,
        said::Said,
        visitor::{OurForm, Person},
        when::When,
    },
    state::AppState,
};

const FORM: &str = "member";
/// What a refusal keeps: whom it was about.
const ID: &str = "id";

/// Their routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(set_role)).routes(routes!(confirm, remove))
}

/// Somebody in the list.
pub(super) struct MemberRow {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: &'static str,
    pub(super) since: When,
    pub(super) is_viewer: bool,
    /// The roles that who looks may give this one: none, or more than one to choose of.
    pub(super) roles: Vec<&'static str>,
    pub(super) may_remove: bool,
    /// Whether it is this one of whom something was refused.
    pub(super) is_refused: bool,
}

impl MemberRow {
    pub(super) fn of(member: Member, seen: &Seen, assignable: &[Role], said: &Said) -> Self {
        let (membership, user) = (member.membership, member.user);
        let may_touch = membership.role == Role::Member || seen.may(Permission::ManageAdmins);
        let roles = assignable.iter().filter(|_| may_touch && assignable.len() > 1);
        let id = membership.id.to_string();
        let gone = || ("Deleted account".to_owned(), String::new());
        let (name, email) =
            user.map_or_else(gone, |user| (user.display_name, user.email.as_str().to_owned()));
        Self {
            is_viewer: id == seen.member,
            is_refused: said.typed(FORM, ID, "") == id,
            id,
            name,
            email,
            role: membership.role.as_str(),
            since: membership.created_at.into(),
            roles: roles.map(|role| role.as_str()).collect(),
            may_remove: may_touch,
        }
    }
}

fn member_id(text: &str) -> Result<MembershipId> {
    text.parse().map_err(|_| DomainError::from(&MEMBER_NOT_FOUND))
}

/// A role to give.
#[derive(Deserialize)]
struct NewRole {
    role: String,
}

/// Gives a member another role.
#[utoipa::path(post, path = "/organizations/{orgId}/members/{memberId}/role",
    params(("orgId" = String, Path), ("memberId" = String, Path)), responses((status = 303)), security(()))]
async fn set_role(
    State(state): State<AppState>,
    person: Person,
    Path((organization, member)): Path<(String, String)>,
    OurForm(typed): OurForm<NewRole>,
) -> Response {
    person.answered(&state, role_set(&state, &person.actor, &organization, &member, &typed.role).await)
}

async fn role_set(
    state: &AppState,
    actor: &Actor,
    organization: &str,
    member: &str,
    role: &str,
) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    let id = member_id(member)?;
    let outcome = match Role::parse(role) {
        Some(role) => set_member_role(&state.core, actor, seen.organization.id, id, role).await,
        None => Err(DomainError::invalid("role", "must be owner, admin or member")),
    };
    match outcome {
        Ok(_) => Ok(done(&seen, "role")),
        Err(error) => {
            let said = Said::refused(FORM, error, [(ID, member.to_owned())])?;
            shown(state, actor, organization, None, &said).await
        }
    }
}

#[derive(Template)]
#[template(path = "remove_member.html")]
struct RemovePage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    path: &'a str,
    organization: &'a str,
    member: MemberRow,
}

/// Asks whether a member is to go.
#[utoipa::path(get, path = "/organizations/{orgId}/members/{memberId}/remove",
    params(("orgId" = String, Path), ("memberId" = String, Path)), responses((status = 200)), security(()))]
async fn confirm(
    State(state): State<AppState>,
    person: Person,
    Path((organization, member)): Path<(String, String)>,
) -> Response {
    person.answered(&state, asked(&state, &person.actor, &organization, &member).await)
}

async fn asked(state: &AppState, actor: &Actor, organization: &str, member: &str) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    let member = read_member(&state.core, actor, seen.organization.id, member_id(member)?).await?;
    let said = Said::default();
    let content = RemovePage {
        product_name: &state.config.product_name,
        area: Area::on(&seen.organization),
        said: &said,
        path: &seen.path,
        organization: &seen.organization.name,
        member: MemberRow::of(member, &seen, &[], &said),
    };
    Ok(page(StatusCode::OK, &content))
}

/// A form that is one button.
#[derive(Deserialize)]
struct Pressed {}

/// Takes a member out of the organization.
#[utoipa::path(post, path = "/organizations/{orgId}/members/{memberId}/remove",
    params(("orgId" = String, Path), ("memberId" = String, Path)), responses((status = 303)), security(()))]
async fn remove(
    State(state): State<AppState>,
    person: Person,
    Path((organization, member)): Path<(String, String)>,
    _: OurForm<Pressed>,
) -> Response {
    person.answered(&state, removed(&state, &person.actor, &organization, &member).await)
}

async fn removed(state: &AppState, actor: &Actor, organization: &str, member: &str) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    match remove_members(&state.core, actor, seen.organization.id, &[member_id(member)?]).await {
        // Who took itself out has no page of the organization any more.
        Ok(()) if member == seen.member => Ok(super::left()),
        Ok(()) => Ok(done(&seen, "removed")),
        Err(error) => {
            let said = Said::refused(FORM, error, [(ID, member.to_owned())])?;
            shown(state, actor, organization, None, &said).await
        }
    }
}

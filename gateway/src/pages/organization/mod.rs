//! An organization: who is in it, who is asked in, what it is called, and its end.

mod audit_log;
mod deletion;
mod invites;
mod members;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, OrganizationId, Page, Result};
use bursar_operations::{
    Actor, Seats, UpdateOrganization, assignable_roles, error::ORGANIZATION_NOT_FOUND, list_invites,
    list_members, read_organization, read_profile, read_seats, update_organization,
};
use bursar_orgs_and_membership::{Organization, OrganizationName, Permission, Role, allows};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{invites::InviteRow, members::MemberRow};
use super::{
    area::{Area, path_of},
    said::Said,
    visitor::{OurForm, Person},
};
use crate::{
    http::{
        page::{PageQuery, next_token},
        query::Query,
    },
    state::AppState,
};

const NAME: &str = "name";
/// The most members on one page.
const MEMBERS_SHOWN: u64 = 200;

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(show))
        .routes(routes!(rename))
        .merge(members::routes())
        .merge(invites::routes())
        .merge(audit_log::routes())
        .merge(deletion::routes())
}

/// An organization as one of its members sees it.
struct Seen {
    organization: Organization,
    path: String,
    /// The membership and the role of who looks.
    member: String,
    role: Role,
}

impl Seen {
    /// Reads an organization of the person's. One of others is answered like one that does not
    /// exist, and so is a text that names none.
    async fn by(state: &AppState, actor: &Actor, id: &str) -> Result<Self> {
        let not_found = || DomainError::from(&ORGANIZATION_NOT_FOUND);
        let id = id.parse::<OrganizationId>().map_err(|_| not_found())?;
        let organization = read_organization(&state.core, actor, id).await?;
        let profile = read_profile(&state.core, actor).await?;
        let own = profile.organizations.into_iter().find(|it| it.organization == id).ok_or_else(not_found)?;
        Ok(Self { organization, path: path_of(id), member: own.member.to_string(), role: own.role })
    }

    fn may(&self, permission: Permission) -> bool {
        allows(self.role, permission)
    }
}

#[derive(Template)]
#[template(path = "organization.html")]
struct OrganizationPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    path: &'a str,
    name: &'a str,
    role: &'a str,
    member_count: u64,
    /// What only who runs the organization sees.
    people: Option<People<'a>>,
    /// What its owners do with it.
    is_owner: bool,
    typed_name: &'a str,
}

/// Who is in the organization and who is asked in.
struct People<'a> {
    seats: Seats,
    members: Vec<MemberRow>,
    more: Option<String>,
    invites: Vec<InviteRow>,
    /// The roles that may be given.
    roles: Vec<&'static str>,
    typed_email: &'a str,
    typed_role: &'a str,
}

/// Which members, and what has been done.
#[derive(Default, Deserialize)]
struct Shown {
    done: Option<String>,
    cursor: Option<String>,
}

/// The organization.
#[utoipa::path(get, path = "/organizations/{orgId}", params(("orgId" = String, Path)),
    responses((status = 200), (status = 303), (status = 404)), security(()))]
async fn show(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    Query(query): Query<Shown>,
) -> Response {
    let said = Said::done(query.done.as_deref());
    person.answered(&state, shown(&state, &person.actor, &id, query.cursor, &said).await)
}

async fn shown(
    state: &AppState,
    actor: &Actor,
    id: &str,
    cursor: Option<String>,
    said: &Said,
) -> Result<Response> {
    let seen = Seen::by(state, actor, id).await?;
    let people = if seen.may(Permission::ManageMembers) {
        Some(people(state, actor, &seen, cursor, said).await?)
    } else {
        None
    };
    Ok(said.on(&OrganizationPage {
        product_name: &state.config.product_name,
        area: Area::on(&seen.organization),
        said,
        path: &seen.path,
        name: &seen.organization.name,
        role: seen.role.as_str(),
        member_count: seen.organization.member_count,
        people,
        is_owner: seen.may(Permission::ConfigureOrganization),
        typed_name: said.typed(NAME, "name", &seen.organization.name),
    }))
}

async fn people<'a>(
    state: &AppState,
    actor: &Actor,
    seen: &Seen,
    cursor: Option<String>,
    said: &'a Said,
) -> Result<People<'a>> {
    let id = seen.organization.id;
    let list = format!("members:{id}");
    let after = PageQuery { limit: None, cursor }.page(&state.cursors, &list)?.after();
    let page = Page::new(Some(MEMBERS_SHOWN), after);
    let members = list_members(&state.core, actor, id, page).await?;
    let more = next_token(&state.cursors, &list, members.next);
    let roles = assignable_roles(&state.core, actor, id).await?;
    let invites = list_invites(&state.core, actor, id).await?;
    Ok(People {
        seats: read_seats(&state.core, actor, id).await?,
        members: members.items.into_iter().map(|member| MemberRow::of(member, seen, roles, said)).collect(),
        more,
        invites: invites.into_iter().map(|invite| InviteRow::of(&invite, roles)).collect(),
        roles: roles.iter().map(|role| role.as_str()).collect(),
        typed_email: said.typed(invites::FORM, "email", ""),
        typed_role: said.typed(invites::FORM, "role", Role::Member.as_str()),
    })
}

/// A name that somebody typed.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Gives the organization another name.
#[utoipa::path(post, path = "/organizations/{orgId}/name", params(("orgId" = String, Path)),
    responses((status = 303)), security(()))]
async fn rename(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    OurForm(typed): OurForm<Named>,
) -> Response {
    person.answered(&state, renamed(&state, &person.actor, &id, typed.name).await)
}

async fn renamed(state: &AppState, actor: &Actor, id: &str, name: String) -> Result<Response> {
    let seen = Seen::by(state, actor, id).await?;
    let outcome = match OrganizationName::new(&name) {
        Ok(wanted) => {
            let change = UpdateOrganization { name: Some(wanted), ..UpdateOrganization::default() };
            update_organization(&state.core, actor, seen.organization.id, change).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(done(&seen, "named")),
        Err(error) => shown(state, actor, id, None, &Said::refused(NAME, error, [("name", name)])?).await,
    }
}

/// Back to the organization's page, which says what has been done.
fn done(seen: &Seen, what: &str) -> Response {
    Redirect::to(&format!("{}?done={what}", seen.path)).into_response()
}

/// To the pages of a person who is no member any more.
fn left() -> Response {
    Redirect::to("/account?done=left").into_response()
}

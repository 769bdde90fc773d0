//! The members of an organization.

use axum::{extract::State, http::StatusCode};
use bursar_kernel::{DomainError, OrganizationId};
use bursar_operations::{assignable_roles, list_members, remove_members, set_member_role};
use bursar_orgs_and_membership::{MembershipId, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::Data,
    error::ErrorEnvelope,
    page::{Items, PageQuery},
};
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure, ids::Ids, query::Query},
    state::AppState,
};

/// Somebody in an organization.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    /// `mbr_…`
    member_id: String,
    organization_id: String,
    user_id: String,
    email: String,
    display_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo_url: Option<String>,
    /// One of `owner`, `admin`, `member`.
    roles: [String; 1],
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl From<bursar_operations::Member> for Member {
    fn from(member: bursar_operations::Member) -> Self {
        let (membership, user) = (member.membership, member.user);
        let (email, display_name, photo_url) = user
            .map(|user| (user.email.as_str().to_owned(), user.display_name, user.photo_url))
            .unwrap_or_default();
        Self {
            member_id: membership.id.to_string(),
            organization_id: membership.organization.to_string(),
            user_id: membership.user.to_string(),
            email,
            display_name,
            photo_url,
            roles: [membership.role.to_string()],
            created_at: membership.created_at.rfc3339(),
            updated_at: membership.updated_at.rfc3339(),
        }
    }
}

/// List the members of an organization
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/members", tag = "members", operation_id = "listMembers",
    params(("orgId" = String, Path, description = "`org_…`"), PageQuery),
    responses((status = 200, body = Data<Items<Member>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_organization_members(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Query(query): Query<PageQuery>,
) -> Result<Data<Items<Member>>, Failure> {
    let list = format!("members:{organization}");
    let page = query.page(&state.cursors, &list)?;
    let slice = list_members(&state.core, &actor, organization, page).await?;
    Ok(Data::new(Items::new(&state.cursors, &list, slice, Member::from)))
}

/// Who is to leave.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct MembersToRemove {
    /// 1 to 200 `mbr_…`.
    member_ids: Vec<String>,
}

/// The most that one request names: what one page of the list holds.
const MAX_REMOVED: usize = 200;

/// Remove members from an organization
///
/// All of them or none. Their seats are free at once; what they did stays.
#[utoipa::path(delete, path = "/api/v1/organizations/{orgId}/members", tag = "members", operation_id = "removeMembers",
    params(("orgId" = String, Path, description = "`org_…`")), request_body = MembersToRemove,
    responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn delete_organization_members(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Body(body): Body<MembersToRemove>,
) -> Result<StatusCode, Failure> {
    let wrong = || DomainError::invalid("memberIds", "must be a list of identifiers of members");
    let mut members = Vec::with_capacity(body.member_ids.len());
    for text in &body.member_ids {
        members.push(text.parse::<MembershipId>().map_err(|_| wrong())?);
    }
    members.sort_unstable();
    members.dedup();
    if members.is_empty() || members.len() > MAX_REMOVED {
        let rule = format!("must name 1 to {MAX_REMOVED} members");
        return Err(DomainError::invalid("memberIds", rule).into());
    }
    remove_members(&state.core, &actor, organization, &members).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Roles.
#[derive(Serialize, ToSchema)]
pub(super) struct Roles {
    roles: Vec<String>,
}

/// List the roles that the caller may give
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/members/available-roles", tag = "members",
    operation_id = "listAvailableRoles",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<Roles>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_available_roles(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<Roles>, Failure> {
    let roles = assignable_roles(&state.core, &actor, organization).await?;
    Ok(Data::new(Roles { roles: roles.iter().map(ToString::to_string).collect() }))
}

/// A role to give.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewRole {
    /// `owner`, `admin` or `member`.
    role: String,
}

/// The role behind a word.
pub(super) fn role(word: &str) -> Result<Role, DomainError> {
    Role::parse(word).ok_or_else(|| DomainError::invalid("role", "must be owner, admin or member"))
}

/// Give a member another role
#[utoipa::path(put, path = "/api/v1/organizations/{orgId}/members/{memberId}/role", tag = "members",
    operation_id = "setMemberRole", request_body = NewRole,
    params(("orgId" = String, Path, description = "`org_…`"), ("memberId" = String, Path, description = "`mbr_…`")),
    responses((status = 200, body = Data<Member>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn put_member_role(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization, member)): Ids<(OrganizationId, MembershipId)>,
    Body(body): Body<NewRole>,
) -> Result<Data<Member>, Failure> {
    let role = role(&body.role)?;
    Ok(Data::new(set_member_role(&state.core, &actor, organization, member, role).await?.into()))
}

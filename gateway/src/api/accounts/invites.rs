//! Invites into organizations.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode};
use bursar_identity::EmailAddress;
use bursar_kernel::{DomainError, OrganizationId};
use bursar_operations::{
    AcceptedInvite, InviteTo, accept_invite, count_invites, create_invites, list_invites, revoke_invite,
};
use bursar_orgs_and_membership::InviteId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    body::{Created, Data},
    error::ErrorEnvelope,
    members::role,
    page::Items,
};
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure, ids::Ids},
    state::AppState,
};

/// An invite without its secret: that is in the mailed link alone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invite {
    /// `inv_…`
    id: String,
    organization_id: String,
    email: String,
    role: String,
    /// `pending`
    status: &'static str,
    /// `user_…`
    invited_by: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

impl From<bursar_orgs_and_membership::Invite> for Invite {
    fn from(invite: bursar_orgs_and_membership::Invite) -> Self {
        Self {
            id: invite.id.to_string(),
            organization_id: invite.organization.to_string(),
            email: invite.email.as_str().to_owned(),
            role: invite.role.to_string(),
            status: "pending",
            invited_by: invite.invited_by.to_string(),
            created_at: invite.created_at.rfc3339(),
            expires_at: invite.expires_at.rfc3339(),
        }
    }
}

/// List the pending invites of an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/invites", tag = "invites", operation_id = "listInvites",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<Items<Invite>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn list_organization_invites(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<Items<Invite>>, Failure> {
    let invites = list_invites(&state.core, &actor, organization).await?;
    Ok(Data::new(Items::whole(invites.into_iter().map(Invite::from).collect())))
}

/// People to ask in.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewInvites {
    /// 1 to 50.
    invites: Vec<NewInvite>,
}

/// Somebody to ask in.
#[derive(Deserialize, ToSchema)]
struct NewInvite {
    email: String,
    /// `member`, or what else the caller may give.
    role: String,
}

/// Each sends a mail.
const MAX_INVITES: usize = 50;

impl NewInvites {
    fn people(self) -> Result<Vec<InviteTo>, DomainError> {
        if self.invites.is_empty() || self.invites.len() > MAX_INVITES {
            return Err(DomainError::invalid("invites", format!("must hold 1 to {MAX_INVITES} invites")));
        }
        let mut people = Vec::with_capacity(self.invites.len());
        let mut seen = BTreeSet::new();
        for invite in self.invites {
            let email = EmailAddress::parse(&invite.email)?;
            if !seen.insert(email.folded().to_owned()) {
                return Err(DomainError::invalid("invites", "must not hold an address twice"));
            }
            people.push(InviteTo { role: role(&invite.role)?, email });
        }
        Ok(people)
    }
}

/// Invite people into an organization
///
/// All of them or none. Each gets a link by mail that is good for seven days, and holds a seat
/// meanwhile.
#[utoipa::path(post, path = "/api/v1/organizations/{orgId}/invites", tag = "invites", operation_id = "createInvites",
    params(("orgId" = String, Path, description = "`org_…`")), request_body = NewInvites,
    responses((status = 201, body = Data<Items<Invite>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_organization_invites(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Body(body): Body<NewInvites>,
) -> Result<Created<Items<Invite>>, Failure> {
    let invites = create_invites(&state.core, &actor, organization, body.people()?).await?;
    Ok(Created(Items::whole(invites.into_iter().map(Invite::from).collect())))
}

/// A number.
#[derive(Serialize, ToSchema)]
pub(super) struct Count {
    count: u64,
}

/// Count the pending invites of an organization
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/invites/count", tag = "invites", operation_id = "countInvites",
    params(("orgId" = String, Path, description = "`org_…`")),
    responses((status = 200, body = Data<Count>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn count_organization_invites(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
) -> Result<Data<Count>, Failure> {
    Ok(Data::new(Count { count: count_invites(&state.core, &actor, organization).await? }))
}

/// Take an invite back
#[utoipa::path(delete, path = "/api/v1/organizations/{orgId}/invites/{inviteId}", tag = "invites",
    operation_id = "revokeInvite",
    params(("orgId" = String, Path, description = "`org_…`"), ("inviteId" = String, Path, description = "`inv_…`")),
    responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn delete_organization_invite(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization, invite)): Ids<(OrganizationId, InviteId)>,
) -> Result<StatusCode, Failure> {
    revoke_invite(&state.core, &actor, organization, invite).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An invite to accept.
#[derive(Deserialize, ToSchema)]
pub(super) struct Acceptance {
    /// From the mailed link.
    token: String,
}

/// What was joined.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Joined {
    /// `org_…`
    organization_id: String,
    /// `mbr_…`
    member_id: String,
    /// The organization's.
    name: String,
    roles: [String; 1],
}

impl From<AcceptedInvite> for Joined {
    fn from(accepted: AcceptedInvite) -> Self {
        Self {
            organization_id: accepted.organization.to_string(),
            member_id: accepted.member.to_string(),
            name: accepted.name,
            roles: [accepted.role.to_string()],
        }
    }
}

/// Accept an invite
///
/// It must have been sent to the caller's address. The same caller again gets the same answer.
#[utoipa::path(post, path = "/api/v1/invites/accept", tag = "invites", operation_id = "acceptInvite",
    request_body = Acceptance,
    responses((status = 200, body = Data<Joined>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_accept_invite(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<Acceptance>,
) -> Result<Data<Joined>, Failure> {
    Ok(Data::new(accept_invite(&state.core, &actor, &body.token).await?.into()))
}

use bursar_identity::{Actor, EmailAddress, PersonLock};
use bursar_kernel::{AccountId, DomainError, OrganizationId, Reader, Result, Secret, Tx, UserId};
use bursar_notifications::{Addressed, Letter};
use bursar_orgs_and_membership::{
    Invite, InviteId, InviteState, MembershipId, NewInvite, Organization, Role, assignable,
    error::{
        ALREADY_MEMBER, INVITE_ACCEPTED, INVITE_GONE, INVITE_NOT_FOUND, INVITE_OTHER_EMAIL,
        ORGANIZATION_NOT_FOUND,
    },
};
use serde_json::json;

use super::seats::check_seats;
use crate::{
    audited::Audited,
    authorize::{admit, lock_person, on_organization, recently_proved},
    core::Core,
    error,
    operation::Operation,
};

/// Somebody to ask into an organization.
pub struct InviteTo {
    /// Where the invite is mailed; only who has this address can accept it.
    pub email: EmailAddress,
    /// What it will be there.
    pub role: Role,
}

/// The invites of an organization that are not yet answered, newest first.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` for a plain member.
pub async fn list_invites(core: &Core, actor: &Actor, organization: OrganizationId) -> Result<Vec<Invite>> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ListInvites, organization).await?;
    core.invites.pending(reader, organization).await
}

/// How many they are.
///
/// # Errors
/// As [`list_invites`].
pub async fn count_invites(core: &Core, actor: &Actor, organization: OrganizationId) -> Result<u64> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ListInvites, organization).await?;
    core.invites.pending_count(reader, organization).await
}

/// Asks people into an organization by mail, all of them or none. Each pending invite holds a seat.
///
/// # Errors
/// `insufficient_permissions` for a role that is not the caller's to give; `already_member`;
/// `invite_pending`; `no_seats_available`; `recent_sign_in_required` to ask an owner in;
/// `too_many_tries` when an address would get too much mail.
pub async fn create_invites(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    people: Vec<InviteTo>,
) -> Result<Vec<Invite>> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::CreateInvites, organization).await?;
    let known = core.organizations.lock(&mut tx, organization).await?;
    let (account, own) =
        on_organization(core, tx.reader(), actor, Operation::CreateInvites, organization).await?;
    let own = own.ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    if people.iter().any(|person| !assignable(own.role).contains(&person.role)) {
        return Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS));
    }
    if people.iter().any(|person| person.role == Role::Owner) {
        recently_proved(core, actor)?;
    }
    for person in &people {
        core.sign_in_limits.check_mail(None, person.email.folded())?;
    }
    let inviter = core.users.by_id(tx.reader(), own.user).await?;
    let inviter = inviter.map(|user| user.display_name).unwrap_or_default();
    check_seats(core, tx.reader(), organization, people.len() as u64).await?;
    let mut invites = Vec::with_capacity(people.len());
    for InviteTo { email, role } in people {
        if let Some(user) = core.users.by_email(tx.reader(), &email).await?
            && core.members.of(tx.reader(), organization, user.id).await?.is_some()
        {
            return Err(DomainError::from(&ALREADY_MEMBER).param("field", "email"));
        }
        let new = NewInvite {
            email: email.as_str().to_owned(),
            email_folded: email.folded().to_owned(),
            role,
            invited_by: own.user,
        };
        let (invite, token) = core.invites.create(&mut tx, organization, new).await?;
        mail(core, &mut tx, &known, &inviter, &invite, &token).await?;
        invites.push(invite);
    }
    let told: Vec<_> = invites
        .iter()
        .map(|invite| json!({ "inviteId": invite.id.to_string(), "role": invite.role.as_str() }))
        .collect();
    Audited::by(actor)
        .write(
            &mut tx,
            Operation::CreateInvites,
            account.id(),
            organization,
            Some(json!({ "invites": told }).to_string()),
        )
        .await?;
    tx.commit().await?;
    Ok(invites)
}

async fn mail(
    core: &Core,
    tx: &mut Tx,
    organization: &Organization,
    inviter: &str,
    invite: &Invite,
    token: &Secret<String>,
) -> Result<()> {
    let letter = Letter::Invite {
        organization: organization.name.clone(),
        inviter: inviter.to_owned(),
        link: core.links.accept_invite(token),
        expires_at: invite.expires_at,
        role: invite.role.to_string(),
    };
    let to = Addressed { to: invite.email.as_str().to_owned(), name: None, letter };
    core.mail.send(tx, Some(AccountId::from_uuid(organization.id.uuid())), &to).await
}

/// Takes an invite back: its link is good for nothing, and its seat is free.
///
/// # Errors
/// `invite_not_found`; `invite_accepted`; `invite_gone` for one that was revoked or has expired.
pub async fn revoke_invite(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    invite: InviteId,
) -> Result<()> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::RevokeInvite, organization).await?;
    core.organizations.lock(&mut tx, organization).await?;
    let (account, own) =
        on_organization(core, tx.reader(), actor, Operation::RevokeInvite, organization).await?;
    let own = own.ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let known = core.invites.by_id(tx.reader(), organization, invite).await?;
    let known = known.ok_or_else(|| DomainError::from(&INVITE_NOT_FOUND))?;
    match known.state {
        InviteState::Accepted { .. } => return Err(DomainError::from(&INVITE_ACCEPTED)),
        InviteState::Revoked | InviteState::Expired => return Err(DomainError::from(&INVITE_GONE)),
        InviteState::Pending => {}
    }
    if !assignable(own.role).contains(&known.role) {
        return Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS));
    }
    core.invites.revoke(&mut tx, organization, invite).await?;
    Audited::by(actor).write(&mut tx, Operation::RevokeInvite, account.id(), invite, None).await?;
    tx.commit().await
}

/// What somebody joined by an invite.
pub struct AcceptedInvite {
    /// The organization.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The membership.
    pub member: MembershipId,
    /// What the person is there.
    pub role: Role,
}

/// Joins the organization whose invite the caller was sent. The same person again gets the same
/// answer.
///
/// # Errors
/// `invite_not_found`; `invite_gone`; `invite_other_email` when it was sent to somebody else.
pub async fn accept_invite(core: &Core, actor: &Actor, token: &str) -> Result<AcceptedInvite> {
    admit(actor, Operation::AcceptInvite)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut tx = core.db.begin().await?;
    let not_found = || DomainError::from(&INVITE_NOT_FOUND);
    let shown = core.invites.by_token(tx.reader(), token).await?.ok_or_else(not_found)?;
    let person = lock_person(core, &mut tx, user, PersonLock::Stays, &error::NOT_AUTHENTICATED).await?;
    let organization = match core.organizations.lock(&mut tx, shown.organization).await {
        Err(error) if error.is(&ORGANIZATION_NOT_FOUND) => return Err(not_found()),
        locked => locked?,
    };
    // Read again under the lock: of many that accept at once, the first has changed it.
    let invite = core.invites.by_id(tx.reader(), organization.id, shown.id).await?.ok_or_else(not_found)?;
    if let Some(joined) = joined_before(core, tx.reader(), &organization, &invite, user).await? {
        return Ok(joined);
    }
    if invite.state != InviteState::Pending {
        return Err(DomainError::from(&INVITE_GONE));
    }
    if person.email.folded() != invite.email.folded() {
        return Err(DomainError::from(&INVITE_OTHER_EMAIL));
    }
    // An invite is as good as who sent it: one who has left, or is less by now, lets nobody in.
    let inviter = core.members.of(tx.reader(), organization.id, invite.invited_by).await?;
    if !inviter.is_some_and(|inviter| assignable(inviter.role).contains(&invite.role)) {
        return Err(DomainError::from(&INVITE_GONE));
    }
    let membership = match core.members.of(tx.reader(), organization.id, user).await? {
        // Joined in another way meanwhile: the invite is used up and gives nothing more.
        Some(membership) => membership,
        None => core.members.add(&mut tx, organization.id, user, invite.role).await?,
    };
    if !core.invites.accept(&mut tx, &invite, user, membership.id).await? {
        return Err(DomainError::from(&INVITE_GONE));
    }
    // The link came by mail: whoever follows it reads that mailbox.
    core.users.verify_email(&mut tx, user, &person.email).await?;
    let after = json!({ "inviteId": invite.id.to_string(), "userId": user.to_string(), "role": membership.role.as_str() });
    Audited::by(actor)
        .write(
            &mut tx,
            Operation::AcceptInvite,
            AccountId::from_uuid(organization.id.uuid()),
            membership.id,
            Some(after.to_string()),
        )
        .await?;
    tx.commit().await?;
    Ok(AcceptedInvite {
        organization: organization.id,
        name: organization.name,
        member: membership.id,
        role: membership.role,
    })
}

/// What the same person was answered before, while it is still a member.
async fn joined_before(
    core: &Core,
    reader: Reader<'_>,
    organization: &Organization,
    invite: &Invite,
    user: UserId,
) -> Result<Option<AcceptedInvite>> {
    let InviteState::Accepted { member, user: accepted_by, .. } = invite.state else { return Ok(None) };
    if accepted_by != user {
        return Err(DomainError::from(&INVITE_OTHER_EMAIL));
    }
    let membership = core.members.by_id(reader, organization.id, member).await?;
    Ok(membership.map(|membership| AcceptedInvite {
        organization: organization.id,
        name: organization.name.clone(),
        member: membership.id,
        role: membership.role,
    }))
}

/// What an invite is about.
pub struct PeekedInvite {
    /// The invite.
    pub invite: Invite,
    /// What the organization is called.
    pub organization: String,
    /// Who asks; nothing when the person has been deleted.
    pub inviter: Option<String>,
}

/// What an invite is about, for the page behind its link: who has the link was sent it by mail.
///
/// # Errors
/// `invite_not_found`; `invite_gone`; `invite_accepted`.
pub async fn peek_invite(core: &Core, token: &str) -> Result<PeekedInvite> {
    let reader = core.db.reader();
    let not_found = || DomainError::from(&INVITE_NOT_FOUND);
    let invite = core.invites.by_token(reader, token).await?.ok_or_else(not_found)?;
    match invite.state {
        InviteState::Pending => {}
        InviteState::Accepted { .. } => return Err(DomainError::from(&INVITE_ACCEPTED)),
        InviteState::Revoked | InviteState::Expired => return Err(DomainError::from(&INVITE_GONE)),
    }
    let organization = core.organizations.by_id(reader, invite.organization).await?.ok_or_else(not_found)?;
    let inviter = core.users.by_id(reader, invite.invited_by).await?.map(|user| user.display_name);
    Ok(PeekedInvite { invite, organization: organization.name, inviter })
}

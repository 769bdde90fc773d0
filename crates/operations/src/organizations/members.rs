use std::collections::BTreeMap;

use bursar_identity::{Actor, User};
use bursar_kernel::{DomainError, OrganizationId, Page, Result, Slice, UserId};
use bursar_orgs_and_membership::{
    Membership, MembershipId, Permission, Role, allows, assignable, error::MEMBER_NOT_FOUND,
};
use serde_json::json;

use crate::{
    audited::Audited,
    authorize::{on_organization, recently_proved},
    core::Core,
    error,
    operation::Operation,
};

/// Somebody in an organization.
pub struct Member {
    /// Its membership.
    pub membership: Membership,
    /// Who it is; nothing when the person has been deleted.
    pub user: Option<User>,
}

/// The members of an organization, newest first.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` for a plain member.
pub async fn list_members(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    page: Page,
) -> Result<Slice<Member>> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ListMembers, organization).await?;
    let members = core.members.list(reader, organization, page).await?;
    let users: Vec<UserId> = members.items.iter().map(|membership| membership.user).collect();
    let people = core.users.by_ids(reader, &users).await?;
    let mut people: BTreeMap<UserId, User> = people.into_iter().map(|user| (user.id, user)).collect();
    Ok(members.map(|membership| Member { user: people.remove(&membership.user), membership }))
}

/// One member of an organization.
///
/// # Errors
/// As [`list_members`]; `member_not_found`.
pub async fn read_member(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    member: MembershipId,
) -> Result<Member> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ListMembers, organization).await?;
    let membership = core.members.by_id(reader, organization, member).await?;
    let membership = membership.ok_or_else(|| DomainError::from(&MEMBER_NOT_FOUND))?;
    let user = core.users.by_id(reader, membership.user).await?;
    Ok(Member { membership, user })
}

/// The roles that the caller may give in an organization.
///
/// # Errors
/// As [`list_members`].
pub async fn assignable_roles(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<&'static [Role]> {
    let reader = core.db.reader();
    let (_, own) = on_organization(core, reader, actor, Operation::ListAssignableRoles, organization).await?;
    Ok(own.map_or(&[], |own| assignable(own.role)))
}

/// Takes people out of an organization, all of them or none: their seats are free, what they did
/// stays.
///
/// # Errors
/// `member_not_found`; `insufficient_permissions` for an admin who would remove an admin or an
/// owner; `last_owner`.
pub async fn remove_members(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    members: &[MembershipId],
) -> Result<()> {
    let mut tx = core.db.begin().await?;
    // Locked before it is asked who the caller is there: it may be removed at this moment.
    on_organization(core, tx.reader(), actor, Operation::RemoveMembers, organization).await?;
    core.organizations.lock(&mut tx, organization).await?;
    let (account, own) =
        on_organization(core, tx.reader(), actor, Operation::RemoveMembers, organization).await?;
    let own = own.ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let known = core.members.by_ids(tx.reader(), organization, members).await?;
    for membership in &known {
        may_touch(&own, membership)?;
    }
    let removed = core.members.remove(&mut tx, organization, members).await?;
    for membership in &removed {
        // An outside issuer that still vouches for them does not bring them back.
        for identity in core.external_identities.of_user(tx.reader(), membership.user).await? {
            core.external_organizations.first_admission(&mut tx, organization, &identity.digest).await?;
        }
    }
    let told: Vec<_> = removed
        .iter()
        .map(|it| json!({ "memberId": it.id.to_string(), "userId": it.user.to_string(), "role": it.role.as_str() }))
        .collect();
    Audited::by(actor)
        .before(&json!({ "members": told }))
        .write(&mut tx, Operation::RemoveMembers, account.id(), organization, None)
        .await?;
    tx.commit().await
}

/// Gives a member another role.
///
/// # Errors
/// `member_not_found`; `insufficient_permissions` for a role that is not the caller's to give or
/// to take; `last_owner`; `recent_sign_in_required` to make somebody an owner.
pub async fn set_member_role(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    member: MembershipId,
    role: Role,
) -> Result<Member> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::SetMemberRole, organization).await?;
    core.organizations.lock(&mut tx, organization).await?;
    let (account, own) =
        on_organization(core, tx.reader(), actor, Operation::SetMemberRole, organization).await?;
    let own = own.ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let known = core.members.by_id(tx.reader(), organization, member).await?;
    let known = known.ok_or_else(|| DomainError::from(&MEMBER_NOT_FOUND))?;
    may_touch(&own, &known)?;
    if !assignable(own.role).contains(&role) {
        return Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS));
    }
    if role == Role::Owner && known.role != Role::Owner {
        recently_proved(core, actor)?;
    }
    let changed = core.members.set_role(&mut tx, &known, role).await?;
    let user = core.users.by_id(tx.reader(), changed.user).await?;
    Audited::by(actor)
        .before(&json!({ "role": known.role.as_str() }))
        .write(
            &mut tx,
            Operation::SetMemberRole,
            account.id(),
            member,
            Some(json!({ "role": role.as_str() }).to_string()),
        )
        .await?;
    tx.commit().await?;
    Ok(Member { membership: changed, user })
}

/// Admins and owners are touched by owners alone.
fn may_touch(own: &Membership, other: &Membership) -> Result<()> {
    if other.role == Role::Member || allows(own.role, Permission::ManageAdmins) {
        Ok(())
    } else {
        Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS))
    }
}

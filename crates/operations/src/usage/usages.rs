use std::collections::{BTreeMap, BTreeSet};

use bursar_identity::{Actor, User};
use bursar_kernel::{
    Account, DomainError, OrganizationId, Page, Reader, Result, Slice, UnixTimestamp, UserId,
};
use bursar_orgs_and_membership::{MembershipId, Permission, allows, error::MEMBER_NOT_FOUND};
use bursar_usage_metering::{UsageFilter, UsageRow};

use crate::{
    authorize::{on_account, on_organization},
    core::Core,
    error,
    operation::Operation,
};

/// The usage of an account, newest first.
///
/// # Errors
/// `organization_not_found` for an unknown one and for one of which the caller is no member;
/// `forbidden` for another person's account; `insufficient_permissions` for a role that may not.
pub async fn list_usages(
    core: &Core,
    actor: &Actor,
    account: Account,
    filter: UsageFilter,
    page: Page,
) -> Result<Slice<UsageRow>> {
    let reader = core.db.reader();
    let account = on_account(core, reader, actor, Operation::ReadUsages, account).await?;
    core.usage_events.list(reader, account.id(), filter, page).await
}

/// Which usage of an organization.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrganizationUsageFilter {
    /// Only this member's doing.
    pub member: Option<MembershipId>,
    /// Received at this instant or later.
    pub from: Option<UnixTimestamp>,
    /// Received before this instant.
    pub to: Option<UnixTimestamp>,
}

/// One metered call of an organization.
pub struct UsageOfMember {
    /// The call.
    pub row: UsageRow,
    /// Whose doing it was, if it was a person's.
    pub user: Option<User>,
}

/// The usage of an organization by all of its members, newest first.
///
/// # Errors
/// As [`list_usages`]; `member_not_found`.
pub async fn list_organization_usages(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    filter: OrganizationUsageFilter,
    page: Page,
) -> Result<Slice<UsageOfMember>> {
    let reader = core.db.reader();
    let (account, _) = on_organization(core, reader, actor, Operation::ReadUsages, organization).await?;
    let user = match filter.member {
        Some(member) => {
            let membership = core.members.by_id(reader, organization, member).await?;
            Some(membership.ok_or_else(|| DomainError::from(&MEMBER_NOT_FOUND))?.user)
        }
        None => None,
    };
    let filter = UsageFilter { user, from: filter.from, to: filter.to };
    of_members(core, reader, account, filter, page).await
}

/// What one member of an organization used, newest first. A member may read its own.
///
/// # Errors
/// As [`list_usages`]; `member_not_found`.
pub async fn list_member_usages(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    member: MembershipId,
    page: Page,
) -> Result<Slice<UsageOfMember>> {
    let reader = core.db.reader();
    let (account, own) =
        on_organization(core, reader, actor, Operation::ReadMemberUsages, organization).await?;
    // A key that is the organization's own has no role, and has been asked for its scope.
    if own.is_some_and(|own| own.id != member && !allows(own.role, Permission::ViewAllUsage)) {
        return Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS));
    }
    let membership = core.members.by_id(reader, organization, member).await?;
    let user = membership.ok_or_else(|| DomainError::from(&MEMBER_NOT_FOUND))?.user;
    let filter = UsageFilter { user: Some(user), ..UsageFilter::default() };
    of_members(core, reader, account, filter, page).await
}

async fn of_members(
    core: &Core,
    reader: Reader<'_>,
    account: Account,
    filter: UsageFilter,
    page: Page,
) -> Result<Slice<UsageOfMember>> {
    let rows = core.usage_events.list(reader, account.id(), filter, page).await?;
    let users: BTreeSet<UserId> = rows.items.iter().filter_map(|row| row.user).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let people = super::people_of(core, reader, account, &users).await?;
    let people: BTreeMap<UserId, User> = people.into_iter().map(|user| (user.id, user)).collect();
    Ok(rows.map(|row| UsageOfMember { user: row.user.and_then(|user| people.get(&user).cloned()), row }))
}

use std::collections::{BTreeMap, BTreeSet};

use bursar_identity::{Actor, User};
use bursar_kernel::{Account, DomainError, OrganizationId, Page, Result, Slice, UnixTimestamp, UserId};
use bursar_orgs_and_membership::{MembershipId, error::MEMBER_NOT_FOUND};
use bursar_usage_metering::{UsageFilter, UsageRow};

use crate::{
    authorize::{on_account, on_organization},
    core::Core,
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
    let rows = core.usage_events.list(reader, account.id(), filter, page).await?;
    let users: BTreeSet<UserId> = rows.items.iter().filter_map(|row| row.user).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let people = core.users.by_ids(reader, &users).await?;
    let people: BTreeMap<UserId, User> = people.into_iter().map(|user| (user.id, user)).collect();
    Ok(rows.map(|row| UsageOfMember { user: row.user.and_then(|user| people.get(&user).cloned()), row }))
}

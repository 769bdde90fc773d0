use bursar_identity::Actor;
use bursar_kernel::{Account, OrganizationId, Reader, Result};
use bursar_plans_and_contracts::{Limit, check_room};

use crate::{authorize::on_organization, core::Core, operation::Operation};

/// The seats of an organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// Those that members and pending invites hold.
    pub used: u64,
    /// How many there are; absent where there is no limit.
    pub in_all: Option<u64>,
}

/// How many seats an organization has, and how many are taken.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` for a plain member.
pub async fn read_seats(core: &Core, actor: &Actor, organization: OrganizationId) -> Result<Seats> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ListMembers, organization).await?;
    let (used, limit) = count(core, reader, organization).await?;
    let in_all = match limit {
        Limit::AtMost(most) => Some(most),
        Limit::Unlimited => None,
    };
    Ok(Seats { used, in_all })
}

/// Whether so many more people fit: each member holds a seat, and each pending invite one. The
/// organization is locked by the caller, so that two who ask at once do not get the same seat.
///
/// # Errors
/// `no_seats_available`.
pub(crate) async fn check_seats(
    core: &Core,
    reader: Reader<'_>,
    organization: OrganizationId,
    wanted: u64,
) -> Result<()> {
    let (used, limit) = count(core, reader, organization).await?;
    check_room(limit, used, wanted)
}

async fn count(core: &Core, reader: Reader<'_>, organization: OrganizationId) -> Result<(u64, Limit)> {
    let members = core.members.count(reader, organization).await?;
    let invited = core.invites.pending_count(reader, organization).await?;
    let plan = core.account_plans.of(reader, Account::Organization(organization).id()).await?;
    Ok((members + invited, plan.seats_in_all()))
}

//! What was used: rows and meters.

mod meter;
mod usages;

use bursar_identity::User;
use bursar_kernel::{Account, Reader, Result, UserId};

use crate::core::Core;

pub use meter::{QueryMeter, query_meter};
pub use usages::{
    OrganizationUsageFilter, UsageOfMember, list_member_usages, list_organization_usages, list_usages,
};

/// Those of the users who are the account's: an event may name anybody, and an organization is told
/// of its members alone.
pub(crate) async fn people_of(
    core: &Core,
    reader: Reader<'_>,
    account: Account,
    users: &[UserId],
) -> Result<Vec<User>> {
    let own: Vec<UserId> = match account {
        Account::Personal(owner) => users.iter().copied().filter(|user| *user == owner).collect(),
        Account::Organization(organization) => {
            let members = core.members.by_users(reader, organization, users).await?;
            members.into_iter().map(|membership| membership.user).collect()
        }
    };
    core.users.by_ids(reader, &own).await
}

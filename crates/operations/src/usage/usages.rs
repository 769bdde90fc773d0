use bursar_identity::Actor;
use bursar_kernel::{Account, Page, Result, Slice};
use bursar_usage_metering::{UsageFilter, UsageRow};

use crate::{authorize::on_account, core::Core, operation::Operation};

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

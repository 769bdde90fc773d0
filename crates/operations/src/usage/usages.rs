use bursar_identity::Actor;
use bursar_kernel::{Account, Page, Result, Slice};
use bursar_usage_metering::{UsageFilter, UsageRow};

use crate::{authorize::on_account, core::Core, operation::Operation};

/// The usage of an account, newest first.
///
/// # Errors
/// As [`on_account`].
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

use bursar_identity::Actor;
use bursar_kernel::{Account, Amount, Result};

use crate::{authorize::on_account, core::Core, operation::Operation};

/// What is left in an account. It can be below nothing: work that was done is charged in full.
///
/// # Errors
/// `organization_not_found` for an unknown one and for one of which the caller is no member;
/// `forbidden` for another person's account; `insufficient_permissions` for a role that may not.
pub async fn read_balance(core: &Core, actor: &Actor, account: Account) -> Result<Amount> {
    let reader = core.db.reader();
    let account = on_account(core, reader, actor, Operation::ReadBalance, account).await?;
    Ok(core.ledger.book(reader, account.id()).await?.map_or(Amount::ZERO, |book| book.balance))
}

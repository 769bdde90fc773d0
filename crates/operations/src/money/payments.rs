use bursar_billing_ledger::{Payment, PaymentId};
use bursar_identity::Actor;
use bursar_kernel::{Account, DomainError, Page, Result, Slice};

use crate::{authorize::on_account, core::Core, error, operation::Operation};

/// The payments of an account that were paid, newest first.
///
/// # Errors
/// `organization_not_found` for an unknown one and for one of which the caller is no member;
/// `forbidden` for another person's account; `insufficient_permissions` for a role that may not.
pub async fn list_payments(
    core: &Core,
    actor: &Actor,
    account: Account,
    page: Page,
) -> Result<Slice<Payment>> {
    let reader = core.db.reader();
    let account = on_account(core, reader, actor, Operation::ReadPayments, account).await?;
    core.payments.paid(reader, account.id(), page).await
}

/// One payment of an account, in whatever state.
///
/// # Errors
/// `payment_not_found` for an unknown one and one of another account.
pub async fn read_payment(
    core: &Core,
    actor: &Actor,
    account: Account,
    payment: PaymentId,
) -> Result<Payment> {
    let reader = core.db.reader();
    let account = on_account(core, reader, actor, Operation::ReadPayments, account).await?;
    core.payments
        .by_id(reader, account.id(), payment)
        .await?
        .ok_or_else(|| DomainError::from(&error::PAYMENT_NOT_FOUND))
}

/// One payment of an account, by the provider's identifier or ours.
///
/// # Errors
/// As [`read_payment`].
pub async fn read_payment_by_reference(
    core: &Core,
    actor: &Actor,
    account: Account,
    reference: &str,
) -> Result<Payment> {
    let reader = core.db.reader();
    let account = on_account(core, reader, actor, Operation::ReadPayments, account).await?;
    core.payments
        .by_reference(reader, account.id(), reference)
        .await?
        .ok_or_else(|| DomainError::from(&error::PAYMENT_NOT_FOUND))
}

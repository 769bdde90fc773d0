use bursar_kernel::{
    Account, AccountId, Amount, DomainError, Page, Reader, Result, Slice, Tx, UnixTimestamp, UserId,
};

use crate::{card::CardSummary, provider::ProviderName};

bursar_kernel::typed_id!(
    /// A payment.
    PaymentId, "pay");

bursar_kernel::text_enum! {
    /// What made somebody pay.
    pub enum PaymentKind {
        /// A checkout page of the provider.
        Checkout = "checkout",
        /// A purchase with a stored card.
        DirectPurchase = "direct_purchase",
        /// A balance that fell below its threshold.
        AutoTopUp = "auto_top_up",
        /// A plan.
        Subscription = "subscription",
    }
}

bursar_kernel::text_enum! {
    /// How far a payment is.
    pub enum PaymentStatus {
        /// Nobody has paid yet.
        Pending = "pending",
        /// The provider has the money on its way.
        Processing = "processing",
        /// Paid. Final, but for a refund.
        Succeeded = "succeeded",
        /// An attempt was refused. While the provider's page is open another may still succeed.
        Failed = "failed",
        /// The provider's page was closed unpaid.
        Canceled = "canceled",
        /// Paid, and paid back.
        Refunded = "refunded",
    }
}

impl PaymentStatus {
    /// The states that give way to this one.
    ///
    /// Webhooks arrive in any order, so states only ever move up one ladder: attempts, then the
    /// end of the page, then the money. Whatever the order in which the same events come, the
    /// payment ends in the same state.
    #[must_use]
    pub const fn reached_from(self) -> &'static [Self] {
        use PaymentStatus::{Canceled, Failed, Pending, Processing, Succeeded};
        match self {
            Self::Pending => &[],
            Self::Processing => &[Pending],
            Self::Failed => &[Pending, Processing],
            Self::Canceled => &[Pending, Processing, Failed],
            Self::Succeeded => &[Pending, Processing, Failed, Canceled],
            Self::Refunded => &[Succeeded],
        }
    }
}

/// The only currency that balances are kept in.
pub const CURRENCY: &str = "usd";

/// An amount that credits may be bought for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditPurchase {
    amount_cents: i64,
    credits: Amount,
}

impl CreditPurchase {
    /// The least that can be bought: below it the provider's fee eats the payment.
    pub const MIN_CENTS: i64 = 500;
    /// The most that can be bought at once: a bound on one stolen card.
    pub const MAX_CENTS: i64 = 100_000;

    /// Credits for whole US cents: one cent buys 10 000 micro-USD.
    ///
    /// # Errors
    /// `invalid_field` outside 500–100 000.
    pub fn new(amount_cents: i64) -> Result<Self> {
        if !(Self::MIN_CENTS..=Self::MAX_CENTS).contains(&amount_cents) {
            return Err(DomainError::invalid(
                "amountCents",
                format_args!("must be a whole number from {} to {}", Self::MIN_CENTS, Self::MAX_CENTS),
            ));
        }
        Ok(Self { amount_cents, credits: Amount::from_cents(amount_cents)? })
    }

    /// What is paid.
    #[must_use]
    pub const fn amount_cents(self) -> i64 {
        self.amount_cents
    }

    /// What is bought.
    #[must_use]
    pub const fn credits(self) -> Amount {
        self.credits
    }
}

/// Money that somebody pays, or tried to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Ours.
    pub id: PaymentId,
    /// Whose balance it is for.
    pub account: Account,
    /// Who started it.
    pub creator: UserId,
    /// What for.
    pub kind: PaymentKind,
    /// How far it is.
    pub status: PaymentStatus,
    /// What is paid, in cents.
    pub amount_cents: i64,
    /// Always [`CURRENCY`].
    pub currency: String,
    /// What the balance gains when it is paid.
    pub credits: Amount,
    /// Through whom.
    pub provider: ProviderName,
    /// The provider's checkout session, once it is open.
    pub provider_session_id: Option<String>,
    /// The provider's payment, once it is paid.
    pub provider_payment_id: Option<String>,
    /// Where the provider shows a receipt.
    pub receipt_url: Option<String>,
    /// Why the first refused attempt was refused, in the provider's word.
    pub failure_reason: Option<String>,
    /// What it was paid with.
    pub card: Option<CardSummary>,
    /// When it was started.
    pub created_at: UnixTimestamp,
    /// When we learned that it was paid.
    pub paid_at: Option<UnixTimestamp>,
}

/// A payment to start.
#[derive(Clone, Copy, Debug)]
pub struct NewPayment {
    /// Whose balance it is for.
    pub account: Account,
    /// Who starts it.
    pub creator: UserId,
    /// What for.
    pub kind: PaymentKind,
    /// How much.
    pub purchase: CreditPurchase,
    /// Through whom.
    pub provider: ProviderName,
}

/// What the provider says became of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PaymentOutcome {
    /// It was paid.
    Succeeded {
        /// The provider's payment.
        provider_payment_id: String,
        /// With what.
        card: Option<CardSummary>,
        /// Where the provider shows a receipt.
        receipt_url: Option<String>,
    },
    /// An attempt was refused.
    Failed {
        /// Why, in the provider's word.
        reason: String,
    },
    /// The page was closed unpaid.
    Canceled,
}

impl PaymentOutcome {
    /// The state that it leads to.
    #[must_use]
    pub const fn status(&self) -> PaymentStatus {
        match self {
            Self::Succeeded { .. } => PaymentStatus::Succeeded,
            Self::Failed { .. } => PaymentStatus::Failed,
            Self::Canceled => PaymentStatus::Canceled,
        }
    }
}

/// The payments of all accounts.
#[async_trait::async_trait]
pub trait Payments: Send + Sync {
    /// Starts a payment: one row, `pending`.
    async fn create(&self, tx: &mut Tx, payment: NewPayment) -> Result<Payment>;

    /// Notes the provider's session of a payment: one row. Noting the same again changes nothing.
    ///
    /// # Errors
    /// `internal` for an unknown payment, or one that has another session already.
    async fn session(
        &self,
        tx: &mut Tx,
        account: AccountId,
        payment: PaymentId,
        session_id: &str,
    ) -> Result<()>;

    /// The account's payment of this id.
    async fn by_id(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        payment: PaymentId,
    ) -> Result<Option<Payment>>;

    /// The account's payment of this name: the provider's payment, its session, or our id.
    async fn by_reference(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        reference: &str,
    ) -> Result<Option<Payment>>;

    /// The account's payments that were paid, newest paid first.
    async fn paid(&self, reader: Reader<'_>, account: AccountId, page: Page) -> Result<Slice<Payment>>;

    /// The payment behind a provider's session, locked until the transaction ends: settling waits
    /// for settling.
    async fn lock_by_session(
        &self,
        tx: &mut Tx,
        provider: ProviderName,
        session_id: &str,
    ) -> Result<Option<Payment>>;

    /// Moves a payment to what became of it: one row, or none and `None` when its state does not
    /// give way ([`PaymentStatus::reached_from`]). `Some` with `succeeded` comes once in a
    /// payment's life, so what it pays for is granted in the same transaction, once.
    async fn settle(
        &self,
        tx: &mut Tx,
        payment: &Payment,
        outcome: PaymentOutcome,
    ) -> Result<Option<Payment>>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_taken_up_to_both_edges_and_not_beyond() {
        for cents in [i64::MIN, -500, 0, 499, 100_001, i64::MAX] {
            let refused = CreditPurchase::new(cents).unwrap_err();
            assert_eq!(refused.get("field"), Some("amountCents"));
            assert_eq!(refused.to_string(), "amountCents must be a whole number from 500 to 100000");
        }
        for (cents, credits) in [(500, 5_000_000), (501, 5_010_000), (100_000, 1_000_000_000)] {
            assert_eq!(CreditPurchase::new(cents).unwrap().credits().micros(), credits);
        }
    }

    #[test]
    fn states_move_up_one_ladder_whatever_the_order_of_events() {
        let outcomes = [PaymentStatus::Failed, PaymentStatus::Canceled, PaymentStatus::Succeeded];
        let settle = |from: PaymentStatus, to: PaymentStatus| {
            if to.reached_from().contains(&from) { to } else { from }
        };
        for first in outcomes {
            for second in outcomes {
                for third in outcomes {
                    let end =
                        |order: [PaymentStatus; 3]| order.into_iter().fold(PaymentStatus::Pending, settle);
                    assert_eq!(end([first, second, third]), end([third, first, second]));
                    assert_eq!(end([first, second, third]), end([second, first, third]));
                }
            }
        }
        for status in PaymentStatus::ALL {
            assert!(!status.reached_from().contains(status), "{status} twice is once");
        }
    }
}

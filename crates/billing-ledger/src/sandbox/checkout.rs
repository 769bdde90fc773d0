use bursar_kernel::{DomainError, Reader, Result, UnixTimestamp};

use super::{event::Announcement, provider::Sandbox, test_card::TestCard};
use crate::{
    card::CardSummary,
    error::{CHECKOUT_EXPIRED, CHECKOUT_NOT_FOUND, CHECKOUT_WANTS_NO_AUTHENTICATION},
    payment::PaymentId,
    store::sandbox_checkout,
};

bursar_kernel::text_enum! {
    /// How far a checkout is.
    pub enum CheckoutStatus {
        /// Waits for a card. A declined one leaves it so.
        Open = "open",
        /// Waits for its card's holder to agree.
        Authenticating = "authenticating",
        /// Paid.
        Paid = "paid",
        /// Closed unpaid.
        Expired = "expired",
    }
}

/// A page of the sandbox on which somebody pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxCheckout {
    /// `cs_sandbox_…`, unguessable: who knows it may pay.
    pub id: String,
    /// For which payment.
    pub payment: PaymentId,
    /// How much, in cents.
    pub amount_cents: i64,
    /// In what, lower-case ISO 4217.
    pub currency: String,
    /// What the payer reads.
    pub description: String,
    /// How far it is.
    pub status: CheckoutStatus,
    /// Where the payer goes after paying.
    pub success_url: Option<String>,
    /// Where the payer goes instead.
    pub cancel_url: Option<String>,
    /// The sandbox's payment, `pi_sandbox_…`.
    pub provider_payment_id: String,
    /// The card that pays, or that waits for its holder.
    pub card: Option<CardSummary>,
    /// When it was opened.
    pub created_at: UnixTimestamp,
    /// When it closes.
    pub expires_at: UnixTimestamp,
}

/// What became of an attempt to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayOutcome {
    /// It is paid, now or since before.
    Paid,
    /// The card was refused. Another may be tried.
    Declined {
        /// Why, in Stripe's word.
        reason: &'static str,
    },
    /// The card's holder is to be asked: [`Sandbox::authenticate`].
    AuthenticationRequired,
}

/// What the bank answers.
#[derive(Clone, Copy)]
enum Verdict {
    Pays,
    Declines { code: &'static str, decline_code: Option<&'static str> },
    Asks,
}

impl TestCard {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Pays => Verdict::Pays,
            Self::Declined => {
                Verdict::Declines { code: "card_declined", decline_code: Some("generic_decline") }
            }
            Self::InsufficientFunds => {
                Verdict::Declines { code: "card_declined", decline_code: Some("insufficient_funds") }
            }
            Self::AsksForAuthentication => Verdict::Asks,
        }
    }
}

impl Sandbox {
    /// A checkout.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn checkout(&self, reader: Reader<'_>, id: &str) -> Result<Option<SandboxCheckout>> {
        sandbox_checkout::load(reader, id).await
    }

    /// Tries a card. However often and at once it is tried, a checkout is paid once.
    ///
    /// # Errors
    /// `invalid_field` for a number that is no test card, `checkout_not_found`,
    /// `checkout_expired`.
    pub async fn pay(&self, checkout_id: &str, card_number: &str) -> Result<PayOutcome> {
        let card = TestCard::from_number(card_number)?;
        self.attempt(checkout_id, |checkout| {
            checkout.card = Some(card.summary());
            Ok(card.verdict())
        })
        .await
    }

    /// Answers for the holder of the card that [`Self::pay`] left waiting.
    ///
    /// # Errors
    /// `checkout_wants_no_authentication` when none waits, `checkout_not_found`,
    /// `checkout_expired`.
    pub async fn authenticate(&self, checkout_id: &str, approve: bool) -> Result<PayOutcome> {
        self.attempt(checkout_id, |checkout| match checkout.status {
            CheckoutStatus::Authenticating if approve => Ok(Verdict::Pays),
            CheckoutStatus::Authenticating => {
                Ok(Verdict::Declines { code: "payment_intent_authentication_failure", decline_code: None })
            }
            _ => Err(DomainError::from(&CHECKOUT_WANTS_NO_AUTHENTICATION)),
        })
        .await
    }

    /// Closes a checkout whose time has come and that nobody paid; whether it is closed unpaid now.
    pub(super) async fn expire(&self, checkout_id: &str) -> Result<bool> {
        let tx = self.db().begin().await?;
        let Some(mut checkout) = sandbox_checkout::lock(&tx, checkout_id).await? else { return Ok(false) };
        match checkout.status {
            CheckoutStatus::Paid => Ok(false),
            CheckoutStatus::Expired => Ok(true),
            CheckoutStatus::Open | CheckoutStatus::Authenticating => {
                checkout.status = CheckoutStatus::Expired;
                sandbox_checkout::save(&tx, &checkout).await?;
                tx.commit().await?;
                Ok(true)
            }
        }
    }

    /// One attempt under the checkout's lock, with what it makes the world hear.
    async fn attempt(
        &self,
        checkout_id: &str,
        ask: impl FnOnce(&mut SandboxCheckout) -> Result<Verdict> + Send,
    ) -> Result<PayOutcome> {
        let mut tx = self.db().begin().await?;
        let mut checkout = sandbox_checkout::lock(&tx, checkout_id)
            .await?
            .ok_or_else(|| DomainError::from(&CHECKOUT_NOT_FOUND))?;
        if checkout.status == CheckoutStatus::Paid {
            return Ok(PayOutcome::Paid);
        }
        if checkout.status == CheckoutStatus::Expired || checkout.expires_at <= tx.now() {
            return Err(DomainError::from(&CHECKOUT_EXPIRED));
        }
        let (status, outcome, heard) = match ask(&mut checkout)? {
            Verdict::Pays => {
                let receipt_url = self.checkout_url(&checkout.id);
                let heard = Announcement::paid(&checkout, &receipt_url);
                (CheckoutStatus::Paid, PayOutcome::Paid, Some(heard))
            }
            Verdict::Declines { code, decline_code } => {
                let heard = Announcement::failed(&checkout, code, decline_code);
                checkout.card = None;
                let reason = match decline_code {
                    None | Some("generic_decline") => code,
                    Some(said_by_the_bank) => said_by_the_bank,
                };
                (CheckoutStatus::Open, PayOutcome::Declined { reason }, Some(heard))
            }
            Verdict::Asks => (CheckoutStatus::Authenticating, PayOutcome::AuthenticationRequired, None),
        };
        checkout.status = status;
        sandbox_checkout::save(&tx, &checkout).await?;
        if let Some(announcement) = heard {
            announcement.publish(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(outcome)
    }
}

use std::{sync::Arc, time::Duration};

use bursar_billing_ledger::{
    CheckoutRequest, CheckoutSession, CreditPurchase, NewPayment, Payment, PaymentId, PaymentKind,
    PaymentProvider,
};
use bursar_identity::Actor;
use bursar_kernel::{
    Account, AccountId, DomainError, Idempotency, IdempotencyScope, Message, Recorded, Result, Subscriber,
};
use serde::{Deserialize, Serialize};

use crate::{audited::Audited, authorize::on_account, core::Core, error, operation::Operation};

/// The topic of the message that finishes a checkout whose node died between its two
/// transactions.
const UNFINISHED: &str = "checkout.unfinished";
/// How long a checkout may take before it counts as unfinished: longer than the provider's time
/// limit.
const UNFINISHED_AFTER: Duration = Duration::from_mins(1);

/// A purchase of credits in the provider's checkout.
pub struct StartCheckout {
    /// Who gets the credits.
    pub account: Account,
    /// How many for how much.
    pub purchase: CreditPurchase,
    /// Where the browser goes after paying.
    pub success_url: Option<String>,
    /// Where it goes when the person gives up.
    pub cancel_url: Option<String>,
    /// The caller's key against doing it twice.
    pub idempotency_key: Option<String>,
}

/// A checkout that waits for its person.
pub struct CheckoutStarted {
    /// The pending payment.
    pub payment: PaymentId,
    /// The provider's identifier of the checkout.
    pub session_id: String,
    /// Where to pay.
    pub url: String,
    /// Whether this is the answer of an earlier request with the same key.
    pub replayed: bool,
}

/// What answers the request again.
#[derive(Serialize, Deserialize)]
struct Outcome {
    payment: String,
    session_id: String,
    url: String,
}

/// What finishes an unfinished checkout.
#[derive(Serialize, Deserialize)]
struct Unfinished {
    payment: String,
    success_url: Option<String>,
    cancel_url: Option<String>,
    idempotency_key: Option<String>,
}

/// Begins a purchase: a pending payment of ours and a checkout of the provider's.
///
/// The call to the provider lies between two transactions. The first keeps what is intended, with
/// the caller's key as started; the call carries the payment's identifier as its own key; the
/// second keeps what came of it. A crash between them is mended by [`CheckoutReconciliation`].
///
/// # Errors
/// `payments_not_configured`; `idempotency_in_progress` while the first request is between its two
/// transactions; `organization_not_found`, `forbidden` and `insufficient_permissions` for an account
/// that the caller may not buy for.
pub async fn start_checkout(core: &Core, actor: &Actor, command: StartCheckout) -> Result<CheckoutStarted> {
    let reader = core.db.reader();
    let account = on_account(core, reader, actor, Operation::StartCheckout, command.account).await?;
    let creator = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let provider = provider(core)?;
    let scope = idempotency_scope(account.id(), &command)?;

    let mut tx = core.db.begin().await?;
    if let Some(scope) = &scope
        && let Recorded::Done(outcome) = Idempotency::begin(&mut tx, scope).await?
    {
        return replayed(&outcome);
    }
    let new = NewPayment {
        account,
        creator,
        kind: PaymentKind::Checkout,
        purchase: command.purchase,
        provider: provider.name(),
    };
    let payment = core.payments.create(&mut tx, new).await?;
    let unfinished = Unfinished {
        payment: payment.id.to_string(),
        success_url: command.success_url.clone(),
        cancel_url: command.cancel_url.clone(),
        idempotency_key: command.idempotency_key.clone(),
    };
    let unfinished_text = serde_json::to_string(&unfinished).map_err(DomainError::internal)?;
    tx.publish_after(UNFINISHED_AFTER, UNFINISHED, Some(account.id()), unfinished_text).await?;
    let after = serde_json::json!({ "amountCents": payment.amount_cents }).to_string();
    Audited::by(actor)
        .write(&mut tx, Operation::StartCheckout, account.id(), payment.id, Some(after))
        .await?;
    tx.commit().await?;

    let session = open(provider.as_ref(), &payment, &unfinished).await?;
    finish(core, &payment, &session, scope).await?;
    Ok(CheckoutStarted { payment: payment.id, session_id: session.id, url: session.url, replayed: false })
}

fn provider(core: &Core) -> Result<Arc<dyn PaymentProvider>> {
    core.payment_provider.clone().ok_or_else(|| DomainError::from(&error::PAYMENTS_NOT_CONFIGURED))
}

fn idempotency_scope(account: AccountId, command: &StartCheckout) -> Result<Option<IdempotencyScope>> {
    let Some(key) = &command.idempotency_key else { return Ok(None) };
    let request =
        serde_json::json!([command.purchase.amount_cents(), command.success_url, command.cancel_url]);
    IdempotencyScope::new(account, Operation::StartCheckout.as_str(), key, request.to_string().as_bytes())
        .map(Some)
}

fn replayed(outcome: &str) -> Result<CheckoutStarted> {
    let outcome: Outcome = serde_json::from_str(outcome).map_err(DomainError::internal)?;
    let payment = outcome.payment.parse().map_err(DomainError::internal)?;
    Ok(CheckoutStarted { payment, session_id: outcome.session_id, url: outcome.url, replayed: true })
}

/// The provider answers the same payment with the same checkout, however often it is asked.
async fn open(
    provider: &dyn PaymentProvider,
    payment: &Payment,
    asked: &Unfinished,
) -> Result<CheckoutSession> {
    provider
        .open_checkout(CheckoutRequest {
            payment: payment.id,
            amount_cents: payment.amount_cents,
            currency: payment.currency.clone(),
            description: "Prepaid credits".to_owned(),
            success_url: asked.success_url.clone(),
            cancel_url: asked.cancel_url.clone(),
            idempotency_key: payment.id.to_string(),
        })
        .await
}

async fn finish(
    core: &Core,
    payment: &Payment,
    session: &CheckoutSession,
    scope: Option<IdempotencyScope>,
) -> Result<()> {
    let mut tx = core.db.begin().await?;
    core.payments.session(&mut tx, payment.account.id(), payment.id, &session.id).await?;
    if let Some(scope) = scope {
        let outcome = Outcome {
            payment: payment.id.to_string(),
            session_id: session.id.clone(),
            url: session.url.clone(),
        };
        let outcome = serde_json::to_string(&outcome).map_err(DomainError::internal)?;
        Idempotency::finish(&mut tx, &scope, &outcome).await?;
    }
    tx.commit().await
}

/// Finishes checkouts whose node died between their two transactions, so that a retry with the
/// same key is answered and the payment can be settled.
pub struct CheckoutReconciliation {
    core: Core,
}

impl CheckoutReconciliation {
    /// Over the core.
    #[must_use]
    pub const fn new(core: Core) -> Self {
        Self { core }
    }
}

#[async_trait::async_trait]
impl Subscriber for CheckoutReconciliation {
    fn topic(&self) -> &'static str {
        UNFINISHED
    }

    async fn deliver(&self, message: &Message) -> Result<()> {
        let core = &self.core;
        let account =
            message.account.ok_or_else(|| DomainError::internal("a checkout without an account"))?;
        let asked: Unfinished = serde_json::from_str(&message.payload).map_err(DomainError::internal)?;
        let payment = asked.payment.parse().map_err(DomainError::internal)?;
        let payment = core
            .payments
            .by_id(core.db.reader(), account, payment)
            .await?
            .ok_or_else(|| DomainError::internal("an unfinished checkout without its payment"))?;
        if payment.provider_session_id.is_some() {
            return Ok(());
        }
        let session = open(provider(core)?.as_ref(), &payment, &asked).await?;
        let scope = asked
            .idempotency_key
            .map(|key| IdempotencyScope::resumed(account, Operation::StartCheckout.as_str(), key));
        finish(core, &payment, &session, scope).await
    }
}

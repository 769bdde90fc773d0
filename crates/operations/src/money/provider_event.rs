use bursar_billing_ledger::{
    Grant, PaymentOutcome, PostingKind, ProviderEvent, ProviderName, WebhookHeaders,
};
use bursar_kernel::{DomainError, Message, Result, Subscriber, Tx};

use crate::{
    audited::{Audited, DEPLOYMENT},
    core::Core,
    error,
    operation::Operation,
};

/// The topic of provider events that were stored and wait for their effect.
const RECEIVED: &str = "provider_event.received";

/// Keeps what the provider says, before anything is done with it, so that an event which cannot be
/// understood today is not lost. The same event again is acknowledged and changes nothing.
///
/// # Errors
/// `payments_not_configured`; what the provider's signature check refuses.
pub async fn receive_provider_event(core: &Core, headers: &WebhookHeaders, body: &[u8]) -> Result<()> {
    let provider =
        core.payment_provider.as_ref().ok_or_else(|| DomainError::from(&error::PAYMENTS_NOT_CONFIGURED))?;
    let signed = provider.verify_webhook(headers, body, core.db.reader().now()).await?;
    let text = std::str::from_utf8(body).map_err(DomainError::internal)?;
    let mut tx = core.db.begin().await?;
    let is_new =
        core.provider_events.store(&mut tx, provider.name(), &signed.id, &signed.event_type, text).await?;
    if is_new {
        let event = format!("{}:{}", provider.name(), signed.id);
        tx.publish(RECEIVED, None, event.clone()).await?;
        let after = serde_json::json!({ "type": signed.event_type }).to_string();
        // Whose it is is known once it is understood.
        Audited::system()
            .write(&mut tx, Operation::ReceiveProviderEvent, DEPLOYMENT, event, Some(after))
            .await?;
    }
    tx.commit().await
}

/// Gives a stored event its effect: once for ever, whatever the order and number of deliveries.
pub struct ProviderEventSettlement {
    core: Core,
}

impl ProviderEventSettlement {
    /// Over the core.
    #[must_use]
    pub const fn new(core: Core) -> Self {
        Self { core }
    }
}

#[async_trait::async_trait]
impl Subscriber for ProviderEventSettlement {
    fn topic(&self) -> &'static str {
        RECEIVED
    }

    async fn deliver(&self, message: &Message) -> Result<()> {
        let (provider, id) = message
            .payload
            .split_once(':')
            .and_then(|(name, id)| ProviderName::parse(name).map(|name| (name, id)))
            .ok_or_else(|| DomainError::internal("a provider event without a name"))?;
        settle_provider_event(&self.core, provider, id).await
    }
}

async fn settle_provider_event(core: &Core, name: ProviderName, event_id: &str) -> Result<()> {
    let provider = core
        .payment_provider
        .as_ref()
        .filter(|provider| provider.name() == name)
        .ok_or_else(|| DomainError::from(&error::PAYMENTS_NOT_CONFIGURED))?;
    let stored = core
        .provider_events
        .load(core.db.reader(), name, event_id)
        .await?
        .ok_or_else(|| DomainError::internal("a provider event that was received is not stored"))?;
    let event = provider.interpret(&stored.event_type, &stored.body)?;
    let mut tx = core.db.begin().await?;
    if !core.provider_events.processed(&mut tx, name, event_id).await? {
        return Ok(());
    }
    match event {
        ProviderEvent::CheckoutPaid { session_id, payment_id, card, receipt_url } => {
            let outcome = PaymentOutcome::Succeeded { provider_payment_id: payment_id, card, receipt_url };
            settle(core, &mut tx, name, &session_id, outcome).await?;
        }
        ProviderEvent::CheckoutFailed { session_id, reason } => {
            settle(core, &mut tx, name, &session_id, PaymentOutcome::Failed { reason }).await?;
        }
        ProviderEvent::CheckoutExpired { session_id } => {
            settle(core, &mut tx, name, &session_id, PaymentOutcome::Canceled).await?;
        }
        ProviderEvent::Ignored => {}
    }
    tx.commit().await
}

/// The payment takes its new state and, if that is paid, the account its credits, in one
/// transaction. The books are locked last.
async fn settle(
    core: &Core,
    tx: &mut Tx,
    name: ProviderName,
    session_id: &str,
    outcome: PaymentOutcome,
) -> Result<()> {
    let succeeded = matches!(outcome, PaymentOutcome::Succeeded { .. });
    // An event can overtake our own second transaction, which keeps the checkout's identifier: it
    // comes again.
    let payment = core.payments.lock_by_session(tx, name, session_id).await?.ok_or_else(|| {
        DomainError::internal(format!("no payment knows the checkout {session_id}; the event comes again"))
    })?;
    let Some(payment) = core.payments.settle(tx, &payment, outcome).await? else { return Ok(()) };
    let after = serde_json::json!({ "status": payment.status.as_str() }).to_string();
    Audited::system()
        .write(tx, Operation::SettleProviderEvent, payment.account.id(), payment.id, Some(after))
        .await?;
    if succeeded {
        let grant = Grant {
            account: payment.account,
            kind: PostingKind::Topup,
            reference: format!("payment:{}", payment.id),
            amount: payment.credits,
            promotional: false,
            priority: 0,
            expires_at: None,
            description: "Credits bought".to_owned(),
            actor: payment.creator.to_string(),
        };
        core.ledger.post(tx, grant).await?;
    }
    Ok(())
}

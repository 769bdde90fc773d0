use std::time::Duration;

use bursar_kernel::{DomainError, Message, Result, Tx};
use serde_json::{Value, json};

use super::checkout::SandboxCheckout;
use crate::stripe_event::SESSION_METADATA;

/// What the sandbox's outbox messages are about.
pub(super) const TOPIC: &str = "sandbox.webhook";
/// The one kind whose time comes by itself.
pub(super) const EXPIRED: &str = "checkout.session.expired";

/// Something that the world is to hear by a webhook: a kind, and the object as it is at that
/// moment, in Stripe's form.
pub(super) struct Announcement {
    kind: &'static str,
    object: Value,
}

impl Announcement {
    pub(super) fn paid(checkout: &SandboxCheckout, receipt_url: &str) -> Self {
        let mut object = session(checkout, "complete", "paid");
        object["payment_intent"] = json!({
            "id": checkout.provider_payment_id,
            "object": "payment_intent",
            "amount": checkout.amount_cents,
            "currency": checkout.currency,
            "status": "succeeded",
            "latest_charge": {
                "object": "charge",
                "receipt_url": receipt_url,
                "payment_method_details": { "type": "card", "card": card(checkout) },
            },
        });
        Self { kind: "checkout.session.completed", object }
    }

    pub(super) fn failed(checkout: &SandboxCheckout, code: &str, decline_code: Option<&str>) -> Self {
        let object = json!({
            "id": checkout.provider_payment_id,
            "object": "payment_intent",
            "amount": checkout.amount_cents,
            "currency": checkout.currency,
            "status": "requires_payment_method",
            "metadata": { SESSION_METADATA: checkout.id },
            "last_payment_error": {
                "type": "card_error",
                "code": code,
                "decline_code": decline_code,
                "payment_method": { "type": "card", "card": card(checkout) },
            },
        });
        Self { kind: "payment_intent.payment_failed", object }
    }

    pub(super) fn expired(checkout: &SandboxCheckout) -> Self {
        Self { kind: EXPIRED, object: session(checkout, "expired", "unpaid") }
    }

    /// Into the outbox, in the transaction of its cause.
    pub(super) async fn publish(self, tx: &mut Tx) -> Result<()> {
        self.publish_after(Duration::ZERO, tx).await
    }

    /// As [`Self::publish`], to be heard no sooner than `delay` from now.
    pub(super) async fn publish_after(self, delay: Duration, tx: &mut Tx) -> Result<()> {
        let payload = json!({ "type": self.kind, "object": self.object }).to_string();
        tx.publish_after(delay, TOPIC, None, payload).await?;
        Ok(())
    }
}

/// A message of the sandbox's topic, read back.
pub(super) struct Heard {
    pub(super) kind: String,
    object: Value,
}

impl Heard {
    pub(super) fn read(message: &Message) -> Result<Self> {
        let mut payload: Value = serde_json::from_str(&message.payload).map_err(DomainError::internal)?;
        let kind = payload["type"].as_str().unwrap_or_default().to_owned();
        Ok(Self { kind, object: payload["object"].take() })
    }

    /// The id of the object that it is about.
    pub(super) fn object_id(&self) -> &str {
        self.object["id"].as_str().unwrap_or_default()
    }

    /// The event that carries it: the same bytes at every attempt to deliver the message.
    pub(super) fn into_event(self, message: &Message) -> Vec<u8> {
        json!({
            "id": format!("evt_sandbox_{}", message.id.uuid().simple()),
            "object": "event",
            "type": self.kind,
            "created": message.created_at.seconds(),
            "livemode": false,
            "data": { "object": self.object },
        })
        .to_string()
        .into_bytes()
    }
}

fn session(checkout: &SandboxCheckout, status: &str, payment_status: &str) -> Value {
    json!({
        "id": checkout.id,
        "object": "checkout.session",
        "mode": "payment",
        "client_reference_id": checkout.payment.to_string(),
        "amount_total": checkout.amount_cents,
        "currency": checkout.currency,
        "status": status,
        "payment_status": payment_status,
        "livemode": false,
        "created": checkout.created_at.seconds(),
        "expires_at": checkout.expires_at.seconds(),
    })
}

fn card(checkout: &SandboxCheckout) -> Value {
    checkout.card.as_ref().map_or(Value::Null, |card| json!({ "brand": card.brand, "last4": card.last4 }))
}

use std::time::Duration;

use bursar_kernel::{Db, DomainError, Result, Sealer, Secret, Tx, UnixTimestamp, codes};

use super::{
    checkout::{CheckoutStatus, SandboxCheckout},
    event::Announcement,
};
use crate::{
    error::WEBHOOK_SIGNATURE_INVALID,
    provider::{
        CheckoutRequest, CheckoutSession, PaymentProvider, ProviderEvent, ProviderName, SignedEvent,
        WebhookHeaders, check_return_url,
    },
    store::{sandbox_checkout, sandbox_secret},
    stripe_event,
    webhook_signature::{self, hex},
};

/// How long a page stays open: as long as Stripe's.
const CHECKOUT_LIFE: Duration = Duration::from_hours(24);
/// The row of the webhook secret, and what its sealed form is bound to.
const WEBHOOK_SECRET: &str = "sandbox_secret:webhook";

/// The embedded payment provider. Cheap to clone.
#[derive(Clone)]
pub struct Sandbox {
    db: Db,
    sealer: Sealer,
    public_url: String,
}

impl Sandbox {
    /// Over the database that holds its tables; `public_url` is where its pages are served.
    #[must_use]
    pub fn new(db: Db, sealer: Sealer, public_url: &str) -> Self {
        Self { db, sealer, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    pub(super) const fn db(&self) -> &Db {
        &self.db
    }

    /// Where a checkout's page is.
    #[must_use]
    pub fn checkout_url(&self, checkout_id: &str) -> String {
        format!("{}/sandbox/checkout/{checkout_id}", self.public_url)
    }

    /// The signature header of a webhook that leaves now.
    pub(super) async fn sign(&self, body: &[u8]) -> Result<String> {
        let secret = self.webhook_secret().await?;
        Ok(webhook_signature::sign(secret.expose(), body, self.db.clock().now()))
    }

    /// The secret that webhooks are signed with: random for each database, made at first use.
    async fn webhook_secret(&self) -> Result<Secret<String>> {
        let sealed = match sandbox_secret::load(self.db.reader(), WEBHOOK_SECRET).await? {
            Some(sealed) => sealed,
            None => self.make_webhook_secret().await?,
        };
        let secret = self.sealer.open(WEBHOOK_SECRET, &sealed)?;
        String::from_utf8(secret.to_vec()).map(Secret::new).map_err(DomainError::internal)
    }

    /// Makes the secret unless another did meanwhile, and answers the one that stays.
    async fn make_webhook_secret(&self) -> Result<String> {
        let tx = self.db.begin().await?;
        let secret = Secret::new(format!("whsec_{}", hex(&tx.entropy().bytes::<32>())));
        let sealed = self.sealer.seal(tx.entropy(), WEBHOOK_SECRET, secret.expose().as_bytes())?;
        sandbox_secret::insert(&tx, WEBHOOK_SECRET, &sealed).await?;
        let kept = sandbox_secret::load(tx.reader(), WEBHOOK_SECRET).await?;
        tx.commit().await?;
        kept.ok_or_else(|| DomainError::internal("the sandbox's secret was made and is not there"))
    }
}

#[async_trait::async_trait]
impl PaymentProvider for Sandbox {
    fn name(&self) -> ProviderName {
        ProviderName::Sandbox
    }

    async fn open_checkout(&self, request: CheckoutRequest) -> Result<CheckoutSession> {
        for (field, url) in [("successUrl", &request.success_url), ("cancelUrl", &request.cancel_url)] {
            url.as_deref().map_or(Ok(()), |url| check_return_url(field, url))?;
        }
        let mut tx = self.db.begin().await?;
        let fresh = fresh_checkout(&tx, &request);
        let checkout = if sandbox_checkout::insert(&tx, &fresh, &request.idempotency_key).await? {
            // Heard when the page's time is over, should nobody have paid until then.
            Announcement::expired(&fresh).publish_after(CHECKOUT_LIFE, &mut tx).await?;
            tx.commit().await?;
            fresh
        } else {
            let known = sandbox_checkout::by_key(tx.reader(), &request.idempotency_key)
                .await?
                .ok_or_else(|| DomainError::internal("a checkout that was in the way is not there"))?;
            if !is_for(&known, &request) {
                return Err(DomainError::from(&codes::IDEMPOTENCY_KEY_REUSED));
            }
            known
        };
        Ok(CheckoutSession { url: self.checkout_url(&checkout.id), id: checkout.id })
    }

    async fn verify_webhook(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: UnixTimestamp,
    ) -> Result<SignedEvent> {
        let header = headers.signature.as_deref().ok_or(&WEBHOOK_SIGNATURE_INVALID)?;
        let secret = self.webhook_secret().await?;
        webhook_signature::verify(secret.expose(), header, body, now)?;
        stripe_event::envelope(body)
    }

    fn interpret(&self, event_type: &str, body: &str) -> Result<ProviderEvent> {
        stripe_event::interpret(event_type, body)
    }
}

fn fresh_checkout(tx: &Tx, request: &CheckoutRequest) -> SandboxCheckout {
    // 160 random bits: who knows the name of a page may pay on it.
    let name = |prefix: &str| format!("{prefix}_sandbox_{}", hex(&tx.entropy().bytes::<20>()));
    SandboxCheckout {
        id: name("cs"),
        payment: request.payment,
        amount_cents: request.amount_cents,
        currency: request.currency.clone(),
        description: request.description.clone(),
        status: CheckoutStatus::Open,
        success_url: request.success_url.clone(),
        cancel_url: request.cancel_url.clone(),
        provider_payment_id: name("pi"),
        card: None,
        created_at: tx.now(),
        expires_at: tx.now().after(CHECKOUT_LIFE),
    }
}

fn is_for(known: &SandboxCheckout, request: &CheckoutRequest) -> bool {
    known.payment == request.payment
        && known.amount_cents == request.amount_cents
        && known.currency == request.currency
        && known.description == request.description
        && known.success_url == request.success_url
        && known.cancel_url == request.cancel_url
}

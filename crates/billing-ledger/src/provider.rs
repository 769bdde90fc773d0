use bursar_kernel::{DomainError, Result, UnixTimestamp};

use crate::{card::CardSummary, payment::PaymentId};

bursar_kernel::text_enum! {
    /// Who moves the money.
    pub enum ProviderName {
        /// Stripe.
        Stripe = "stripe",
        /// Nobody: the embedded sandbox plays.
        Sandbox = "sandbox",
    }
}

/// A page to open on which somebody pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutRequest {
    /// For which payment.
    pub payment: PaymentId,
    /// How much, in cents.
    pub amount_cents: i64,
    /// In what, lower-case ISO 4217.
    pub currency: String,
    /// What the payer reads.
    pub description: String,
    /// Where the payer goes after paying.
    pub success_url: Option<String>,
    /// Where the payer goes instead.
    pub cancel_url: Option<String>,
    /// The same key opens the same session, however often it is sent.
    pub idempotency_key: String,
}

/// The longest address that a payer may be sent to: what every browser takes.
const MAX_RETURN_URL_LENGTH: usize = 2048;

/// Refuses an address that a payer must not be sent to: only `http` and `https` lead to a page, and
/// `javascript:` would run in the payer's.
///
/// # Errors
/// `invalid_field` that names `field`.
pub fn check_return_url(field: &'static str, url: &str) -> Result<()> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_address = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && url.bytes().all(|byte| byte.is_ascii_graphic())
        && url.len() <= MAX_RETURN_URL_LENGTH;
    if is_address {
        Ok(())
    } else {
        Err(DomainError::invalid(
            field,
            format_args!("must be an http or https address of at most {MAX_RETURN_URL_LENGTH} characters"),
        ))
    }
}

/// An open page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutSession {
    /// The provider's name for it.
    pub id: String,
    /// Where the payer goes.
    pub url: String,
}

/// What came with a webhook beside its body.
#[derive(Clone, Debug, Default)]
pub struct WebhookHeaders {
    /// The text of the provider's signature header, `Stripe-Signature`.
    pub signature: Option<String>,
}

/// An event that its provider signed: enough to keep it. What is inside is read later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEvent {
    /// The provider's id for it, the same at every delivery.
    pub id: String,
    /// What kind, such as `checkout.session.completed`.
    pub event_type: String,
}

/// What an event means to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderEvent {
    /// Somebody paid.
    CheckoutPaid {
        /// On which page.
        session_id: String,
        /// The provider's payment.
        payment_id: String,
        /// With what.
        card: Option<CardSummary>,
        /// Where the provider shows a receipt.
        receipt_url: Option<String>,
    },
    /// An attempt was refused.
    CheckoutFailed {
        /// On which page.
        session_id: String,
        /// Why, in the provider's word.
        reason: String,
    },
    /// The page was closed unpaid.
    CheckoutExpired {
        /// Which.
        session_id: String,
    },
    /// Nothing.
    Ignored,
}

/// Who moves the money, and tells us of it by webhooks.
///
/// No method is called while a [`bursar_kernel::Tx`] is open: a provider is a network away, and
/// the sandbox writes with transactions of its own.
#[async_trait::async_trait]
pub trait PaymentProvider: Send + Sync {
    /// Which.
    fn name(&self) -> ProviderName;

    /// Opens a page on which somebody pays. The same idempotency key answers the same session.
    async fn open_checkout(&self, request: CheckoutRequest) -> Result<CheckoutSession>;

    /// Believes a webhook, or not: by its signature over the bytes as they came.
    ///
    /// # Errors
    /// `webhook_signature_invalid` when it is not from the provider or too old;
    /// `provider_event_invalid` when it has no id or no type.
    async fn verify_webhook(
        &self,
        headers: &WebhookHeaders,
        body: &[u8],
        now: UnixTimestamp,
    ) -> Result<SignedEvent>;

    /// What a kept event means. Kinds that nobody asked for are [`ProviderEvent::Ignored`].
    ///
    /// # Errors
    /// `provider_event_invalid` when a kind that we act on lacks what we act on.
    fn interpret(&self, event_type: &str, body: &str) -> Result<ProviderEvent>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payer_is_sent_to_web_pages_only() {
        for good in ["https://example.com/paid?x=1", "http://127.0.0.1:8080"] {
            check_return_url("successUrl", good).unwrap();
        }
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for bad in [
            "",
            "example.com",
            "/paid",
            "//example.com",
            "https://",
            "https:///paid",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://example.com/a b",
            "https://example.com/\r\nSet-Cookie: a=b",
            &long,
        ] {
            assert_eq!(
                check_return_url("successUrl", bad).unwrap_err().get("field"),
                Some("successUrl"),
                "{bad}"
            );
        }
    }
}

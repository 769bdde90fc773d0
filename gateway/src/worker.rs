//! Does what follows from committed transactions: the outbox, with everybody who listens to it.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Method, Request},
};
use bursar_billing_ledger::sandbox::{Sandbox, SandboxDelivery, WebhookDoor};
use bursar_kernel::{Db, DomainError, Relay, Result, Subscriber};
use bursar_notifications::MAIL_REQUESTED;
use tokio::sync::watch;
use tower::ServiceExt as _;

use crate::serve::told_to_stop;

/// Where the provider's webhooks come in, the sandbox's too.
pub const WEBHOOK_PATH: &str = "/webhooks/stripe";
/// Where their signature stands.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// The front door of this very process: the sandbox's webhooks take the same route and the same
/// code as a real provider's.
struct FrontDoor(Router);

#[async_trait::async_trait]
impl WebhookDoor for FrontDoor {
    async fn deliver(&self, signature: &str, body: Vec<u8>) -> Result<u16> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(WEBHOOK_PATH)
            .header("content-type", "application/json")
            .header(SIGNATURE_HEADER, signature)
            .body(Body::from(body))
            .map_err(DomainError::internal)?;
        let Ok(response) = self.0.clone().oneshot(request).await;
        Ok(response.status().as_u16())
    }
}

/// Carries the sandbox's webhooks in through `router`.
#[must_use]
pub fn sandbox_delivery(sandbox: Sandbox, router: Router) -> Arc<dyn Subscriber> {
    Arc::new(SandboxDelivery::new(sandbox, Arc::new(FrontDoor(router))))
}

/// Runs the outbox until `stop` turns true; what is under way is finished first.
pub async fn run(db: Db, subscribers: Vec<Arc<dyn Subscriber>>, stop: watch::Receiver<bool>) {
    let topics: Vec<_> = subscribers.iter().map(|subscriber| subscriber.topic()).collect();
    tracing::info!(?topics, "the worker listens");
    // A mail server that does not answer holds up mail and nothing else.
    let (slow, others) = subscribers.into_iter().partition(|subscriber| subscriber.topic() == MAIL_REQUESTED);
    let [mail, rest] = Relay::apart(&db, slow, others);
    tokio::join!(mail.run(told_to_stop(stop.clone())), rest.run(told_to_stop(stop)));
}

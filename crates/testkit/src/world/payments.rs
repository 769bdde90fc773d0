use std::sync::{Arc, Mutex};

use bursar_billing_ledger::{
    WebhookHeaders,
    sandbox::{SandboxDelivery, WebhookDoor},
};
use bursar_kernel::{Relay, Result, Subscriber};
use bursar_operations::{Core, receive_provider_event};

use super::World;

/// Gives the sandbox's webhooks to the operation that the webhook route calls.
pub(super) struct StraightDoor {
    core: Core,
}

impl StraightDoor {
    pub(super) const fn new(core: Core) -> Self {
        Self { core }
    }
}

#[async_trait::async_trait]
impl WebhookDoor for StraightDoor {
    async fn deliver(&self, signature: &str, body: Vec<u8>) -> Result<u16> {
        let headers = WebhookHeaders { signature: Some(signature.to_owned()) };
        receive_provider_event(&self.core, &headers, &body).await?;
        Ok(200)
    }
}

/// Keeps webhooks instead of giving them to anybody.
#[derive(Default)]
struct Letterbox(Mutex<Vec<(String, Vec<u8>)>>);

#[async_trait::async_trait]
impl WebhookDoor for Letterbox {
    async fn deliver(&self, signature: &str, body: Vec<u8>) -> Result<u16> {
        self.0.lock().expect("nobody panicked").push((signature.to_owned(), body));
        Ok(200)
    }
}

impl World {
    /// Takes the sandbox's due webhooks, each with its signature, without their being received: a
    /// test sends them in whatever order and number it likes.
    ///
    /// # Panics
    /// When the outbox cannot be read.
    pub async fn take_webhooks(&self) -> Vec<(String, Vec<u8>)> {
        let letterbox = Arc::<Letterbox>::default();
        let delivery = SandboxDelivery::new(self.sandbox.clone(), letterbox.clone());
        let relay = Relay::new(self.test.db.clone(), vec![Arc::new(delivery) as Arc<dyn Subscriber>]);
        while relay.deliver_due().await.expect("the outbox is read") > 0 {}
        std::mem::take(&mut *letterbox.0.lock().expect("nobody panicked"))
    }

    /// As [`Self::take_webhooks`], the only one that there is.
    ///
    /// # Panics
    /// When there is another number of them.
    pub async fn next_webhook(&self) -> (String, Vec<u8>) {
        let mut webhooks = self.take_webhooks().await;
        assert_eq!(webhooks.len(), 1, "one webhook is due");
        webhooks.remove(0)
    }
}

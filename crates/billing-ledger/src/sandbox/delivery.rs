use std::sync::Arc;

use bursar_kernel::{DomainError, Message, Result, Subscriber};

use super::{
    event::{EXPIRED, Heard, TOPIC},
    provider::Sandbox,
};
use crate::error::WEBHOOK_REFUSED;

/// The door that real webhooks come through.
#[async_trait::async_trait]
pub trait WebhookDoor: Send + Sync {
    /// Sends a webhook in and says the status that it was answered with.
    ///
    /// # Errors
    /// When it could not be sent.
    async fn deliver(&self, signature: &str, body: Vec<u8>) -> Result<u16>;
}

/// Carries the sandbox's events from its outbox to the door, signed anew at each attempt.
pub struct SandboxDelivery {
    sandbox: Sandbox,
    door: Arc<dyn WebhookDoor>,
}

impl SandboxDelivery {
    /// From the sandbox to the door.
    #[must_use]
    pub fn new(sandbox: Sandbox, door: Arc<dyn WebhookDoor>) -> Self {
        Self { sandbox, door }
    }
}

#[async_trait::async_trait]
impl Subscriber for SandboxDelivery {
    fn topic(&self) -> &'static str {
        TOPIC
    }

    async fn deliver(&self, message: &Message) -> Result<()> {
        let heard = Heard::read(message)?;
        if heard.kind == EXPIRED && !self.sandbox.expire(heard.object_id()).await? {
            return Ok(());
        }
        let body = heard.into_event(message);
        let signature = self.sandbox.sign(&body).await?;
        match self.door.deliver(&signature, body).await? {
            200..=299 => Ok(()),
            status => Err(DomainError::from(&WEBHOOK_REFUSED).because(format!("answered {status}"))),
        }
    }
}

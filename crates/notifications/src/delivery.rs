use std::sync::Arc;

use bursar_kernel::{Message, Result, Sealer, Subscriber};

use crate::{
    mail::{MailId, compose},
    outbox::{self, MAIL_REQUESTED},
    transport::MailTransport,
};

/// Carries letters from the outbox to those who get them.
pub struct MailDelivery {
    sealer: Sealer,
    transport: Arc<dyn MailTransport>,
    product_name: String,
    public_url: String,
}

impl MailDelivery {
    /// Opens by `sealer` and sends by `transport`, in the name of a product that is at `public_url`.
    #[must_use]
    pub fn new(
        sealer: Sealer,
        transport: Arc<dyn MailTransport>,
        product_name: &str,
        public_url: &str,
    ) -> Self {
        let (product_name, public_url) = (product_name.to_owned(), public_url.to_owned());
        Self { sealer, transport, product_name, public_url }
    }
}

#[async_trait::async_trait]
impl Subscriber for MailDelivery {
    fn topic(&self) -> &'static str {
        MAIL_REQUESTED
    }

    async fn deliver(&self, message: &Message) -> Result<()> {
        let addressed = outbox::open(&self.sealer, message)?;
        let draft = compose(&self.product_name, &self.public_url, &addressed)?;
        // The message's own identifier, so that a second delivery is the same mail.
        let mail = draft.into_mail(MailId::from_uuid(message.id.uuid()), message.created_at);
        self.transport.send(&mail).await
    }
}

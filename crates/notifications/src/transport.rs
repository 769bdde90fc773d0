use bursar_kernel::{DomainError, Result};

use crate::{error::MAIL_NOT_CONFIGURED, mail::Mail};

/// Who carries mail. It may be given the same mail more than once: by its identifier it is known to
/// be the same.
#[async_trait::async_trait]
pub trait MailTransport: Send + Sync {
    /// Carries a mail.
    ///
    /// # Errors
    /// Unavailable when it cannot be carried now, `internal` when it never can: it comes again after
    /// a back-off either way, until it is parked. A cause must hold neither an address nor a link.
    async fn send(&self, mail: &Mail) -> Result<()>;
}

/// Nobody carries mail: every one waits, and is parked where operators see it.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTransport;

#[async_trait::async_trait]
impl MailTransport for NoTransport {
    async fn send(&self, _: &Mail) -> Result<()> {
        Err(DomainError::from(&MAIL_NOT_CONFIGURED))
    }
}

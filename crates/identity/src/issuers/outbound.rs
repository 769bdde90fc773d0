use std::error::Error;

use bursar_kernel::{DomainError, Result, Secret};
use url::Url;

use crate::error;

/// The largest answer that is read: hundreds of keys.
pub const MAX_ANSWER_BYTES: usize = 256 * 1024;

/// The parameter of an error that says what status an issuer answered.
pub(crate) const STATUS: &str = "status";

/// The way out to issuers. `WebOutbound` goes over the web (feature `outbound`); a host with a client
/// of its own gives that.
///
/// Whoever implements it keeps the deployment's own network out of reach, follows no redirect and
/// reads no more than [`MAX_ANSWER_BYTES`]: some addresses come out of an issuer's documents.
#[async_trait::async_trait]
pub trait Outbound: Send + Sync + 'static {
    /// What an address answers with status 200.
    ///
    /// # Errors
    /// `issuer_unavailable` for everything else; for another status with it as parameter `status`.
    async fn get(&self, url: &Url) -> Result<Vec<u8>>;

    /// What an address answers with status 200 to a form; `basic` is who asks and its password.
    ///
    /// # Errors
    /// As [`Self::get`].
    async fn post_form(
        &self,
        url: &Url,
        fields: &[(&str, &str)],
        basic: Option<(&str, &Secret<String>)>,
    ) -> Result<Vec<u8>>;
}

pub(crate) fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> DomainError {
    DomainError::from(&error::ISSUER_UNAVAILABLE).because(cause)
}

//! The tables of this domain.

pub(crate) mod payment;
pub(crate) mod provider_event;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox_checkout;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox_secret;

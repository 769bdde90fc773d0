//! The tables of this domain.

pub(crate) mod book;
pub(crate) mod entry;
pub(crate) mod ledger;
pub(crate) mod lot;
pub(crate) mod payment;
pub(crate) mod posting;
pub(crate) mod provider_event;
pub(crate) mod rows;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox_checkout;
#[cfg(feature = "sandbox")]
pub(crate) mod sandbox_secret;
pub(crate) mod verify;
pub(crate) mod write;

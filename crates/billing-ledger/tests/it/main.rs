//! The ledger through its services, on both engines.

mod payments;
#[cfg(feature = "sandbox")]
mod sandbox;

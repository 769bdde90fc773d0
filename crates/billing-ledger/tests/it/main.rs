//! The ledger through its services, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod books;
mod corrections;
mod embedding;
mod integrity;
mod ledger;
mod payments;
#[cfg(feature = "sandbox")]
mod sandbox;

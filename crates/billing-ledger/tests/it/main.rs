//! The ledger through its services, on both engines.

mod books;
mod integrity;
mod ledger;
mod model;
mod payments;
#[cfg(feature = "sandbox")]
mod sandbox;

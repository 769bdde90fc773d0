//! Operations over real databases, both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod atomicity;
mod checkout;
mod ingest;
mod keys;
mod members;
mod people;
mod recovery;
mod remembered;

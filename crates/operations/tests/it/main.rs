//! Operations over real databases, both engines.

mod atomicity;
mod checkout;
mod ingest;
mod keys;
mod people;

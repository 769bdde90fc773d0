//! The services of this crate, through their traits, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod changes;
mod create;
mod embedding;
mod imports;
mod life;
mod organization_keys;
mod rotation;
mod spending;
mod uses;
mod world;

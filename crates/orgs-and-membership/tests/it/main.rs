//! The services of this crate, through their traits, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod active_account;
mod embedding;
mod external_organizations;
mod invites;
mod leaving;
mod members;
mod organizations;
mod provider_keys;
mod remote_config;
mod roles;
mod world;

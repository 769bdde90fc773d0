//! The frame and the families' shapes, through the whole router.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends")]

mod authz_sweep;
mod bad_input;
mod client;
mod documented;
mod keys;
mod limits;
mod outside;
mod pages;
mod pages_account;
mod pages_browser;
mod pages_keys;
mod pages_organization;
mod pages_rules;
mod pages_sign_in;
mod principals;
mod refusals;
mod refusals_keys;
mod routing;
mod sandbox;
mod scenarios;
mod secrets;
mod server;
mod shapes;
mod site;
mod stage;
mod success;

//! The real binary on a real port, with both engines: what a product, its people and its operators
//! go through. What the APIs say is compared with sums recounted by plain SQL.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends")]

mod client;
mod crash;
#[cfg(unix)]
mod demo;
mod limits;
mod recount;
mod refusals;
mod server;
#[cfg(unix)]
mod shell;
mod shop;
mod shutdown;
#[cfg(unix)]
mod tour;
mod whole_way;

//! The frame and the families' shapes, through the whole router.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends")]

mod sandbox;
mod server;
mod shapes;
mod site;

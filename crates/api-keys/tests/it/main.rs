//! The services of this crate, through their traits, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod create;
mod embedding;
mod life;
mod uses;
mod world;

//! Mail from its cause to whoever carries it, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod delivery;
mod embedding;
mod letters;
mod mailbox;
mod smtp;
mod smtp_server;
mod world;

//! What must hold of whatever bytes come in from outside: one property for each text that a
//! stranger may send, written once and run twice: at length by the fuzz targets (`fuzz/`), bounded
//! by the ordinary tests of this crate.
//!
//! What it owns: the properties. Each is a function of bytes, `holds`, that panics when something
//! does not hold. The first byte says what the others are: the very input, edits of a valid one, or
//! parts to put together. A fuzzer that changes bytes thus changes one place of a token that was
//! really signed, and need not find out by itself how to sign.
//!
//! What it refuses to know: how inputs are found, and how long to look. Nothing imports it but its
//! tests and the fuzz targets.
#![expect(clippy::expect_used, reason = "a property that cannot be asked does not hold")]

pub mod access_token;
pub mod api_key;
mod choices;
pub mod cloud_events;
pub mod cookie;
pub mod cursor;
mod edit;
pub mod type_id;
pub mod webhook_signature;

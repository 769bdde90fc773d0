//! A webhook's body is taken as it came: its signature is over the bytes.

pub use crate::http::body::RawBody;

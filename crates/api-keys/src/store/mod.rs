//! The table of this domain and the service over it.

mod key;
mod keys;
mod uses;

pub use keys::SeaApiKeys;

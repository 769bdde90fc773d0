//! API keys: what a person gives to a program so that it may act for them on one account.
//!
//! What it owns: the form of a key ([`KeySecret`], [`ParsedKey`]: a mistyped one is told apart
//! without asking the database), its scopes ([`ScopeSet`]: they only narrow what its creator may
//! do), its life, and what is to be said of it when it is shown ([`judge`]). Of the key itself only
//! the SHA-256 is kept.
//!
//! What it refuses to know: who is a member of what (it is told a [`Standing`]), money, limits per
//! minute, HTTP.
//!
//! To embed it: run `ApiKeysMigrator` in your database, make a [`SeaApiKeys`], and call it with a
//! `Reader` to read and a `Tx` to write. A write takes effect when you commit the `Tx`.

pub mod error;
mod key;
mod scope;
mod secret;
mod store;
mod verification;

pub use key::{ApiKey, ApiKeyId, ApiKeys, CreatedKey, KeyName, MAX_OF_CREATOR, NewKey, hash_of_tag};
pub use scope::{Scope, ScopeSet, Standing, effective, scopes_for};
pub use secret::{KeyPrefix, KeySecret, ParsedKey};
pub use store::SeaApiKeys;
pub use verification::{Verdict, judge};

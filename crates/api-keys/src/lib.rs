//! API keys: what a program shows so that it may act for a person, an organization or the product
//! that runs beside a deployment.
//!
//! What it owns: the form of a key ([`KeySecret`], [`ParsedKey`]: a mistyped one is told apart
//! without asking the database), its scopes ([`ScopeSet`]: they only narrow what its creator may
//! do), its limits ([`Networks`], [`SpendLimit`]), its life, what it spent ([`KeySpending`]), and what
//! is to be said of it when it is shown ([`judge`]). Of the key itself only the SHA-256 is kept; the
//! one key of an organization that is shown again ([`OrganizationKeys`]) is kept sealed besides.
//!
//! What it refuses to know: who is a member of what (it is told a [`Standing`]), balances, how often
//! a key was used within a minute, HTTP.
//!
//! To embed it: run `ApiKeysMigrator` in your database, make a [`SeaApiKeys`], and call it with a
//! `Reader` to read and a `Tx` to write. A write takes effect when you commit the `Tx`.

mod api_keys;
mod cache_tag;
pub mod error;
mod foreign_prefix;
mod key;
mod key_change;
mod key_holder;
mod networks;
mod organization_key;
mod parsed_key;
mod revocation_reason;
mod scope;
mod secret;
mod spend_limit;
mod spending;
mod store;
mod verification;

pub use api_keys::{ApiKeys, MAX_OVERLAP};
pub use cache_tag::{hash_of_tag, is_of_prefixes, prefixes_tag};
pub use foreign_prefix::{ForeignPrefix, ImportedKey};
pub use key::{ApiKey, ApiKeyId, CreatedKey, KeyName, MAX_OF_HOLDER, NewKey};
pub use key_change::KeyChange;
pub use key_holder::{Holder, KeyHolder};
pub use networks::Networks;
pub use organization_key::{OrganizationKey, OrganizationKeys};
pub use parsed_key::{ParsedKey, masked};
pub use revocation_reason::RevocationReason;
pub use scope::{Scope, ScopeSet, Standing, effective, scopes_for};
pub use secret::{KeyPrefix, KeySecret};
pub use spend_limit::{SpendLimit, SpendWindow};
pub use spending::{KeySpending, Spent};
pub use store::{SeaApiKeys, SeaKeySpending, SeaOrganizationKeys};
pub use verification::{ShownFrom, Verdict, judge};

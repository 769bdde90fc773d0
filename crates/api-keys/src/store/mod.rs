//! The tables of this domain and the services over them.

mod change;
mod foreign_prefix;
mod imports;
mod key;
mod keys;
mod organization_keys;
mod spend;
mod spending;
mod uses;

pub use keys::SeaApiKeys;
pub use organization_keys::SeaOrganizationKeys;
pub use spending::SeaKeySpending;

//! The tables of this domain and the services over them.

mod active_account;
mod active_accounts;
mod members;
mod membership;
mod organization;
mod organizations;

pub use active_accounts::SeaActiveAccounts;
pub use members::SeaMembers;
pub use organizations::SeaOrganizations;

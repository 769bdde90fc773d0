//! The tables of this domain and the services over them.

mod active_account;
mod active_accounts;
mod external_member;
mod external_organization;
mod external_organizations;
mod invite;
mod invites;
mod members;
mod membership;
mod organization;
mod organizations;
mod provider_key;
mod provider_keys;

pub use active_accounts::SeaActiveAccounts;
pub use external_organizations::SeaExternalOrganizations;
pub use invites::SeaInvites;
pub use members::SeaMembers;
pub use organizations::SeaOrganizations;
pub use provider_keys::SeaProviderKeys;

//! Organizations, their members and the account that each person acts on.
//!
//! What it owns: the organization with its name and slug, the membership with its role, what each
//! role may do ([`allows`]), and the one account of each person that is active.
//!
//! What it refuses to know: who a user is beyond their identifier, money, keys, HTTP.
//!
//! To embed it: run `OrgsMigrator` in your database, make [`SeaOrganizations`], [`SeaMembers`] and
//! [`SeaActiveAccounts`], and call them with a `Reader` to read and a `Tx` to write. A write
//! takes effect when you commit the `Tx`; nothing here opens or commits one.

mod active_account;
pub mod error;
mod membership;
mod organization;
mod role;
mod slug;
mod store;

pub use active_account::ActiveAccounts;
pub use membership::{
    Members, Membership, MembershipId, MembershipOfUser, membership_of_tag, membership_tag,
};
pub use organization::{NewOrganization, Organization, OrganizationName, Organizations};
pub use role::{Permission, Role, allows};
pub use slug::slug;
pub use store::{SeaActiveAccounts, SeaMembers, SeaOrganizations};

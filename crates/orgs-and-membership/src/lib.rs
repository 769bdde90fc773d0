//! Organizations, their members and invites, what they hand to members' clients, and the account
//! that each person acts on.
//!
//! What it owns: the organization with its name and slug, the membership with its role, what each
//! role may do ([`allows`]) and give to others ([`assignable`]), invites, the configuration for
//! members' clients ([`RemoteConfig`]), the provider keys handed to members, what outside issuers call
//! an organization ([`ExternalOrganizations`]), and the one account of each person that is active.
//!
//! What it refuses to know: who a user is beyond their identifier, mail, seats, money, keys of ours,
//! HTTP. An invite's address is two texts to it, one as given and one to compare.
//!
//! To embed it: run `OrgsMigrator` in your database, make [`SeaOrganizations`], [`SeaMembers`],
//! [`SeaInvites`], [`SeaProviderKeys`], [`SeaExternalOrganizations`] and [`SeaActiveAccounts`], and call
//! them with a `Reader` to read and a `Tx` to write. A write takes effect when you commit the `Tx`; nothing here opens or
//! commits one. Whatever changes who is in an organization takes [`Organizations::lock`] first.

mod active_account;
pub mod error;
mod external_organization;
mod invite;
mod membership;
mod organization;
mod provider_key;
mod remote_config;
mod role;
mod slug;
mod store;

pub use active_account::ActiveAccounts;
pub use external_organization::{ExternalOrganizations, KnownOrganization};
pub use invite::{
    INVITE_LIFETIME, Invite, InviteEmail, InviteId, InviteState, Invites, MAX_PENDING, NewInvite,
};
pub use membership::{
    Members, Membership, MembershipId, MembershipOfUser, SoleOwnership, membership_of_tag, membership_tag,
};
pub use organization::{
    ConfiguringOrganization, NewOrganization, Organization, OrganizationChange, OrganizationName,
    Organizations, organization_of_tag, organization_tag,
};
pub use provider_key::{MAX_PROVIDER_KEYS, ProviderKeys, ProviderName};
pub use remote_config::{Checked, RemoteConfig};
pub use role::{Permission, Role, allows, assignable};
pub use slug::slug;
pub use store::{
    SeaActiveAccounts, SeaExternalOrganizations, SeaInvites, SeaMembers, SeaOrganizations, SeaProviderKeys,
};

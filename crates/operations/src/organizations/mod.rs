//! Organizations: what they are called, what their members' clients are told, who is in them, and
//! who is asked in.

mod create;
mod delete;
mod invites;
mod members;
mod metrics;
mod provider_keys;
mod read;
mod remote_config;
mod seats;
mod update;

pub use create::create_organization;
pub use delete::delete_organization;
pub use invites::{
    AcceptedInvite, InviteTo, PeekedInvite, accept_invite, count_invites, create_invites, list_invites,
    peek_invite, revoke_invite,
};
pub use members::{Member, assignable_roles, list_members, read_member, remove_members, set_member_role};
pub use metrics::{Metrics, read_metrics};
pub use provider_keys::{read_provider_keys, set_provider_keys};
pub use read::read_organization;
pub use remote_config::{
    OwnRemoteConfig, RemoteConfigOfOrganization, read_own_remote_config, read_remote_config,
};
pub(crate) use seats::check_seats;
pub use seats::{Seats, read_seats};
pub use update::{UpdateOrganization, update_organization};

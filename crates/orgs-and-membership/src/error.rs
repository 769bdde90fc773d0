//! The failures of organizations, memberships, invites and provider keys.

use bursar_kernel::{Code, ErrorKind};

/// There is no such organization, or the person is no member: the two are told apart nowhere.
pub static ORGANIZATION_NOT_FOUND: Code =
    Code::new(ErrorKind::NotFound, "organization_not_found", "Organization not found");
/// There is no such membership in the organization.
pub static MEMBER_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "member_not_found", "Member not found");
/// A person is in as many organizations as one can be.
pub static TOO_MANY_ORGANIZATIONS: Code = Code::new(
    ErrorKind::Conflict,
    "too_many_organizations",
    "You are a member of as many organizations as one person can be",
);
/// The person is in the organization.
pub static ALREADY_MEMBER: Code = Code::new(ErrorKind::Conflict, "already_member", "already a member");
/// Nobody would own the organization any more.
pub static LAST_OWNER: Code =
    Code::new(ErrorKind::Conflict, "last_owner", "the organization must keep an owner");
/// There is no such invite.
pub static INVITE_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "invite_not_found", "invite not found");
/// An invite that leads nowhere any more.
pub static INVITE_GONE: Code =
    Code::new(ErrorKind::Gone, "invite_gone", "this invite has expired or was revoked");
/// An invite that was used.
pub static INVITE_ACCEPTED: Code =
    Code::new(ErrorKind::Conflict, "invite_accepted", "the invite was already accepted");
/// The person's address is not the one that was invited.
pub static INVITE_OTHER_EMAIL: Code =
    Code::new(ErrorKind::Forbidden, "invite_other_email", "this invite was sent to another address");
/// One invite at a time for an address.
pub static INVITE_PENDING: Code =
    Code::new(ErrorKind::Conflict, "invite_pending", "an invite for this address is already pending");
/// An organization has as many pending invites as one can have.
pub static TOO_MANY_INVITES: Code = Code::new(
    ErrorKind::Conflict,
    "too_many_invites",
    "the organization has as many pending invites as one can have",
);
/// An organization has as many provider keys as one can have.
pub static TOO_MANY_PROVIDER_KEYS: Code = Code::new(
    ErrorKind::Conflict,
    "too_many_provider_keys",
    "the organization has as many provider keys as one can have",
);

/// All of them.
pub static ALL: &[&Code] = &[
    &ORGANIZATION_NOT_FOUND,
    &MEMBER_NOT_FOUND,
    &TOO_MANY_ORGANIZATIONS,
    &ALREADY_MEMBER,
    &LAST_OWNER,
    &INVITE_NOT_FOUND,
    &INVITE_GONE,
    &INVITE_ACCEPTED,
    &INVITE_OTHER_EMAIL,
    &INVITE_PENDING,
    &TOO_MANY_INVITES,
    &TOO_MANY_PROVIDER_KEYS,
];

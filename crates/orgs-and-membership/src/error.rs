//! The failures of organizations and memberships.

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

/// All of them.
pub static ALL: &[&Code] = &[&ORGANIZATION_NOT_FOUND, &MEMBER_NOT_FOUND, &TOO_MANY_ORGANIZATIONS];

//! The failures that belong to no single domain, and those of the domains that operations raise
//! themselves.

use bursar_kernel::{Code, ErrorKind};
pub use bursar_orgs_and_membership::error::ORGANIZATION_NOT_FOUND;
pub use bursar_usage_metering::error::EVENT_CONFLICT;

/// No credential at all.
pub static NOT_AUTHENTICATED: Code =
    Code::new(ErrorKind::Unauthenticated, "not_authenticated", "Not authenticated");
/// A key that is unknown, ended or expired.
pub static INVALID_API_KEY: Code =
    Code::new(ErrorKind::Unauthenticated, "invalid_api_key", "Invalid or inactive API key");
/// An e-mail and a password that do not belong together.
pub static INVALID_SIGN_IN: Code =
    Code::new(ErrorKind::Unauthenticated, "invalid_sign_in", "Invalid email or password");
/// A right password, of somebody who has not shown yet that mail reaches it.
pub static EMAIL_NOT_VERIFIED: Code = Code::new(
    ErrorKind::Forbidden,
    "email_not_verified",
    "Forbidden: follow the link that was mailed to you first",
);
/// A refresh token that is used, unknown or expired.
pub static INVALID_GRANT: Code =
    Code::new(ErrorKind::Unauthenticated, "invalid_grant", "Session has expired");
/// A code that is used, unknown, expired or not the bearer's.
pub static INVALID_CODE: Code = Code::new(
    ErrorKind::Unauthenticated,
    "invalid_code",
    "The code is not valid: it is good once, for a minute, with the redirect_uri that it was made for",
);
/// No issuer of this name, or none that browsers sign in with.
pub static ISSUER_NOT_FOUND: Code =
    Code::new(ErrorKind::NotFound, "issuer_not_found", "There is no such way to sign in");
/// A token of an outside issuer where a session of ours is needed.
pub static SESSION_REQUIRED: Code = Code::new(
    ErrorKind::Forbidden,
    "session_required",
    "Forbidden: this needs a session of this service, not an outside token",
);
/// Not this principal, or not on this account.
pub static FORBIDDEN: Code = Code::new(ErrorKind::Forbidden, "forbidden", "Forbidden");
/// Not in this role.
pub static INSUFFICIENT_PERMISSIONS: Code =
    Code::new(ErrorKind::Forbidden, "insufficient_permissions", "Forbidden: insufficient permissions");
/// A person's session that is too old for what is dangerous.
pub static RECENT_SIGN_IN_REQUIRED: Code =
    Code::new(ErrorKind::Forbidden, "recent_sign_in_required", "Forbidden: sign in again to do this");
/// A person that the deployment keeps out.
pub static ACCOUNT_SUSPENDED: Code =
    Code::new(ErrorKind::Forbidden, "account_suspended", "Forbidden: this account is suspended");
/// Not the person's present password.
pub static WRONG_PASSWORD: Code =
    Code::new(ErrorKind::Forbidden, "wrong_password", "Forbidden: the password is not right");
/// Unknown, ended, or another person's.
pub static SESSION_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "session_not_found", "Session not found");
/// A person that organizations need: others are in them, and nobody else owns them.
pub static SOLE_OWNER: Code = Code::new(
    ErrorKind::Conflict,
    "sole_owner",
    "You are the only owner of an organization that others are in: make somebody else its owner first",
);
/// Unknown, or none of the caller's.
pub static PAYMENT_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "payment_not_found", "payment not found");
/// Unknown, or none of the caller's.
pub static API_KEY_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "api_key_not_found", "api key not found");
/// The key that an organization has from its beginning: it is replaced, never ended alone.
pub static PRIMARY_KEY: Code = Code::new(
    ErrorKind::Conflict,
    "primary_key",
    "This is the organization's own key: regenerate it instead",
);
/// A key from an address that it may not be used from.
pub static ADDRESS_NOT_ALLOWED: Code = Code::new(
    ErrorKind::Forbidden,
    "address_not_allowed",
    "Forbidden: this key may not be used from this address",
);
/// More requests than the caller may make in a minute.
pub static RATE_LIMITED: Code = Code::new(ErrorKind::RateLimited, "rate_limited", "Rate limit exceeded");
/// No provider is configured.
pub static PAYMENTS_NOT_CONFIGURED: Code =
    Code::new(ErrorKind::Unavailable, "payments_not_configured", "payments are not configured");
/// An account that the credential may not report for.
pub static SUBJECT_NOT_FOUND: Code =
    Code::new(ErrorKind::NotFound, "subject_not_found", "The subject is not an account of this credential");
/// More work than can be taken now.
pub static QUEUE_FULL: Code =
    Code::new(ErrorKind::Unavailable, "queue_full", "Too much is being recorded at the moment, try again");

/// All that are declared here.
pub static ALL: &[&Code] = &[
    &NOT_AUTHENTICATED,
    &INVALID_API_KEY,
    &INVALID_SIGN_IN,
    &EMAIL_NOT_VERIFIED,
    &INVALID_GRANT,
    &INVALID_CODE,
    &ISSUER_NOT_FOUND,
    &SESSION_REQUIRED,
    &FORBIDDEN,
    &INSUFFICIENT_PERMISSIONS,
    &RECENT_SIGN_IN_REQUIRED,
    &ACCOUNT_SUSPENDED,
    &WRONG_PASSWORD,
    &SESSION_NOT_FOUND,
    &SOLE_OWNER,
    &PAYMENT_NOT_FOUND,
    &API_KEY_NOT_FOUND,
    &PRIMARY_KEY,
    &ADDRESS_NOT_ALLOWED,
    &RATE_LIMITED,
    &PAYMENTS_NOT_CONFIGURED,
    &SUBJECT_NOT_FOUND,
    &QUEUE_FULL,
];

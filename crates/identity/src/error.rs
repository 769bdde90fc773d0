//! The failures of this crate.

use bursar_kernel::{Code, ErrorKind};

/// The address belongs to somebody.
pub static EMAIL_TAKEN: Code = Code::new(ErrorKind::Conflict, "email_taken", "Email already registered");
/// There is no such person.
pub static USER_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "user_not_found", "User not found");
/// An access token that is none of ours, has expired, or was changed. One sentence for all: an
/// attacker learns nothing from trying.
pub static INVALID_TOKEN: Code =
    Code::new(ErrorKind::Unauthenticated, "invalid_token", "Could not validate credentials");
/// Too many attempts to sign in, from one address or on one account.
pub static TOO_MANY_TRIES: Code =
    Code::new(ErrorKind::RateLimited, "too_many_tries", "Too many attempts, try again later");
/// More passwords wait to be hashed than can be in useful time.
pub static SIGN_IN_BUSY: Code =
    Code::new(ErrorKind::Unavailable, "sign_in_busy", "Too many people are signing in, try again");

/// All of them.
pub static ALL: &[&Code] = &[&EMAIL_TAKEN, &USER_NOT_FOUND, &INVALID_TOKEN, &TOO_MANY_TRIES, &SIGN_IN_BUSY];

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
/// An outside issuer that cannot be asked now: for its keys, or for a person's token.
pub static ISSUER_UNAVAILABLE: Code = Code::new(
    ErrorKind::Unavailable,
    "issuer_unavailable",
    "The sign-in service cannot be reached, try again",
);
/// Too many attempts to sign in, from one address or on one account.
pub static TOO_MANY_TRIES: Code =
    Code::new(ErrorKind::RateLimited, "too_many_tries", "Too many attempts, try again later");
/// More passwords wait to be hashed than can be in useful time.
pub static SIGN_IN_BUSY: Code =
    Code::new(ErrorKind::Unavailable, "sign_in_busy", "Too many people are signing in, try again");
/// The second factor is on, and is not set up over itself.
pub static SECOND_FACTOR_ON: Code =
    Code::new(ErrorKind::Conflict, "second_factor_on", "The second factor is set up already");
/// There is no second factor.
pub static SECOND_FACTOR_OFF: Code =
    Code::new(ErrorKind::Conflict, "second_factor_off", "The second factor is not set up");
/// A code of the second factor that is not right; whoever raises it names the field `code`.
pub static WRONG_CODE: Code = Code::new(ErrorKind::Invalid, "wrong_code", "The code is not right");
/// The password was right, and a code is missing.
pub static TOTP_REQUIRED: Code =
    Code::new(ErrorKind::Unauthenticated, "totp_required", "A code of the second factor is needed");
/// A mailed link that is good no more, or never was: one sentence for all.
pub static LINK_INVALID: Code =
    Code::new(ErrorKind::Gone, "link_invalid", "This link has expired or was used");

/// All of them.
pub static ALL: &[&Code] = &[
    &EMAIL_TAKEN,
    &USER_NOT_FOUND,
    &INVALID_TOKEN,
    &ISSUER_UNAVAILABLE,
    &TOO_MANY_TRIES,
    &SIGN_IN_BUSY,
    &SECOND_FACTOR_ON,
    &SECOND_FACTOR_OFF,
    &WRONG_CODE,
    &TOTP_REQUIRED,
    &LINK_INVALID,
];

//! The failures of the transport itself, before any operation is asked.

use bursar_kernel::{Code, ErrorKind};

/// No such route.
pub static ROUTE_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "route_not_found", "Not found");
/// The route is there, the method is not.
pub static METHOD_NOT_ALLOWED: Code =
    Code::new(ErrorKind::Invalid, "method_not_allowed", "Method not allowed");
/// The body is larger than the route takes.
pub static BODY_TOO_LARGE: Code =
    Code::new(ErrorKind::Invalid, "body_too_large", "The request body is too large");
/// The body broke off.
pub static BODY_INCOMPLETE: Code =
    Code::new(ErrorKind::Invalid, "body_incomplete", "The request body did not arrive whole");
/// A body was needed.
pub static BODY_REQUIRED: Code = Code::new(ErrorKind::Invalid, "body_required", "A JSON body is required");
/// The body is of a type that the route does not read.
pub static MEDIA_TYPE_UNSUPPORTED: Code =
    Code::new(ErrorKind::Invalid, "media_type_unsupported", "Content-Type must be application/json");
/// The body is no JSON.
pub static JSON_MALFORMED: Code =
    Code::new(ErrorKind::Invalid, "json_malformed", "The body must be valid JSON");
/// A path identifier that has not the right shape.
pub static PATH_INVALID: Code = Code::new(ErrorKind::Invalid, "path_invalid", "Invalid request format");
/// The time limit.
pub static REQUEST_TIMED_OUT: Code =
    Code::new(ErrorKind::Unavailable, "request_timed_out", "The request took too long, try again");
/// More than one credential: which one is meant would be a guess.
pub static CREDENTIALS_AMBIGUOUS: Code = Code::new(
    ErrorKind::Unauthenticated,
    "credentials_ambiguous",
    "Send one credential, not several different ones",
);
/// A credential that is not even one by its form.
pub static CREDENTIAL_MALFORMED: Code =
    Code::new(ErrorKind::Unauthenticated, "credential_malformed", "Could not validate credentials");
/// A write by a cookie that another site may have caused.
pub static ORIGIN_REFUSED: Code = Code::new(
    ErrorKind::Forbidden,
    "origin_refused",
    "A write with a session cookie needs an Origin of this site",
);
/// A page that is for this machine only was asked for under another name.
pub static HOST_REFUSED: Code =
    Code::new(ErrorKind::Forbidden, "host_refused", "This page is served to this machine only");

/// All of them.
pub static ALL: &[&Code] = &[
    &ROUTE_NOT_FOUND,
    &METHOD_NOT_ALLOWED,
    &BODY_TOO_LARGE,
    &BODY_INCOMPLETE,
    &BODY_REQUIRED,
    &MEDIA_TYPE_UNSUPPORTED,
    &JSON_MALFORMED,
    &PATH_INVALID,
    &REQUEST_TIMED_OUT,
    &CREDENTIALS_AMBIGUOUS,
    &CREDENTIAL_MALFORMED,
    &ORIGIN_REFUSED,
    &HOST_REFUSED,
];

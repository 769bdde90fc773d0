//! The failures of metering.

use bursar_kernel::{Code, ErrorKind};

/// An event that breaks a rule. See [`crate::refusal`].
pub static EVENT_INVALID: Code = Code::new(ErrorKind::Invalid, "event_invalid", "An event is malformed");
/// An event whose identifier was used for another one.
pub static EVENT_CONFLICT: Code = Code::new(
    ErrorKind::Conflict,
    "event_conflict",
    "An event with this source and id was recorded before with other content",
);
/// A meter that there is not.
pub static METER_UNKNOWN: Code = Code::new(ErrorKind::NotFound, "meter_unknown", "There is no such meter");

/// All of them.
pub static ALL: &[&Code] = &[&EVENT_INVALID, &EVENT_CONFLICT, &METER_UNKNOWN];

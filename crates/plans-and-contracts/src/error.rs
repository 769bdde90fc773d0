//! The failures of plans.

use bursar_kernel::{Code, ErrorKind};

/// There is no such version of a plan.
pub static PLAN_NOT_FOUND: Code = Code::new(ErrorKind::NotFound, "plan_not_found", "plan not found");
/// The plan of an account has no room for so many people.
pub static NO_SEATS: Code = Code::new(ErrorKind::PaymentRequired, "no_seats_available", "no seats available");

/// All of them.
pub static ALL: &[&Code] = &[&PLAN_NOT_FOUND, &NO_SEATS];

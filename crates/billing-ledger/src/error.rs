//! What can go wrong with money.

use bursar_kernel::{Code, ErrorKind};

/// A reference that was used for something else.
pub static REFERENCE_REUSED: Code =
    Code::new(ErrorKind::Conflict, "reference_reused", "This reference was posted before with other content");
/// A posting that is none of this book.
pub static POSTING_NOT_FOUND: Code =
    Code::new(ErrorKind::NotFound, "posting_not_found", "There is no such posting");
/// A posting that cannot be taken back.
pub static POSTING_NOT_REVERSIBLE: Code =
    Code::new(ErrorKind::Conflict, "posting_not_reversible", "Only a charge can be reversed");
/// A posting that nobody paid for.
pub static POSTING_NOT_REFUNDABLE: Code = Code::new(
    ErrorKind::Conflict,
    "posting_not_refundable",
    "Only credits that were paid for can be refunded",
);
/// A refund of more than is left to refund.
pub static REFUND_EXCEEDS_PAYMENT: Code = Code::new(
    ErrorKind::Conflict,
    "refund_exceeds_payment",
    "More than was paid and not refunded yet cannot be refunded",
);
/// A webhook that its provider did not send, or sent long ago.
pub static WEBHOOK_SIGNATURE_INVALID: Code = Code::new(
    ErrorKind::Unauthenticated,
    "webhook_signature_invalid",
    "The webhook is not signed by the payment provider, or was signed too long ago",
);
/// An event that lacks what makes it one.
pub static PROVIDER_EVENT_INVALID: Code = Code::new(
    ErrorKind::Invalid,
    "provider_event_invalid",
    "The payment provider's event lacks a field that it must have",
);
/// A webhook of the sandbox that was not taken.
pub static WEBHOOK_REFUSED: Code =
    Code::new(ErrorKind::Unavailable, "webhook_refused", "The webhook was not taken");
/// A page of the sandbox that is none.
pub static CHECKOUT_NOT_FOUND: Code =
    Code::new(ErrorKind::NotFound, "checkout_not_found", "There is no such checkout");
/// A page of the sandbox that was closed unpaid.
pub static CHECKOUT_EXPIRED: Code =
    Code::new(ErrorKind::Gone, "checkout_expired", "This checkout has expired, start a new one");
/// A page of the sandbox on which no card waits for its holder.
pub static CHECKOUT_WANTS_NO_AUTHENTICATION: Code = Code::new(
    ErrorKind::Conflict,
    "checkout_wants_no_authentication",
    "No card of this checkout waits for authentication",
);

/// All of them.
pub static ALL: &[&Code] = &[
    &REFERENCE_REUSED,
    &POSTING_NOT_FOUND,
    &POSTING_NOT_REVERSIBLE,
    &POSTING_NOT_REFUNDABLE,
    &REFUND_EXCEEDS_PAYMENT,
    &WEBHOOK_SIGNATURE_INVALID,
    &PROVIDER_EVENT_INVALID,
    &WEBHOOK_REFUSED,
    &CHECKOUT_NOT_FOUND,
    &CHECKOUT_EXPIRED,
    &CHECKOUT_WANTS_NO_AUTHENTICATION,
];

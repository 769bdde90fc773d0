//! What can go wrong with mail.

use bursar_kernel::{Code, ErrorKind};

/// Nobody was named who carries mail.
pub static MAIL_NOT_CONFIGURED: Code =
    Code::new(ErrorKind::Unavailable, "mail_not_configured", "Mail is not configured");
/// The one who carries mail cannot be reached, or did not take this one.
pub static MAIL_REFUSED: Code = Code::new(ErrorKind::Unavailable, "mail_refused", "Mail cannot be sent now");

/// All of them.
pub static ALL: &[&Code] = &[&MAIL_NOT_CONFIGURED, &MAIL_REFUSED];

//! What can go wrong with money.

use bursar_kernel::{Code, ErrorKind};

/// A reference that was used for something else.
pub static REFERENCE_REUSED: Code = Code::new(
    ErrorKind::Conflict,
    "reference_reused",
    "This reference was posted before with other content",
);

/// All of them.
pub static ALL: &[&Code] = &[&REFERENCE_REUSED];

//! The failures of API keys.

use bursar_kernel::{Code, ErrorKind};

/// Somebody wants a key that may do more than they may.
pub static SCOPE_TOO_WIDE: Code = Code::new(
    ErrorKind::Forbidden,
    "scope_too_wide",
    "A key cannot have a scope that its creator may not give",
);
/// A person, an organization or the deployment has as many keys as one can have.
pub static TOO_MANY_KEYS: Code = Code::new(
    ErrorKind::Conflict,
    "too_many_api_keys",
    "There are as many API keys as there can be, delete one first",
);

/// All of them.
pub static ALL: &[&Code] = &[&SCOPE_TOO_WIDE, &TOO_MANY_KEYS];

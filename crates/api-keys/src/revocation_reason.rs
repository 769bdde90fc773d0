use bursar_kernel::{DomainError, Result};

/// Why a key was ended, in somebody's words: 1 to 200 characters without control characters, no
/// space at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationReason(String);

impl RevocationReason {
    /// The most characters that a reason has.
    pub const MAX_CHARACTERS: usize = 200;

    /// From what somebody typed; spaces around it do not count.
    ///
    /// # Errors
    /// `invalid_field` for `reason` when it is empty, too long or holds control characters.
    pub fn new(text: &str) -> Result<Self> {
        let reason = text.trim();
        if reason.is_empty() || reason.chars().count() > Self::MAX_CHARACTERS {
            return Err(DomainError::invalid("reason", "must be 1 to 200 characters"));
        }
        if reason.chars().any(char::is_control) {
            return Err(DomainError::invalid("reason", "must not hold control characters"));
        }
        Ok(Self(reason.to_owned()))
    }

    /// The reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_breaks_a_rule_names_the_field() {
        assert_eq!(RevocationReason::new(" leaked on GitHub ").unwrap().as_str(), "leaked on GitHub");
        assert!(RevocationReason::new(&"é".repeat(200)).is_ok());
        for reason in ["", "  ", "a\nb", &"x".repeat(201)] {
            let error = RevocationReason::new(reason).unwrap_err();
            assert_eq!((error.code(), error.get("field")), ("invalid_field", Some("reason")), "{reason:?}");
        }
    }
}

use std::{fmt, ops::Range};

use bursar_kernel::{DomainError, Result, codes};
use serde::de::DeserializeOwned;

/// What the file is called.
const FILE: &str = "plans.toml";

/// The catalogue file while it is checked: knows the line of every value.
pub(crate) struct Source<'a> {
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text }
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T> {
        toml::from_str(self.text).map_err(|error| self.fault(error.span().unwrap_or(0..0), error.message()))
    }

    /// What is wrong, and on which line: our fault, since the file is ours.
    pub(crate) fn fault(&self, span: Range<usize>, rule: impl fmt::Display) -> DomainError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        DomainError::from(&codes::INTERNAL)
            .saying(format!("{FILE} line {line}: {rule}"))
            .param("line", line)
            .param("rule", rule)
    }
}

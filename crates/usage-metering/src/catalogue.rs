use std::{fmt, ops::Range};

use serde::de::DeserializeOwned;

/// What is wrong with a catalogue file, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueFault {
    /// From 1.
    pub line: usize,
    /// The rule that the line breaks.
    pub rule: String,
}

impl fmt::Display for CatalogueFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.rule)
    }
}

impl std::error::Error for CatalogueFault {}

/// A catalogue file while it is checked: knows the line of every value.
pub(crate) struct Source<'a> {
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text }
    }

    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, CatalogueFault> {
        toml::from_str(self.text)
            .map_err(|error| self.fault(error.span().unwrap_or(0..0), error.message().to_owned()))
    }

    pub(crate) fn fault(&self, span: Range<usize>, rule: impl Into<String>) -> CatalogueFault {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        CatalogueFault { line: before.matches('\n').count() + 1, rule: rule.into() }
    }
}

use std::fmt;

use bursar_kernel::DomainError;
use serde::Serialize;

use crate::error::EVENT_INVALID;

/// What is wrong with one event of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Which event, from 0.
    pub index: usize,
    /// The attribute, or `data.…` for a field of the data; `body` for what holds no event at all.
    pub field: String,
    /// Completes "field …": `must be …`.
    pub rule: String,
}

impl Fault {
    /// Of one field.
    #[must_use]
    pub fn new(index: usize, field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { index, field: field.into(), rule: rule.into() }
    }
}

/// `event 3: data.promptTokens must be …`.
impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "event {}: {} {}", self.index, self.field, self.rule)
    }
}

/// The faults of a batch as the one failure that they are: the sentence is the first fault, the
/// parameters `index`, `field` and `rule` are its parts, and `faults` is the JSON array of all.
#[must_use]
pub fn refusal(faults: &[Fault]) -> DomainError {
    let error = DomainError::from(&EVENT_INVALID)
        .param("faults", serde_json::to_string(faults).unwrap_or_else(|_| "[]".to_owned()));
    match faults {
        [] => error,
        [first, ..] => error
            .saying(first.to_string())
            .param("index", first.index)
            .param("field", &first.field)
            .param("rule", &first.rule),
    }
}

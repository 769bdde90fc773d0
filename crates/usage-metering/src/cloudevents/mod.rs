//! CloudEvents 1.0 as the HTTP binding carries them, read into plain data: no HTTP types, no
//! floats.
//!
//! Numbers are taken from the text that was sent, so that `0.1` is a tenth and `1e3` a thousand.

mod attributes;
mod binary;
mod fault;
mod json;
mod number;
mod structured;

use std::collections::BTreeMap;

use bursar_kernel::UnixTimestamp;

pub use fault::{Fault, refusal};
pub use json::Json;
pub(crate) use json::write_text;
pub use number::Number;

/// Events of one batch: what one transaction of the group commit takes.
pub const MAX_EVENTS: usize = 1_000;

/// Faults that a refusal tells: as many as somebody reads. An event may have one for each few bytes
/// of it, and a sentence for each would make the answer much larger than what was sent.
pub const MAX_FAULTS: usize = 100;

/// How a request carries its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentMode {
    /// One event is the body: `application/cloudevents+json`.
    Structured,
    /// The body is an array of events: `application/cloudevents-batch+json`.
    Batch,
    /// The attributes are `ce-…` headers and the body is the data.
    Binary,
    /// Neither was said: the body is an event or an array of events.
    Plain,
}

impl ContentMode {
    /// The media type decides; without a CloudEvents one, the presence of `ce-specversion` does.
    #[must_use]
    pub fn of(content_type: Option<&str>, has_ce_specversion: bool) -> Self {
        let media_type = content_type.map(media_type).unwrap_or_default();
        if media_type.starts_with("application/cloudevents-batch") {
            Self::Batch
        } else if media_type.starts_with("application/cloudevents") {
            Self::Structured
        } else if has_ce_specversion {
            Self::Binary
        } else {
            Self::Plain
        }
    }
}

/// The media type without its parameters, lower case.
fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// One event with its attributes checked and its data not looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudEvent {
    /// Tells apart the events of one source.
    pub id: String,
    /// Who reports it.
    pub source: String,
    /// What kind.
    pub event_type: String,
    /// Whose.
    pub subject: String,
    /// When it happened, if the source said so.
    pub time: Option<UnixTimestamp>,
    /// What happened.
    pub data: Option<Json>,
    /// Attributes that this house gives no meaning, such as `traceparent`.
    pub extensions: BTreeMap<String, Json>,
}

/// The events of a request. Header names may have any case; values are taken as they were sent and
/// decoded here, once. Headers that do not begin with `ce-` are passed over, except
/// `content-type`, which says what the body of [`ContentMode::Binary`] is.
///
/// # Errors
/// The faults of all events, the first [`MAX_FAULTS`] of them: one malformed event refuses the whole
/// batch.
pub fn parse(
    mode: ContentMode,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Vec<CloudEvent>, Vec<Fault>> {
    all_or_faults(parse_each(mode, headers, body)?)
}

/// As [`parse`], with the outcome of each event, so that what follows adds its faults to those of
/// its neighbours.
pub(crate) fn parse_each(
    mode: ContentMode,
    headers: &[(String, String)],
    body: &[u8],
) -> Result<Vec<Result<CloudEvent, Vec<Fault>>>, Vec<Fault>> {
    match mode {
        ContentMode::Binary => Ok(vec![binary::read(headers, body)]),
        ContentMode::Structured | ContentMode::Batch | ContentMode::Plain => structured::read(mode, body),
    }
}

/// All values, or the first [`MAX_FAULTS`] faults.
pub(crate) fn all_or_faults<T>(outcomes: Vec<Result<T, Vec<Fault>>>) -> Result<Vec<T>, Vec<Fault>> {
    let (mut values, mut faults) = (Vec::with_capacity(outcomes.len()), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(value) => values.push(value),
            Err(more) => faults.extend(more.into_iter().take(MAX_FAULTS - faults.len())),
        }
    }
    if faults.is_empty() { Ok(values) } else { Err(faults) }
}

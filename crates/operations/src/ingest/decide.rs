use bursar_kernel::{DomainError, Result, UnixTimestamp};
use bursar_usage_metering::{Fault, UsageEvent, age_fault, dedupe, refusal};

use super::{Admitted, Known};
use crate::error;

/// The events of a batch that are new, and how many were recorded before.
#[derive(Debug)]
pub(super) struct Fresh<'a> {
    pub(super) events: Vec<&'a UsageEvent>,
    pub(super) duplicates: u64,
}

/// Decides one batch: a duplicate changes nothing and is recognized before its age is looked at;
/// the same key with other content, or a new event that is too old or too far ahead, refuses the
/// whole batch. An accepted batch is known from here on.
pub(super) fn decide<'a>(command: &'a Admitted, known: &mut Known, now: UnixTimestamp) -> Result<Fresh<'a>> {
    let deduped = dedupe(&command.events, known).map_err(|conflict| {
        let event = &command.events[conflict.index];
        DomainError::from(&error::EVENT_CONFLICT)
            .param("index", conflict.index)
            .param("source", &event.source)
            .param("id", &event.id)
    })?;
    let faults: Vec<Fault> =
        deduped.fresh.iter().filter_map(|(index, event)| age_fault(*index, event, now)).collect();
    if !faults.is_empty() {
        return Err(refusal(&faults));
    }
    known.extend(deduped.fresh.iter().map(|(_, event)| (event.key(), event.content_hash)));
    let events = deduped.fresh.into_iter().map(|(_, event)| event).collect();
    Ok(Fresh { events, duplicates: deduped.duplicates })
}

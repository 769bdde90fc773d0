use std::collections::BTreeMap;

use crate::event::{EventKey, UsageEvent};

/// What a batch adds to what is known.
#[derive(Debug)]
pub struct Deduped<'a> {
    /// The events that are new, with their places in the batch.
    pub fresh: Vec<(usize, &'a UsageEvent)>,
    /// How many were recorded before, or stand twice in the batch.
    pub duplicates: u64,
}

/// The same key with other content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Which event of the batch, from 0.
    pub index: usize,
}

/// Tells the new events of a batch from those that were recorded before. The same event again is a
/// duplicate, within the batch too; the same source and identifier with other content is a
/// conflict, and refuses the batch.
///
/// # Errors
/// The first conflict.
pub fn dedupe<'a>(
    events: &'a [UsageEvent],
    known: &BTreeMap<EventKey, [u8; 32]>,
) -> Result<Deduped<'a>, Conflict> {
    let mut own = BTreeMap::new();
    let mut deduped = Deduped { fresh: Vec::new(), duplicates: 0 };
    for (index, event) in events.iter().enumerate() {
        let key = event.key();
        match known.get(&key).or_else(|| own.get(&key)) {
            Some(content) if *content == event.content_hash => deduped.duplicates += 1,
            Some(_) => return Err(Conflict { index }),
            None => {
                own.insert(key, event.content_hash);
                deduped.fresh.push((index, event));
            }
        }
    }
    Ok(deduped)
}

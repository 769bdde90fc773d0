use std::{hash::Hash, sync::Arc, time::Duration};

use bursar_kernel::{CellCounter, CellRate, Quota, UnixTimestamp};
use moka::{policy::EvictionPolicy, sync::Cache};

/// After so long without a use nothing of any rate a minute counts any more.
const FORGOTTEN_AFTER: Duration = Duration::from_mins(2);

/// Counters of rates a minute, one for each key that is in use. Each node counts for itself.
#[derive(Clone)]
pub struct RateCounters<K> {
    counters: Cache<K, Arc<CellCounter>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> RateCounters<K> {
    /// For so many keys at a time; of more, those that were not used for longest begin anew.
    #[must_use]
    pub fn new(capacity: u64) -> Self {
        let counters = Cache::builder()
            .max_capacity(capacity)
            // Whoever comes new is counted too: the usual policy would let it in only if it came often.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(FORGOTTEN_AFTER)
            .build();
        Self { counters }
    }

    /// Counts a use by a key, if it fits.
    pub fn take(&self, key: K, per_minute: u32, now: UnixTimestamp) -> Quota {
        let counter = self.counters.get_with(key, Arc::default);
        CellRate::a_minute(per_minute).take(&counter, now)
    }
}

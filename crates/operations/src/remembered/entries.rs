use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use bursar_kernel::{Result, UnixTimestamp};
use moka::sync::Cache;

/// Keys are spread over so many counters, so that forgetting one seldom disturbs the reading of
/// another.
const STRIPES: usize = 64;

/// Things that were read a moment ago, by key: bounded in number and in age.
///
/// A value that was being read while its key was forgotten is not kept: it may have been read
/// before the change. So nothing older ever takes the place of what is known to be newer.
pub(super) struct Entries<K, V> {
    kept: Cache<K, Kept<V>>,
    /// How often a key of each stripe was forgotten.
    forgotten: Box<[RwLock<u64>]>,
    hasher: RandomState,
    max_age: Duration,
}

#[derive(Clone)]
struct Kept<V> {
    value: V,
    read_at: UnixTimestamp,
}

impl<K, V> Entries<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(capacity: u64, max_age: Duration) -> Self {
        Self {
            // Its own clock is monotonic: it holds where the other one is set back.
            kept: Cache::builder().max_capacity(capacity).time_to_live(max_age).build(),
            forgotten: (0..STRIPES).map(|_| RwLock::default()).collect(),
            hasher: RandomState::new(),
            max_age,
        }
    }

    /// What is remembered of a key, else what `read` finds, which is then remembered. That there is
    /// nothing is not.
    ///
    /// # Errors
    /// Those of `read`: what is too old is no answer.
    pub(super) async fn get_or_read(
        &self,
        key: K,
        now: UnixTimestamp,
        read: impl Future<Output = Result<Option<V>>>,
    ) -> Result<Option<V>> {
        if let Some(kept) = self.kept.get(&key)
            && kept.read_at.distance(now) < self.max_age
        {
            return Ok(Some(kept.value));
        }
        let before = *self.counter(&key);
        let found = read.await?;
        if let Some(value) = &found {
            let counter = self.counter(&key);
            if *counter == before {
                self.kept.insert(key, Kept { value: value.clone(), read_at: now });
            }
        }
        Ok(found)
    }

    /// Forgets one, and what is being read of it now.
    pub(super) fn forget(&self, key: &K) {
        let mut counter = count(&self.forgotten[self.stripe(key)]);
        *counter += 1;
        // Under the lock nobody keeps it meanwhile; asking is cheaper than removing what is not there.
        if self.kept.contains_key(key) {
            self.kept.invalidate(key);
        }
    }

    /// Forgets all.
    pub(super) fn forget_all(&self) {
        let counters: Vec<_> = self.forgotten.iter().map(count).collect();
        self.kept.invalidate_all();
        for mut counter in counters {
            *counter += 1;
        }
    }

    fn counter(&self, key: &K) -> RwLockReadGuard<'_, u64> {
        self.forgotten[self.stripe(key)].read().unwrap_or_else(PoisonError::into_inner)
    }

    fn stripe(&self, key: &K) -> usize {
        usize::try_from(self.hasher.hash_one(key) % STRIPES as u64).unwrap_or_default()
    }
}

fn count(counter: &RwLock<u64>) -> RwLockWriteGuard<'_, u64> {
    counter.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use bursar_kernel::DomainError;

    use super::*;

    const fn at(seconds: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(seconds * 1_000_000)
    }

    fn entries() -> Entries<u8, &'static str> {
        Entries::new(100, Duration::from_secs(10))
    }

    async fn read(
        entries: &Entries<u8, &'static str>,
        now: i64,
        found: Option<&'static str>,
    ) -> Option<&'static str> {
        entries.get_or_read(1, at(now), async { Ok(found) }).await.unwrap()
    }

    #[tokio::test]
    async fn what_was_read_is_remembered_for_so_long_and_no_longer() {
        let entries = entries();
        assert_eq!(read(&entries, 0, Some("old")).await, Some("old"));
        assert_eq!(read(&entries, 9, Some("new")).await, Some("old"));
        assert_eq!(read(&entries, 10, Some("new")).await, Some("new"));
        // A clock that was set back makes nothing younger.
        assert_eq!(read(&entries, -10, Some("newer")).await, Some("newer"));
    }

    #[tokio::test]
    async fn that_there_is_nothing_is_not_remembered() {
        let entries = entries();
        assert_eq!(read(&entries, 0, None).await, None);
        assert_eq!(read(&entries, 0, Some("made")).await, Some("made"));
    }

    #[tokio::test]
    async fn what_is_forgotten_is_read_again_and_a_failure_is_no_answer() {
        let entries = entries();
        read(&entries, 0, Some("old")).await;
        entries.forget(&1);
        let failed = entries.get_or_read(1, at(0), async { Err(DomainError::internal("away")) }).await;
        assert!(failed.is_err());
        assert_eq!(read(&entries, 0, Some("new")).await, Some("new"));
        entries.forget_all();
        assert_eq!(read(&entries, 0, None).await, None);
    }

    #[tokio::test]
    async fn what_was_being_read_while_it_was_forgotten_is_not_remembered() {
        for forget in [|entries: &Entries<u8, &'static str>| entries.forget(&1), Entries::forget_all] {
            let entries = entries();
            let reading = entries.get_or_read(1, at(0), async {
                forget(&entries);
                Ok(Some("before the change"))
            });
            assert_eq!(reading.await.unwrap(), Some("before the change"));
            assert_eq!(read(&entries, 0, Some("after it")).await, Some("after it"));
        }
    }
}

use std::sync::atomic::{AtomicU64, Ordering};

use bursar_kernel::{IdSource, UnixTimestamp};
use uuid::{Builder, Uuid};

/// `UUIDv7` whose random part counts: 1, 2, 3 … So they sort as they were made, and a test that runs
/// again makes the same ones.
#[derive(Debug, Default)]
pub struct SequentialIds {
    made: AtomicU64,
}

impl IdSource for SequentialIds {
    fn next(&self, now: UnixTimestamp) -> Uuid {
        let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
        let millis = u64::try_from(now.micros().div_euclid(1000)).unwrap_or(0);
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_repeat_sort_and_are_version_7() {
        let now = UnixTimestamp::from_micros(1_790_000_000_123_456);
        let again = || {
            let ids = SequentialIds::default();
            (0..1000).map(|_| ids.next(now)).collect::<Vec<_>>()
        };
        let made = again();
        assert_eq!(made, again());
        assert!(made.is_sorted_by(|earlier, later| earlier < later));
        assert_eq!(made[0].get_version_num(), 7);
    }
}

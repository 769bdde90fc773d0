use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use crate::time::UnixTimestamp;

/// A rate by the generic cell rate algorithm (GCRA): so many in a window, all at once or one by one.
/// Who keeps below it at a steady pace is never refused, and there is no edge of a window at which
/// twice as many pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellRate {
    limit: u32,
    window_micros: i64,
    interval_micros: i64,
}

/// What one caller has taken: the instant at which nothing of it counts any more.
#[derive(Debug)]
pub struct CellCounter(AtomicI64);

impl Default for CellCounter {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
}

/// How a caller stands after it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The most in a window.
    pub limit: u32,
    /// The window.
    pub window: Duration,
    /// How many more would pass now.
    pub remaining: u32,
    /// After how long all of them would again.
    pub whole_in: Duration,
    /// After how long the next one would, where this one did not; nothing was taken.
    pub refused_for: Option<Duration>,
}

impl Quota {
    /// Whether this one passed.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.refused_for.is_none()
    }

    /// Whole seconds, rounded up, until all of them are there again.
    #[must_use]
    pub fn whole_in_seconds(&self) -> u64 {
        self.whole_in.as_secs().saturating_add(u64::from(self.whole_in.subsec_nanos() > 0))
    }

    /// Whole seconds to wait, so that whoever waits that long passes.
    #[must_use]
    pub fn retry_after_seconds(&self) -> u64 {
        self.refused_for.map_or(0, |wait| wait.as_secs().saturating_add(1))
    }
}

impl CellRate {
    /// So many in each window, at least one.
    #[must_use]
    pub fn new(limit: u32, window: Duration) -> Self {
        let limit = limit.max(1);
        let window_micros = i64::try_from(window.as_micros()).unwrap_or(i64::MAX);
        // Rounded down: the last of a burst fits too.
        let interval_micros = (window_micros / i64::from(limit)).max(1);
        Self { limit, window_micros, interval_micros }
    }

    /// So many a minute.
    #[must_use]
    pub fn a_minute(limit: u32) -> Self {
        Self::new(limit, Duration::from_mins(1))
    }

    /// Takes one if it fits: of many at once, as many as fit.
    pub fn take(&self, counter: &CellCounter, now: UnixTimestamp) -> Quota {
        let now = now.micros();
        let filled = |empty_at: i64| empty_at.max(now).saturating_add(self.interval_micros);
        let fits = |filled: i64| filled.saturating_sub(now) <= self.window_micros;
        let before = counter.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |empty_at| {
            Some(filled(empty_at)).filter(|&filled| fits(filled))
        });
        let (empty_at, refused_for) = match before {
            Ok(before) => (filled(before), None),
            Err(before) => {
                (before, Some(filled(before).saturating_sub(now).saturating_sub(self.window_micros)))
            }
        };
        let taken = empty_at.saturating_sub(now).max(0);
        let left = self.window_micros.saturating_sub(taken).max(0) / self.interval_micros;
        Quota {
            limit: self.limit,
            window: duration(self.window_micros),
            remaining: u32::try_from(left).unwrap_or(u32::MAX).min(self.limit),
            whole_in: duration(taken),
            refused_for: refused_for.map(duration),
        }
    }
}

fn duration(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn at(micros: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(micros)
    }

    #[test]
    fn a_burst_passes_up_to_the_limit_and_says_what_is_left() {
        let (rate, counter) = (CellRate::a_minute(3), CellCounter::default());
        let asked: Vec<_> = (0..4).map(|_| rate.take(&counter, at(0))).collect();
        let said: Vec<_> = asked.iter().map(|quota| (quota.passed(), quota.remaining)).collect();
        assert_eq!(said, [(true, 2), (true, 1), (true, 0), (false, 0)]);
        assert_eq!(asked[1].whole_in, Duration::from_secs(40));
        assert_eq!(asked[3].refused_for, Some(Duration::from_secs(20)));
        assert_eq!(asked[3].retry_after_seconds(), 21);
    }

    #[test]
    fn of_many_at_once_exactly_as_many_pass_as_fit() {
        let (rate, counter) = (CellRate::a_minute(50), CellCounter::default());
        let passed = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..50).filter(|_| rate.take(&counter, at(7)).passed()).count()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(passed, 50);
    }

    proptest! {
        #[test]
        fn a_steady_pace_below_the_limit_is_never_refused(limit in 1..5000_u32, start in any::<i32>(), slack in 0..1000_i64) {
            let (rate, counter) = (CellRate::a_minute(limit), CellCounter::default());
            let pace = 60_000_000 / i64::from(limit) + slack;
            for number in 0..3 * i64::from(limit).min(200) {
                prop_assert!(rate.take(&counter, at(i64::from(start) + number * pace)).passed(), "{}", number);
            }
        }

        #[test]
        fn who_waits_as_long_as_told_passes(limit in 1..100_u32, takes in 1..200_usize) {
            let (rate, counter) = (CellRate::a_minute(limit), CellCounter::default());
            let mut now = at(1_790_000_000_000_000);
            for _ in 0..takes {
                let quota = rate.take(&counter, now);
                if let Some(wait) = quota.refused_for {
                    now = now.after(wait);
                    prop_assert!(rate.take(&counter, now).passed());
                }
            }
        }

        #[test]
        fn no_window_lets_more_than_twice_the_limit_through(limit in 1..50_u32, gaps in prop::collection::vec(0..5_000_000_i64, 300)) {
            let (rate, counter) = (CellRate::a_minute(limit), CellCounter::default());
            let (mut now, mut passed) = (0, Vec::new());
            for gap in gaps {
                now += gap;
                if rate.take(&counter, at(now)).passed() {
                    passed.push(now);
                }
            }
            for (index, from) in passed.iter().enumerate() {
                let within = passed[index..].iter().take_while(|at| **at < from + 60_000_000).count();
                prop_assert!(within <= 2 * limit as usize, "{}", within);
            }
        }
    }
}

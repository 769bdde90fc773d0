use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use bursar_kernel::{Clock, UnixTimestamp};

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct MockClock {
    micros: AtomicI64,
}

impl MockClock {
    /// When every test begins.
    pub const START: &str = "2026-10-01T00:00:00Z";

    /// Stands at `now`.
    #[must_use]
    pub const fn at(now: UnixTimestamp) -> Self {
        Self { micros: AtomicI64::new(now.micros()) }
    }

    /// Moves to an instant, earlier or later.
    pub fn set(&self, now: UnixTimestamp) {
        self.micros.store(now.micros(), Ordering::SeqCst);
    }

    /// Moves on.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().after(duration));
    }
}

impl Default for MockClock {
    fn default() -> Self {
        Self::at(UnixTimestamp::parse(Self::START).expect("the start is an instant"))
    }
}

impl Clock for MockClock {
    fn now(&self) -> UnixTimestamp {
        UnixTimestamp::from_micros(self.micros.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_only_when_it_is_moved() {
        let clock = MockClock::default();
        assert_eq!(clock.now().rfc3339(), MockClock::START);
        clock.advance(Duration::from_secs(90));
        assert_eq!(clock.now().rfc3339(), "2026-10-01T00:01:30Z");
    }
}

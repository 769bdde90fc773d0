use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// An instant: whole microseconds since 1970-01-01T00:00:00Z.
///
/// BIGINT in the database: date-times are unordered text on SQLite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTimestamp(i64);

crate::column_type!(UnixTimestamp, i64, |value: UnixTimestamp| value.0, |micros: i64| Some(UnixTimestamp(
    micros
)));

impl UnixTimestamp {
    /// From microseconds since the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// From an RFC 3339 text with any offset; `None` when it is none, or when its offset takes it
    /// out of the years that have such a text in UTC: it could not be written again.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = OffsetDateTime::parse(text, &Rfc3339).ok()?.checked_to_offset(UtcOffset::UTC)?;
        (0..=9999).contains(&at.year()).then(|| Self::from_datetime(at))?
    }

    /// From a calendar date-time; `None` outside what microseconds can say.
    #[must_use]
    pub fn from_datetime(at: OffsetDateTime) -> Option<Self> {
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1000)).ok().map(Self)
    }

    /// The calendar date-time in UTC. Instants beyond the years that calendars know come out as
    /// the nearest one.
    #[must_use]
    pub fn datetime(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000).unwrap_or_else(|_| {
            let far = if self.0 < 0 { time::Date::MIN } else { time::Date::MAX };
            far.midnight().assume_utc()
        })
    }

    /// RFC 3339 in UTC with `Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.datetime().format(&Rfc3339).unwrap_or_default()
    }

    /// Later by a duration; the last instant there is when that is beyond it.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// Earlier by a duration.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// How long after `earlier` this is; nothing when it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How far apart they are, whichever came first.
    #[must_use]
    pub const fn distance(self, other: Self) -> Duration {
        Duration::from_micros(self.0.abs_diff(other.0))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for UnixTimestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.rfc3339())
    }
}

/// Where the time comes from. Injected, so that tests and the sandbox can move it.
pub trait Clock: Send + Sync + 'static {
    /// The instant now.
    fn now(&self) -> UnixTimestamp;
}

/// The machine's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTimestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine for the time")]
        let now = SystemTime::now();
        UnixTimestamp(now.duration_since(UNIX_EPOCH).map_or(0, micros))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_the_same_through_every_offset() {
        let utc = UnixTimestamp::parse("2026-10-31T10:00:00Z").unwrap();
        assert_eq!(UnixTimestamp::parse("2026-10-31T12:00:00+02:00"), Some(utc));
        assert_eq!(utc.rfc3339(), "2026-10-31T10:00:00Z");
        assert_eq!(UnixTimestamp::parse("2026-10-31T10:00:00"), None, "a naive date-time is refused");
    }

    #[test]
    fn every_text_that_is_taken_is_written_again() {
        for (text, utc) in [
            ("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z")),
            ("0000-01-01T00:00:00-00:01", Some("0000-01-01T00:01:00Z")),
            ("9999-12-31T23:59:59.9999999Z", Some("9999-12-31T23:59:59.999999Z")),
            ("0000-01-01T00:00:00+00:01", None),
            ("9999-12-31T23:59:59-00:01", None),
        ] {
            assert_eq!(UnixTimestamp::parse(text).map(UnixTimestamp::rfc3339).as_deref(), utc, "{text}");
        }
    }

    #[test]
    fn an_extreme_instant_does_not_panic() {
        assert!(!UnixTimestamp::from_micros(i64::MAX).rfc3339().is_empty());
        assert_eq!(UnixTimestamp::from_micros(i64::MAX).after(Duration::from_secs(1)).micros(), i64::MAX);
    }
}

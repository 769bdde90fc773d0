use std::time::Duration;

use bursar_kernel::{Amount, DomainError, Result, UnixTimestamp};

const DAY: Duration = Duration::from_hours(24);

bursar_kernel::text_enum! {
    /// Over what time spending is added up, by the calendar in UTC.
    pub enum SpendWindow {
        /// From midnight to midnight.
        Day = "day",
        /// From the first of a month to the first of the next.
        Month = "month",
        /// For ever.
        Total = "total",
    }
}

impl SpendWindow {
    /// When the window began that `now` is in.
    #[must_use]
    pub fn start(self, now: UnixTimestamp) -> UnixTimestamp {
        let midnight = UnixTimestamp::from_micros(now.micros() - now.micros().rem_euclid(micros(DAY)));
        match self {
            Self::Day => midnight,
            Self::Month => midnight.before(DAY * u32::from(now.datetime().day() - 1)),
            Self::Total => UnixTimestamp::from_micros(0),
        }
    }

    /// When it ends, if it does: the first instant of the next one.
    #[must_use]
    pub fn end(self, now: UnixTimestamp) -> Option<UnixTimestamp> {
        let days = match self {
            Self::Day => 1,
            Self::Month => now.datetime().month().length(now.datetime().year()),
            Self::Total => return None,
        };
        Some(self.start(now).after(DAY * u32::from(days)))
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// What a key may spend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendLimit {
    /// How much, more than nothing.
    pub amount: Amount,
    /// In what time.
    pub window: SpendWindow,
}

impl SpendLimit {
    /// A limit.
    ///
    /// # Errors
    /// `invalid_field` for `amountUsd` when it is not more than nothing.
    pub fn new(amount: Amount, window: SpendWindow) -> Result<Self> {
        Self { amount, window }.checked()
    }

    pub(crate) fn checked(self) -> Result<Self> {
        if self.amount.is_positive() {
            Ok(self)
        } else {
            Err(DomainError::invalid("amountUsd", "must be more than 0"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(window: SpendWindow, now: &str) -> (String, Option<String>) {
        let now = UnixTimestamp::parse(now).unwrap();
        (window.start(now).rfc3339(), window.end(now).map(UnixTimestamp::rfc3339))
    }

    fn between(start: &str, end: &str) -> (String, Option<String>) {
        (format!("{start}T00:00:00Z"), Some(format!("{end}T00:00:00Z")))
    }

    #[test]
    fn windows_go_by_the_calendar_in_utc() {
        use SpendWindow::{Day, Month, Total};
        assert_eq!(window(Day, "2026-10-31T23:59:59.999999Z"), between("2026-10-31", "2026-11-01"));
        assert_eq!(window(Day, "2026-11-01T00:00:00Z"), between("2026-11-01", "2026-11-02"));
        assert_eq!(window(Day, "2026-11-01T01:00:00+02:00"), between("2026-10-31", "2026-11-01"));
        assert_eq!(window(Month, "2026-10-31T23:59:59.999999Z"), between("2026-10-01", "2026-11-01"));
        assert_eq!(window(Month, "2026-11-01T00:00:00Z"), between("2026-11-01", "2026-12-01"));
        assert_eq!(window(Month, "2026-12-31T12:00:00Z"), between("2026-12-01", "2027-01-01"));
        assert_eq!(window(Month, "2028-02-29T12:00:00Z"), between("2028-02-01", "2028-03-01"));
        assert_eq!(window(Month, "1969-12-31T23:00:00Z"), between("1969-12-01", "1970-01-01"));
        assert_eq!(window(Total, "2026-10-31T10:00:00Z"), ("1970-01-01T00:00:00Z".to_owned(), None));
    }

    #[test]
    fn a_limit_of_nothing_names_the_field() {
        for amount in [Amount::ZERO, Amount::from_micros(-1)] {
            let refused = SpendLimit::new(amount, SpendWindow::Day).unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some("amountUsd")));
        }
        assert!(SpendLimit::new(Amount::from_micros(1), SpendWindow::Day).is_ok());
    }
}

use std::time::Duration;

use bursar_kernel::UnixTimestamp;
use time::Month;

bursar_kernel::text_enum! {
    /// How wide a reading of a meter is. Windows are half-open and begin at whole minutes, hours,
    /// days and months of UTC.
    pub enum Window {
        /// 60 seconds.
        Minute = "MINUTE",
        /// 60 minutes.
        Hour = "HOUR",
        /// A calendar day of UTC.
        Day = "DAY",
        /// A calendar month of UTC.
        Month = "MONTH",
    }
}

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Window {
    /// The beginning of the window that holds this instant.
    #[must_use]
    pub fn start(self, at: UnixTimestamp) -> UnixTimestamp {
        match self {
            Self::Minute => floor(at, MINUTE),
            Self::Hour => floor(at, HOUR),
            Self::Day => floor(at, DAY),
            Self::Month => {
                let date = at.datetime().date();
                date.replace_day(1)
                    .ok()
                    .and_then(|first| UnixTimestamp::from_datetime(first.midnight().assume_utc()))
                    .unwrap_or(at)
            }
        }
    }

    /// The beginning of the window after the one that begins here.
    #[must_use]
    pub fn next(self, start: UnixTimestamp) -> UnixTimestamp {
        match self {
            Self::Minute => start.after(Duration::from_mins(1)),
            Self::Hour => start.after(Duration::from_hours(1)),
            Self::Day => start.after(Duration::from_hours(24)),
            Self::Month => {
                let date = start.datetime().date();
                let (year, month) = match date.month() {
                    Month::December => (date.year() + 1, Month::January),
                    month => (date.year(), month.next()),
                };
                time::Date::from_calendar_date(year, month, 1)
                    .ok()
                    .and_then(|first| UnixTimestamp::from_datetime(first.midnight().assume_utc()))
                    .unwrap_or(start)
            }
        }
    }

    /// The least whole windows that cover `from..to`.
    #[must_use]
    pub fn covering(self, from: UnixTimestamp, to: UnixTimestamp) -> (UnixTimestamp, UnixTimestamp) {
        let last = self.start(to);
        (self.start(from), if last == to { last } else { self.next(last) })
    }
}

fn floor(at: UnixTimestamp, unit: i64) -> UnixTimestamp {
    UnixTimestamp::from_micros(at.micros().saturating_sub(at.micros().rem_euclid(unit)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> UnixTimestamp {
        UnixTimestamp::parse(text).unwrap()
    }

    #[test]
    fn windows_begin_at_whole_units_of_utc() {
        for (window, start, next) in [
            (Window::Minute, "2028-02-29T23:59:00Z", "2028-03-01T00:00:00Z"),
            (Window::Hour, "2028-02-29T23:00:00Z", "2028-03-01T00:00:00Z"),
            (Window::Day, "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z"),
            (Window::Month, "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"),
        ] {
            assert_eq!(window.start(at("2028-02-29T23:59:59.999999Z")), at(start), "{window}");
            assert_eq!(window.next(at(start)), at(next), "{window}");
        }
        assert_eq!(Window::Month.next(at("2026-12-01T00:00:00Z")), at("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn a_range_is_widened_to_whole_windows_and_an_aligned_one_is_left_alone() {
        let (from, to) = Window::Day.covering(at("2026-10-01T12:00:00Z"), at("2026-10-02T00:00:00.000001Z"));
        assert_eq!((from, to), (at("2026-10-01T00:00:00Z"), at("2026-10-03T00:00:00Z")));
        assert_eq!(Window::Day.covering(from, to), (from, to));
    }

    proptest! {
        #[test]
        fn windows_tile(micros in -4_000_000_000_000_000..4_000_000_000_000_000_i64, which in 0..4_usize) {
            let (window, at) = (Window::ALL[which], UnixTimestamp::from_micros(micros));
            let start = window.start(at);
            prop_assert!(start <= at && at < window.next(start));
            prop_assert_eq!(window.start(window.next(start)), window.next(start));
            prop_assert_eq!(window.start(UnixTimestamp::from_micros(window.next(start).micros() - 1)), start);
        }
    }
}

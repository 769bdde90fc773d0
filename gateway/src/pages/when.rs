//! Instants for people, and for programs that read pages.

use std::fmt;

use bursar_kernel::UnixTimestamp;

/// An instant: `{}` for people, [`When::exact`] for the attribute beside it.
#[derive(Clone, Copy)]
pub(super) struct When(UnixTimestamp);

impl From<UnixTimestamp> for When {
    fn from(at: UnixTimestamp) -> Self {
        Self(at)
    }
}

impl When {
    pub(super) fn exact(self) -> String {
        self.0.rfc3339()
    }
}

/// `25 Nov 2026, 09:05 UTC`: nobody takes the day for the month.
impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.datetime();
        let (day, month, year) = (at.day(), at.month().to_string(), at.year());
        write!(formatter, "{day} {month:.3} {year}, {:02}:{:02} UTC", at.hour(), at.minute())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_in_words_and_exactly() {
        let when = When::from(UnixTimestamp::parse("2026-11-05T09:05:59.25Z").unwrap());
        assert_eq!(when.to_string(), "5 Nov 2026, 09:05 UTC");
        assert_eq!(when.exact(), "2026-11-05T09:05:59.25Z");
    }
}

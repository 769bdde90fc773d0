//! Meters that add up share rows: those of one event type that are split by the same words are
//! counted in one row, each in a place of its own. One event of a busy kind would otherwise touch a
//! row for each of its meters.

use std::{borrow::Cow, collections::BTreeMap};

use bursar_kernel::{AccountId, UnixTimestamp};
use rust_decimal::Decimal;

use crate::{
    meter::{Aggregation, Meter},
    payload::EventType,
    rollup::Measured,
    window::Window,
};

/// Sums of one row. A further meter begins another row.
pub(crate) const PLACES: usize = 8;
/// Stands before a meter that counts events: those are counted once for the whole row.
const COUNTED: char = '#';

/// The windows that sums are kept for. Months are made of days.
pub(crate) const KEPT_WINDOWS: [Window; 2] = [Window::Hour, Window::Day];

/// Which meters a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) event_type: EventType,
    /// By which words its readings can be split.
    pub(crate) group_by: Vec<String>,
    /// Which number of an event is added up in each place.
    values: Vec<String>,
    /// The meters in the order of their places, as rows say it: a row explains itself when the
    /// catalogue has changed since.
    pub(crate) meters: String,
}

/// Where a row holds a meter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In this one of its sums.
    Sum(usize),
    /// As the number of its events.
    Count,
}

impl Layout {
    /// The layouts of the meters that add up, in the order of the meters.
    pub(crate) fn all(meters: &[Meter]) -> Vec<Self> {
        let mut layouts: Vec<Self> = Vec::new();
        for meter in meters {
            let value = match (meter.aggregation, &meter.value) {
                (Aggregation::Sum, Some(value)) => Some(value.clone()),
                (Aggregation::Count, _) => None,
                _ => continue,
            };
            let place = layouts.iter().rposition(|layout| {
                layout.event_type == meter.event_type
                    && layout.group_by == meter.group_by
                    && (value.is_none() || layout.values.len() < PLACES)
            });
            if let Some(place) = place {
                layouts[place].append(&meter.key, value);
                continue;
            }
            let mut layout = Self {
                event_type: meter.event_type,
                group_by: meter.group_by.clone(),
                values: Vec::new(),
                meters: String::new(),
            };
            layout.append(&meter.key, value);
            layouts.push(layout);
        }
        layouts
    }

    fn append(&mut self, key: &str, value: Option<String>) {
        if !self.meters.is_empty() {
            self.meters.push(',');
        }
        if value.is_none() {
            self.meters.push(COUNTED);
        }
        self.meters.push_str(key);
        self.values.extend(value);
    }

    /// Where a row of these meters holds the meter of this key, if it does.
    pub(crate) fn place_of(meters: &str, key: &str) -> Option<Place> {
        let mut sums = 0;
        for meter in meters.split(',') {
            match meter.strip_prefix(COUNTED) {
                Some(counted) if counted == key => return Some(Place::Count),
                Some(_) => {}
                None if meter == key => return Some(Place::Sum(sums)),
                None => sums += 1,
            }
        }
        None
    }
}

/// What one row is about. Ordered, so that every transaction touches rows in one order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SumKey<'a> {
    pub(crate) account: AccountId,
    pub(crate) event_type: EventType,
    pub(crate) window: Window,
    pub(crate) start: UnixTimestamp,
    pub(crate) detail: Option<&'a str>,
    pub(crate) meters: &'a str,
    /// The words that the meters are grouped by, in their order.
    pub(crate) group: Vec<Cow<'a, str>>,
}

/// What many events add up to.
#[derive(Clone, Debug)]
pub(crate) struct Added<'a> {
    pub(crate) layout: &'a Layout,
    pub(crate) count: i64,
    pub(crate) sums: [Decimal; PLACES],
}

/// What a batch of events adds to the rows, gathered in memory.
#[derive(Debug, Default)]
pub(crate) struct Sums<'a>(pub(crate) BTreeMap<SumKey<'a>, Added<'a>>);

impl<'a> Sums<'a> {
    /// Adds an event to the rows of a layout.
    pub(crate) fn add(&mut self, layout: &'a Layout, event: &Measured<'a>) {
        for window in KEPT_WINDOWS {
            let key = SumKey {
                account: event.account,
                event_type: layout.event_type,
                window,
                start: window.start(event.at),
                detail: event.detail,
                meters: &layout.meters,
                group: layout.group_by.iter().map(|name| event.word(name)).collect(),
            };
            let added = self.0.entry(key).or_insert_with(|| Added {
                layout,
                count: 0,
                sums: [Decimal::ZERO; PLACES],
            });
            added.count = added.count.saturating_add(1);
            for (sum, value) in added.sums.iter_mut().zip(&layout.values) {
                *sum = sum.saturating_add(event.number(value).unwrap_or_default());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meter::MeterCatalogue;

    fn layouts(meters: &[(&str, &str)]) -> Vec<String> {
        let text: String = meters
            .iter()
            .map(|(key, rest)| format!("[[meter]]\nkey = \"{key}\"\nevent_type = \"inference\"\n{rest}\n"))
            .collect();
        let meters: Vec<_> = MeterCatalogue::parse(&text).unwrap().iter().cloned().collect();
        Layout::all(&meters).into_iter().map(|layout| layout.meters).collect()
    }

    const COUNT: &str = "aggregation = \"count\"";
    const SUM: &str = "aggregation = \"sum\"\nvalue = \"totalTokens\"";

    #[test]
    fn meters_of_one_kind_and_grouping_share_a_row() {
        let by_model = format!("{SUM}\ngroup_by = [\"model\"]");
        let level = "aggregation = \"max\"\nvalue = \"totalTokens\"";
        let shared = layouts(&[("a", SUM), ("b", COUNT), ("c", by_model.as_str()), ("d", SUM), ("e", level)]);
        assert_eq!(shared, ["a,#b,d", "c"]);
    }

    #[test]
    fn a_row_that_is_full_is_followed_by_another() {
        let keys: Vec<String> = (0..=PLACES).map(|number| format!("m{number}")).collect();
        let meters: Vec<_> = keys.iter().map(|key| (key.as_str(), SUM)).collect();
        assert_eq!(layouts(&meters), ["m0,m1,m2,m3,m4,m5,m6,m7", "m8"]);
    }

    #[test]
    fn a_row_says_where_it_holds_a_meter() {
        for (key, place) in [
            ("tokens", Some(Place::Sum(0))),
            ("requests", Some(Place::Count)),
            ("cost", Some(Place::Sum(1))),
            ("cos", None),
            ("", None),
        ] {
            assert_eq!(Layout::place_of("tokens,#requests,cost", key), place, "{key}");
        }
    }
}

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use bursar_kernel::{AccountId, UnixTimestamp, UserId, encode_type_id};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    meter::{Aggregation, Meter},
    payload::Payload,
    window::Window,
};

/// Numbers that every event comes to, beside those of its data.
pub(crate) const MEASURED_NUMBERS: &[&str] = &["costUsd", "creditsUsed"];
/// Words that every event can have, beside those of its data.
pub(crate) const MEASURED_WORDS: &[&str] = &["apiKeyId", "userId"];
/// What follows the slash of an event's subject: every rollup knows it.
pub(crate) const SUBJECT: &str = "subject";

/// One event as the meters see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured<'a> {
    pub(crate) account: AccountId,
    pub(crate) detail: Option<&'a str>,
    pub(crate) user: Option<UserId>,
    pub(crate) api_key: Option<Uuid>,
    pub(crate) payload: &'a Payload,
    pub(crate) cost_e8: i64,
    pub(crate) credits: i64,
    pub(crate) at: UnixTimestamp,
}

impl<'a> Measured<'a> {
    pub(crate) fn number(&self, name: &str) -> Option<Decimal> {
        match name {
            "costUsd" => Some(self.cost_e8.into()),
            "creditsUsed" => Some(self.credits.into()),
            _ => self.payload.number(name),
        }
    }

    pub(crate) fn word(&self, name: &str) -> Cow<'a, str> {
        match name {
            SUBJECT => self.detail.unwrap_or_default().into(),
            "apiKeyId" => self.api_key.map(|key| encode_type_id("key", key)).unwrap_or_default().into(),
            "userId" => self.user.map(|user| user.to_string()).unwrap_or_default().into(),
            _ => self.payload.word(name).unwrap_or_default().into(),
        }
    }
}

/// What one rollup row is about. Ordered, so that every transaction touches rows in one order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RollupKey<'a> {
    pub(crate) account: AccountId,
    pub(crate) meter: &'a str,
    pub(crate) window: Window,
    pub(crate) start: UnixTimestamp,
    pub(crate) detail: Option<&'a str>,
    /// The words that the meter is grouped by, in its order.
    pub(crate) group: Vec<Cow<'a, str>>,
}

/// What many events add up to. Two tallies make one, in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) sum: Decimal,
    pub(crate) count: i64,
    pub(crate) max: Decimal,
    pub(crate) latest: Decimal,
    pub(crate) latest_at: UnixTimestamp,
}

impl Tally {
    /// Of one event.
    pub(crate) const fn one(value: Decimal, at: UnixTimestamp) -> Self {
        Self { sum: value, count: 1, max: value, latest: value, latest_at: at }
    }

    /// With another, that was reported later: of two levels of one instant it has the last word.
    pub(crate) fn add(&mut self, other: Self) {
        self.sum = self.sum.saturating_add(other.sum);
        self.count = self.count.saturating_add(other.count);
        self.max = self.max.max(other.max);
        if other.latest_at >= self.latest_at {
            (self.latest, self.latest_at) = (other.latest, other.latest_at);
        }
    }

    /// The one value that a meter shows. Different values are counted before they come here.
    pub(crate) fn value(&self, aggregation: Aggregation) -> Decimal {
        match aggregation {
            Aggregation::Sum => self.sum,
            Aggregation::Count | Aggregation::Unique => self.count.into(),
            Aggregation::Max => self.max,
            Aggregation::Latest => self.latest,
        }
        .normalize()
    }
}

/// What a batch of events adds to the rollups, gathered in memory, so that each row is touched once
/// however many events are about it.
#[derive(Debug, Default)]
pub(crate) struct Rollups<'a> {
    pub(crate) tallies: BTreeMap<RollupKey<'a>, Tally>,
    pub(crate) values: BTreeSet<(RollupKey<'a>, Cow<'a, str>)>,
}

impl<'a> Rollups<'a> {
    /// Counts an event in one window of a meter.
    pub(crate) fn count(&mut self, meter: &'a Meter, window: Window, event: &Measured<'a>) {
        let key = RollupKey {
            account: event.account,
            meter: &meter.key,
            window,
            start: window.start(event.at),
            detail: event.detail,
            group: meter.group_by.iter().map(|name| event.word(name)).collect(),
        };
        let value = meter.value.as_deref();
        if meter.aggregation == Aggregation::Unique {
            self.values.insert((key, value.map(|name| event.word(name)).unwrap_or_default()));
            return;
        }
        let number = value.and_then(|name| event.number(name)).unwrap_or(Decimal::ONE);
        let one = Tally::one(number, event.at);
        self.tallies.entry(key).and_modify(|tally| tally.add(one)).or_insert(one);
    }
}

/// The windows that a meter keeps rows of its own for. Different values cannot be added, so their
/// months are kept too; what adds up shares its rows ([`crate::sums`]).
pub(crate) const fn kept_windows(aggregation: Aggregation) -> &'static [Window] {
    match aggregation {
        Aggregation::Sum | Aggregation::Count => &[],
        Aggregation::Max | Aggregation::Latest => &[Window::Hour, Window::Day],
        Aggregation::Unique => &[Window::Hour, Window::Day, Window::Month],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{meter::MeterCatalogue, payload::Gauge};

    fn at(micros: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(micros)
    }

    #[test]
    fn the_latest_level_is_the_one_that_happened_last_whatever_came_first() {
        let mut tally = Tally::one(Decimal::from(7), at(20));
        tally.add(Tally::one(Decimal::from(9), at(10)));
        assert_eq!(tally.value(Aggregation::Latest), Decimal::from(7));
        assert_eq!(tally.value(Aggregation::Max), Decimal::from(9));
        tally.add(Tally::one(Decimal::from(3), at(20)));
        assert_eq!(tally.value(Aggregation::Latest), Decimal::from(3));
        assert_eq!(tally.value(Aggregation::Sum), Decimal::from(19));
    }

    #[test]
    fn events_of_one_group_make_one_row() {
        let catalogue = MeterCatalogue::parse(
            "[[meter]]\nkey = \"levels\"\nevent_type = \"gauge\"\naggregation = \"max\"\nvalue = \"value\"\ngroup_by = [\"meter\"]\n\
             [[meter]]\nkey = \"subjects\"\nevent_type = \"gauge\"\naggregation = \"unique\"\nvalue = \"subject\"\n",
        )
        .unwrap();
        let payload = |meter: &str, value: i64| {
            Payload::Gauge(Gauge { meter: meter.to_owned(), value: Decimal::from(value) })
        };
        let payloads = [payload("agents", 3), payload("agents", 5), payload("projects", 1)];
        let mut rollups = Rollups::default();
        for payload in &payloads {
            let event = Measured {
                account: AccountId::from_uuid(Uuid::nil()),
                detail: None,
                user: None,
                api_key: None,
                payload,
                cost_e8: 0,
                credits: 0,
                at: at(0),
            };
            for meter in catalogue.iter() {
                rollups.count(meter, Window::Hour, &event);
            }
        }
        let rows: Vec<_> =
            rollups.tallies.iter().map(|(key, tally)| (key.group[0].as_ref(), tally.max)).collect();
        assert_eq!(rows, [("agents", Decimal::from(5)), ("projects", Decimal::ONE)]);
        assert_eq!(rollups.values.len(), 1);
    }
}

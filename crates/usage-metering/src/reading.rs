use std::collections::BTreeMap;

use bursar_kernel::{Account, DomainError, Reader, Result, UnixTimestamp};
use rust_decimal::Decimal;

use crate::{
    error::METER_UNKNOWN,
    event::Subject,
    meter::{Meter, MeterCatalogue},
    rollup::{SUBJECT, Tally},
    window::Window,
};

/// Readings of one answer: what a chart can show and a client can hold.
pub const MAX_READINGS: usize = 10_000;
/// How much time minutes may be asked for: they are counted from rows and not kept.
const MAX_MINUTES_SPAN_SECONDS: u64 = 24 * 60 * 60;

/// A question to a meter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeterQuery {
    /// Whose usage.
    pub account: Account,
    /// Only what was reported for this member, project or agent of it.
    pub subject_detail: Option<String>,
    /// The meter's key.
    pub meter: String,
    /// From the window that holds this instant …
    pub from: UnixTimestamp,
    /// … up to this instant, whose window is still counted whole unless it begins there.
    pub to: UnixTimestamp,
    /// How wide each reading is.
    pub window: Window,
    /// By which words of the meter readings are split; `subject` splits any meter.
    pub group_by: Vec<String>,
}

/// What a meter shows for one window and group. Windows and groups in which nothing happened are
/// left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The value.
    pub value: Decimal,
    /// From here …
    pub window_start: UnixTimestamp,
    /// … up to here.
    pub window_end: UnixTimestamp,
    /// Whose usage: the account, or the part of it that was asked for or split by.
    pub subject: Subject,
    /// The words that it is split by.
    pub group: BTreeMap<String, String>,
}

/// What the meters show. They count by the time of events, not of their receipt.
#[async_trait::async_trait]
pub trait MeterReadings: Send + Sync {
    /// The readings in order of windows, then groups. Hours, days and months are read from rollups,
    /// minutes from rows.
    ///
    /// # Errors
    /// `meter_unknown`; `invalid_field` for a word that the meter is not grouped by, for more than
    /// a day of minutes and for more than 10 000 readings.
    async fn query(&self, reader: Reader<'_>, query: MeterQuery) -> Result<Vec<Reading>>;
}

/// A question that was found answerable.
pub(crate) struct Question<'a> {
    pub(crate) meter: &'a Meter,
    pub(crate) account: Account,
    pub(crate) detail: Option<&'a str>,
    pub(crate) window: Window,
    /// Whole windows.
    pub(crate) from: UnixTimestamp,
    pub(crate) to: UnixTimestamp,
    /// The words of the meter that were asked for.
    pub(crate) group_by: Vec<&'a str>,
    /// Whether readings are split by subject.
    pub(crate) by_subject: bool,
}

impl<'a> Question<'a> {
    pub(crate) fn new(catalogue: &'a MeterCatalogue, query: &'a MeterQuery) -> Result<Self> {
        let meter = catalogue
            .get(&query.meter)
            .ok_or_else(|| DomainError::from(&METER_UNKNOWN).param("meter", &query.meter))?;
        let mut group_by = Vec::new();
        for word in &query.group_by {
            if word != SUBJECT && !meter.group_by.contains(word) {
                let words = [&[SUBJECT.to_owned()], meter.group_by.as_slice()].concat().join(", ");
                return Err(DomainError::invalid("groupBy", format!("must be of {words}")));
            }
            if word != SUBJECT && !group_by.contains(&word.as_str()) {
                group_by.push(word.as_str());
            }
        }
        if query.from >= query.to {
            return Err(DomainError::invalid("to", "must be after from"));
        }
        let (from, to) = query.window.covering(query.from, query.to);
        let span = query.to.since(query.from);
        if query.window == Window::Minute && span.as_secs() > MAX_MINUTES_SPAN_SECONDS {
            return Err(DomainError::invalid("windowSize", "must not be MINUTE for more than 24 hours"));
        }
        Ok(Self {
            meter,
            account: query.account,
            detail: query.subject_detail.as_deref(),
            window: query.window,
            from,
            to,
            group_by,
            by_subject: query.group_by.iter().any(|word| word == SUBJECT),
        })
    }

    /// Keeps of a rollup's words those that were asked for.
    pub(crate) fn project(&self, words: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        self.group_by
            .iter()
            .map(|&name| (name.to_owned(), words.get(name).cloned().unwrap_or_default()))
            .collect()
    }
}

/// Gathers what the database answered into readings.
#[derive(Default)]
pub(crate) struct Readings {
    found: BTreeMap<Place, Tally>,
}

/// What one reading is about, in the order in which readings are answered.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    start: UnixTimestamp,
    detail: Option<String>,
    group: BTreeMap<String, String>,
}

impl Readings {
    /// Adds a part of a reading: what lies at `at`, for this detail and these words.
    pub(crate) fn add(
        &mut self,
        question: &Question<'_>,
        at: UnixTimestamp,
        detail: Option<String>,
        group: BTreeMap<String, String>,
        tally: Tally,
    ) {
        let detail = if question.by_subject { detail } else { None };
        self.found
            .entry(Place { start: question.window.start(at), detail, group })
            .and_modify(|known| known.add(tally))
            .or_insert(tally);
    }

    pub(crate) fn finish(self, question: &Question<'_>) -> Result<Vec<Reading>> {
        if self.found.len() > MAX_READINGS {
            return Err(too_many());
        }
        let reading = |(Place { start, detail, group }, tally): (Place, Tally)| Reading {
            value: tally.value(question.meter.aggregation),
            window_start: start,
            window_end: question.window.next(start),
            subject: Subject {
                account: question.account,
                detail: if question.by_subject { detail } else { question.detail.map(str::to_owned) },
            },
            group,
        };
        Ok(self.found.into_iter().map(reading).collect())
    }
}

pub(crate) fn too_many() -> DomainError {
    let rule = format!(
        "must not ask for more than {MAX_READINGS} readings: shorten from to to, or widen windowSize"
    );
    DomainError::invalid("to", rule)
}

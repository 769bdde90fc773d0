use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::{
    catalogue::{CatalogueFault, Source},
    payload::EventType,
    rollup::{MEASURED_NUMBERS, MEASURED_WORDS, SUBJECT},
    sums::Layout,
};

bursar_kernel::text_enum! {
    /// How a meter makes one value of many.
    pub enum Aggregation {
        /// All values added.
        Sum = "sum",
        /// How many events.
        Count = "count",
        /// The greatest value.
        Max = "max",
        /// The value of the event that happened last.
        Latest = "latest",
        /// How many different values.
        Unique = "unique",
    }
}

/// What is counted, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Its name in the API and in the database.
    pub key: String,
    /// Which events it counts.
    pub event_type: EventType,
    /// How.
    pub aggregation: Aggregation,
    /// Which number of an event, or which word for [`Aggregation::Unique`]; nothing for
    /// [`Aggregation::Count`].
    pub value: Option<String>,
    /// By which words its readings can be split.
    pub group_by: Vec<String>,
}

/// Every meter. It is data: a new meter is a new entry, and counts from then on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeterCatalogue {
    meters: Vec<Meter>,
    layouts: Vec<Layout>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    meter: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: Spanned<String>,
    event_type: Spanned<String>,
    aggregation: Spanned<String>,
    value: Option<Spanned<String>>,
    #[serde(default)]
    group_by: Vec<Spanned<String>>,
}

impl MeterCatalogue {
    /// Reads `meters.toml`.
    ///
    /// # Errors
    /// The first fault, with its line.
    pub fn parse(text: &str) -> Result<Self, CatalogueFault> {
        let source = Source::new(text);
        let file: File = source.read()?;
        let mut meters: BTreeMap<String, Meter> = BTreeMap::new();
        for entry in file.meter {
            let span = entry.key.span();
            let meter = meter(&source, entry)?;
            if meters.contains_key(&meter.key) {
                return Err(source.fault(span, format!("there is a meter `{}` already", meter.key)));
            }
            meters.insert(meter.key.clone(), meter);
        }
        let meters: Vec<_> = meters.into_values().collect();
        let layouts = Layout::all(&meters);
        Ok(Self { meters, layouts })
    }

    /// The meter of this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Meter> {
        self.meters.iter().find(|meter| meter.key == key)
    }

    /// The meters that count events of this kind.
    pub fn of(&self, event_type: EventType) -> impl Iterator<Item = &Meter> {
        self.meters.iter().filter(move |meter| meter.event_type == event_type)
    }

    /// The rows that count events of this kind in the meters that add up.
    pub(crate) fn layouts_of(&self, event_type: EventType) -> impl Iterator<Item = &Layout> {
        self.layouts.iter().filter(move |layout| layout.event_type == event_type)
    }

    /// Every meter, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Meter> {
        self.meters.iter()
    }
}

fn meter(source: &Source<'_>, entry: Entry) -> Result<Meter, CatalogueFault> {
    let key = entry.key.get_ref();
    if key.is_empty()
        || !key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        return Err(source.fault(entry.key.span(), "a key is made of a-z, 0-9 and _"));
    }
    let event_type = EventType::parse(entry.event_type.get_ref()).ok_or_else(|| {
        let rule = format!("there are no events of type `{}`", entry.event_type.get_ref());
        source.fault(entry.event_type.span(), rule)
    })?;
    let aggregation = Aggregation::parse(entry.aggregation.get_ref()).ok_or_else(|| {
        source.fault(entry.aggregation.span(), "an aggregation is sum, count, max, latest or unique")
    })?;
    let numbers = || event_type.numbers().iter().chain(MEASURED_NUMBERS);
    let words = || event_type.words().iter().chain(MEASURED_WORDS);
    let unknown = |value: &Spanned<String>, what: &str| {
        source.fault(value.span(), format!("{event_type} events have no {what} `{}`", value.get_ref()))
    };
    match (aggregation, &entry.value) {
        (Aggregation::Count, None) => {}
        (Aggregation::Count, Some(value)) => {
            return Err(source.fault(value.span(), "a count counts events and has no value"));
        }
        (_, None) => {
            return Err(source.fault(entry.aggregation.span(), format!("{aggregation} needs a value")));
        }
        (Aggregation::Unique, Some(value)) => {
            if !words().any(|word| word == value.get_ref()) && value.get_ref() != SUBJECT {
                return Err(unknown(value, "word"));
            }
        }
        (_, Some(value)) => {
            if !numbers().any(|number| number == value.get_ref()) {
                return Err(unknown(value, "number"));
            }
        }
    }
    for (place, group) in entry.group_by.iter().enumerate() {
        if !words().any(|word| word == group.get_ref()) {
            return Err(unknown(group, "word"));
        }
        if entry.group_by[..place].iter().any(|other| other.get_ref() == group.get_ref()) {
            return Err(source.fault(group.span(), format!("`{}` stands twice", group.get_ref())));
        }
        // Different values cannot be added across groups, so all groups or none is asked for.
        if aggregation == Aggregation::Unique && place > 0 {
            return Err(source.fault(group.span(), "a unique meter is split by one word at most"));
        }
    }
    Ok(Meter {
        key: entry.key.into_inner(),
        event_type,
        aggregation,
        value: entry.value.map(Spanned::into_inner),
        group_by: entry.group_by.into_iter().map(Spanned::into_inner).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[[meter]]\nkey = \"tokens\"\nevent_type = \"inference\"\naggregation = \"sum\"\nvalue = \"totalTokens\"\ngroup_by = [\"model\"]\n";

    #[test]
    fn a_fault_names_its_line() {
        assert!(MeterCatalogue::parse(GOOD).is_ok());
        for (from, to, line, word) in [
            ("\"tokens\"", "\"To kens\"", 2, "a-z"),
            ("\"inference\"", "\"guess\"", 3, "guess"),
            ("\"sum\"", "\"median\"", 4, "an aggregation is"),
            ("\"sum\"", "\"count\"", 5, "no value"),
            ("value = \"totalTokens\"\n", "", 4, "needs a value"),
            ("\"totalTokens\"", "\"model\"", 5, "no number"),
            ("\"sum\"", "\"unique\"", 5, "no word"),
            ("[\"model\"]", "[\"model\", \"model\"]", 6, "twice"),
            ("[\"model\"]", "[\"colour\"]", 6, "colour"),
        ] {
            let fault = MeterCatalogue::parse(&GOOD.replace(from, to)).unwrap_err();
            assert_eq!(fault.line, line, "{fault}");
            assert!(fault.rule.contains(word), "{fault}");
        }
        let fault = MeterCatalogue::parse(&format!("{GOOD}{GOOD}")).unwrap_err();
        assert_eq!((fault.line, fault.rule.as_str()), (8, "there is a meter `tokens` already"));
    }

    #[test]
    fn the_shipped_catalogue_counts_every_kind_of_event() {
        let catalogue =
            MeterCatalogue::parse(include_str!("../../../gateway/catalogue/meters.toml")).unwrap();
        for event_type in EventType::ALL {
            assert!(catalogue.of(*event_type).next().is_some(), "{event_type}");
        }
        assert_eq!(catalogue.get("tokens").unwrap().aggregation, Aggregation::Sum);
    }
}

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::cloudevents::{Fault, Json};

/// Bytes of a word such as a model's name: it becomes part of an index key.
const MAX_TEXT_BYTES: usize = 512;
/// Entries of `metadata`, and bytes of each name and value: a row is read whole.
const MAX_METADATA_ENTRIES: usize = 64;
const MAX_METADATA_BYTES: usize = 1_024;
/// The most that one event can report: a thousand of them still add up in 64 bits.
const MAX_QUANTITY: i64 = 1_000_000_000_000;
/// Meters count millionths.
const MAX_DECIMALS: u32 = 6;

/// Reads fields of an event's data and gathers what is wrong with them, so that a caller learns
/// every fault at once. A field that is left out and one that is null are the same.
pub(crate) struct Fields<'a> {
    index: usize,
    data: &'a BTreeMap<String, Json>,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(crate) const fn new(index: usize, data: &'a BTreeMap<String, Json>) -> Self {
        Self { index, data, faults: Vec::new() }
    }

    /// The value that was read, or why it cannot be believed.
    pub(crate) fn finish<T>(self, value: T) -> Result<T, Vec<Fault>> {
        if self.faults.is_empty() { Ok(value) } else { Err(self.faults) }
    }

    pub(crate) fn fault(&mut self, name: &str, rule: impl Into<String>) {
        self.faults.push(Fault::new(self.index, format!("data.{name}"), rule));
    }

    pub(crate) fn is_faultless(&self, name: &str) -> bool {
        !self.faults.iter().any(|fault| fault.field.strip_prefix("data.") == Some(name))
    }

    fn present(&self, name: &str) -> Option<&'a Json> {
        self.data.get(name).and_then(Json::present)
    }

    fn required(&mut self, name: &str) -> Option<&'a Json> {
        let value = self.present(name);
        if value.is_none() {
            self.fault(name, "is required");
        }
        value
    }

    /// A text of 1 to 512 bytes.
    fn text(&mut self, name: &str, value: &Json) -> Option<String> {
        let rule = match value {
            Json::Text(text) if text.is_empty() => "must not be empty".to_owned(),
            Json::Text(text) if text.len() > MAX_TEXT_BYTES => {
                format!("must not be longer than {MAX_TEXT_BYTES} bytes")
            }
            Json::Text(text) if text.chars().any(char::is_control) => {
                "must not hold control characters".to_owned()
            }
            Json::Text(text) => return Some(text.clone()),
            _ => "must be a text".to_owned(),
        };
        self.fault(name, rule);
        None
    }

    pub(crate) fn required_text(&mut self, name: &str) -> String {
        self.required(name).and_then(|value| self.text(name, value)).unwrap_or_default()
    }

    /// An empty text says as little as none.
    pub(crate) fn optional_text(&mut self, name: &str) -> Option<String> {
        let value = self.present(name)?;
        if matches!(value, Json::Text(text) if text.is_empty()) { None } else { self.text(name, value) }
    }

    /// One of a few words.
    pub(crate) fn required_word<T>(
        &mut self,
        name: &str,
        rule: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let word = match self.required(name)? {
            Json::Text(text) => parse(text),
            _ => None,
        };
        if word.is_none() {
            self.fault(name, rule);
        }
        word
    }

    /// A whole number, 0 to 2³¹−1. `1e3` and `5.0` are whole.
    fn count(&mut self, name: &str, value: &Json) -> i64 {
        let count = match value {
            Json::Number(number) => number
                .decimal()
                .filter(Decimal::is_integer)
                .and_then(|number| i64::try_from(number).ok())
                .filter(|count| (0..=i64::from(i32::MAX)).contains(count)),
            _ => None,
        };
        count.unwrap_or_else(|| {
            self.fault(name, format!("must be a whole number from 0 to {}", i32::MAX));
            0
        })
    }

    pub(crate) fn required_count(&mut self, name: &str) -> i64 {
        self.required(name).map_or(0, |value| self.count(name, value))
    }

    pub(crate) fn optional_count(&mut self, name: &str, default: i64) -> i64 {
        self.present(name).map_or(default, |value| self.count(name, value))
    }

    /// A number from 0 to 10¹² with at most six decimals.
    fn quantity(&mut self, name: &str, value: &Json) -> Decimal {
        let quantity = match value {
            Json::Number(number) => number.decimal().map(|number| number.normalize()).filter(|number| {
                number.scale() <= MAX_DECIMALS
                    && (Decimal::ZERO..=Decimal::from(MAX_QUANTITY)).contains(number)
            }),
            _ => None,
        };
        quantity.unwrap_or_else(|| {
            self.fault(
                name,
                format!("must be a number from 0 to {MAX_QUANTITY} with at most {MAX_DECIMALS} decimals"),
            );
            Decimal::ZERO
        })
    }

    pub(crate) fn required_quantity(&mut self, name: &str) -> Decimal {
        self.required(name).map_or(Decimal::ZERO, |value| self.quantity(name, value))
    }

    pub(crate) fn optional_quantity(&mut self, name: &str, default: Decimal) -> Decimal {
        self.present(name).map_or(default, |value| self.quantity(name, value))
    }

    /// `metadata`: texts by name.
    pub(crate) fn metadata(&mut self) -> BTreeMap<String, String> {
        let mut metadata = BTreeMap::new();
        let members = match self.present("metadata") {
            None => return metadata,
            Some(Json::Object(members)) => members,
            Some(_) => {
                self.fault("metadata", "must be an object of texts");
                return metadata;
            }
        };
        if members.len() > MAX_METADATA_ENTRIES {
            self.fault("metadata", format!("must not hold more than {MAX_METADATA_ENTRIES} entries"));
            return metadata;
        }
        for (name, value) in members {
            match value {
                Json::Text(text) if name.len().max(text.len()) > MAX_METADATA_BYTES => self.fault(
                    "metadata",
                    format!("must not hold a name or a value longer than {MAX_METADATA_BYTES} bytes"),
                ),
                // PostgreSQL cannot store it in a text.
                Json::Text(text) if name.contains('\0') || text.contains('\0') => {
                    self.fault("metadata", "must not hold the character U+0000");
                }
                Json::Text(text) => {
                    metadata.insert(name.clone(), text.clone());
                }
                _ => self.fault(&format!("metadata.{name}"), "must be a text"),
            }
        }
        metadata
    }
}

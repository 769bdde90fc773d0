use std::{collections::BTreeMap, fmt};

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::number::Number;

/// How deep data may nest. Each level is read once more than the one above it, so that the depth
/// bounds the work; usage is flat.
const MAX_DEPTH: usize = 16;

/// A JSON value that keeps its numbers as they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Json>),
    /// Values by name; each name once.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads a JSON text.
    ///
    /// # Errors
    /// The rule that it breaks, completing "it …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| not_json(&error))?;
        Self::read(raw, MAX_DEPTH)
    }

    /// An event, whose text is known to be JSON: its attributes may nest as deep as a value that
    /// comes alone, so that data is taken or refused in every content mode alike.
    pub(super) fn of_event(raw: &RawValue) -> Result<Self, String> {
        Self::read(raw, MAX_DEPTH + 1)
    }

    fn read(raw: &RawValue, depth: usize) -> Result<Self, String> {
        let text = raw.get();
        let Some(depth) = depth.checked_sub(1) else {
            return Err(format!("must not nest deeper than {MAX_DEPTH} levels"));
        };
        match text.as_bytes().first() {
            Some(b'{') => {
                let members: Members<'_> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
                let mut object = BTreeMap::new();
                for (name, value) in members.0 {
                    let value = Self::read(value, depth)?;
                    // The last one wins in some readers and the first in others: neither is safe
                    // where it makes a price.
                    if object.contains_key(&name) {
                        return Err(format!("must not name `{name}` twice"));
                    }
                    object.insert(name, value);
                }
                Ok(Self::Object(object))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
                items
                    .into_iter()
                    .map(|item| Self::read(item, depth))
                    .collect::<Result<_, _>>()
                    .map(Self::List)
            }
            Some(b'"') => serde_json::from_str(text).map(Self::Text).map_err(|error| not_json(&error)),
            Some(b't') => Ok(Self::Bool(true)),
            Some(b'f') => Ok(Self::Bool(false)),
            Some(b'n') => Ok(Self::Null),
            _ => Number::parse(text)
                .map(Self::Number)
                .ok_or_else(|| "must not hold a number of such an exponent".to_owned()),
        }
    }

    /// The value unless it is null: an optional member may be left out or null.
    #[must_use]
    pub fn present(&self) -> Option<&Self> {
        match self {
            Self::Null => None,
            other => Some(other),
        }
    }

    /// Appends the one spelling that equal values share: names sorted, numbers normalized, no
    /// spaces.
    pub(crate) fn write_canonical(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    item.write_canonical(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(name, out);
                    out.push(':');
                    value.write_canonical(out);
                }
                out.push('}');
            }
        }
    }
}

/// Quoted, with only what could be mistaken escaped.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
}

pub(super) fn not_json(error: &serde_json::Error) -> String {
    format!("must be JSON (line {}, column {})", error.line(), error.column())
}

/// The members of an object in order, repeated names kept.
pub(super) struct Members<'a>(pub(super) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
            if members.len() == MAX_MEMBERS {
                return Err(A::Error::custom("too many members"));
            }
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// Members of one object: usage has a dozen, metadata some more.
const MAX_MEMBERS: usize = 1_000;

use std::fmt::Write as _;

use bursar_usage_metering::{CloudEvent, Json, Number};

/// A way to write events that the house does not use itself: members backwards, spaces, escapes,
/// numbers with other exponents.
#[derive(Clone, Copy)]
pub(super) struct Spelling(u8);

impl Spelling {
    pub(super) const fn of(choice: u8) -> Self {
        Self(choice)
    }

    const fn is_backwards(self) -> bool {
        self.0 & 1 != 0
    }

    const fn space(self) -> &'static str {
        if self.0 & 2 == 0 { "" } else { " \t\r\n" }
    }

    const fn is_escaped(self) -> bool {
        self.0 & 4 != 0
    }

    pub(super) const fn is_in_a_list(self) -> bool {
        self.0 & 8 != 0
    }

    /// The event in JSON.
    pub(super) fn event(self, event: &CloudEvent) -> String {
        let mut members = vec![("specversion".to_owned(), self.quoted("1.0"))];
        members.extend(attributes(event).map(|(name, value)| (name.to_owned(), self.quoted(&value))));
        members.extend(event.data.iter().map(|data| ("data".to_owned(), self.value(data))));
        members.extend(event.extensions.iter().map(|(name, value)| (name.clone(), self.value(value))));
        self.object(members)
    }

    /// The event in headers, when every attribute of it can be one, and its body.
    pub(super) fn headers(self, event: &CloudEvent) -> Option<(Vec<(String, String)>, String)> {
        let mut headers = vec![("ce-specversion".to_owned(), "1.0".to_owned())];
        headers.extend(attributes(event).map(|(name, value)| (format!("ce-{name}"), self.encoded(&value))));
        for (name, value) in &event.extensions {
            let Json::Text(value) = value else { return None };
            let is_name = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            if !is_name || name.is_empty() {
                return None;
            }
            headers.push((format!("ce-{name}"), self.encoded(value)));
        }
        if self.is_backwards() {
            headers.reverse();
        }
        let body = event.data.as_ref().map(|data| self.value(data)).unwrap_or_default();
        Some((headers, body))
    }

    /// Percent-encoded as far as a header needs it, or wholly.
    fn encoded(self, text: &str) -> String {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() && !self.is_escaped();
        text.bytes().fold(String::new(), |mut out, byte| {
            if is_plain(byte) {
                out.push(char::from(byte));
            } else {
                let _ = write!(out, "%{byte:02X}");
            }
            out
        })
    }

    fn value(self, value: &Json) -> String {
        match value {
            Json::Null => "null".to_owned(),
            Json::Bool(is) => is.to_string(),
            Json::Number(number) => self.number(number),
            Json::Text(text) => self.quoted(text),
            Json::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(item)).collect();
                let space = self.space();
                format!("[{space}{}{space}]", items.join(&format!("{space},{space}")))
            }
            Json::Object(members) => {
                self.object(members.iter().map(|(name, value)| (name.clone(), self.value(value))).collect())
            }
        }
    }

    fn object(self, mut members: Vec<(String, String)>) -> String {
        if self.is_backwards() {
            members.reverse();
        }
        let space = self.space();
        let each = members.iter().map(|(name, value)| format!("{}{space}:{space}{value}", self.quoted(name)));
        format!("{{{space}{}{space}}}", each.collect::<Vec<_>>().join(&format!("{space},{space}")))
    }

    fn quoted(self, text: &str) -> String {
        let mut out = String::from('"');
        for letter in text.chars() {
            match letter {
                '"' | '\\' => out.extend(['\\', letter]),
                '/' if self.is_escaped() => out.push_str("\\/"),
                '\0'..='\u{1f}' => unicode(letter, &mut out),
                _ if self.is_escaped() && !letter.is_ascii_alphabetic() => unicode(letter, &mut out),
                _ => out.push(letter),
            }
        }
        out.push('"');
        out
    }

    fn number(self, number: &Number) -> String {
        let plain = number.to_string();
        let style = self.0 >> 4;
        let Some((digits, exponent)) = plain.split_once('e') else {
            return ["0", "-0", "0.00", "0e7", "0E-99999999999999999999"][usize::from(style % 5)].to_owned();
        };
        let exponent: i64 = exponent.parse().expect("the exponent of a number");
        match style % 4 {
            1 => format!("{digits}00E{}", exponent - 2),
            2 => {
                let first = digits.len().min(if digits.starts_with('-') { 2 } else { 1 });
                let (first, rest) = digits.split_at(first);
                let moved = i64::try_from(rest.len()).expect("a length");
                format!("{first}.{rest}0e{:+}", exponent + moved)
            }
            3 if (0..20).contains(&exponent) => {
                format!("{digits}{}", "0".repeat(usize::try_from(exponent).expect("not negative")))
            }
            _ => plain,
        }
    }
}

fn attributes(event: &CloudEvent) -> impl Iterator<Item = (&'static str, String)> {
    [
        Some(("id", event.id.clone())),
        Some(("source", event.source.clone())),
        Some(("type", event.event_type.clone())),
        Some(("subject", event.subject.clone())),
        event.time.map(|time| ("time", time.rfc3339())),
    ]
    .into_iter()
    .flatten()
}

fn unicode(letter: char, out: &mut String) {
    for unit in letter.encode_utf16(&mut [0; 2]) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

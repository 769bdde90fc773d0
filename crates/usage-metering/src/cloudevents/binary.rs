use std::collections::BTreeMap;

use super::{CloudEvent, Fault, attributes, json::Json};

/// Reads an event whose attributes are headers.
pub(super) fn read(headers: &[(String, String)], body: &[u8]) -> Result<CloudEvent, Vec<Fault>> {
    let mut members = BTreeMap::new();
    let mut faults = Vec::new();
    for (header, value) in headers {
        let header = header.to_ascii_lowercase();
        let name = match header.strip_prefix("ce-") {
            Some("data" | "data_base64" | "datacontenttype") => continue,
            Some(name) => name,
            None if header == "content-type" => "datacontenttype",
            None => continue,
        };
        let value = if name == "datacontenttype" { Some(value.clone()) } else { decode(value) };
        match value {
            Some(value) if members.contains_key(name) => {
                faults.push(Fault::new(0, name, format!("must be sent once, and not also as `{value}`")));
            }
            Some(value) => {
                members.insert(name.to_owned(), Json::Text(value));
            }
            None => faults.push(Fault::new(0, name, "must be percent-encoded UTF-8")),
        }
    }
    if !body.iter().all(u8::is_ascii_whitespace) {
        let data = std::str::from_utf8(body).map_err(|_| "must be UTF-8".to_owned()).and_then(Json::parse);
        match data {
            Ok(data) => {
                members.insert("data".to_owned(), data);
            }
            Err(rule) => faults.push(Fault::new(0, "data", rule)),
        }
    }
    match attributes::read(0, members) {
        Ok(event) if faults.is_empty() => Ok(event),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(
                more.into_iter()
                    .filter(|fault| !faults.iter().any(|known| known.field == fault.field))
                    .collect::<Vec<_>>(),
            );
            Err(faults)
        }
    }
}

/// A header value as the HTTP binding (3.1.3.2) decodes it: out of its quotes, then
/// percent-decoded once, then UTF-8. `None` when that is not what it is.
fn decode(value: &str) -> Option<String> {
    let value = unquoted(value.trim());
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' { hex(rest.next()?)? * 16 + hex(rest.next()?)? } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        text.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_unquoted_and_percent_decoded_once() {
        for (sent, read) in [
            ("urn:host", Some("urn:host")),
            ("Euro%20%E2%82%AC", Some("Euro €")),
            ("%2525", Some("%25")),
            (r#""a \"b\" %63""#, Some(r#"a "b" c"#)),
            ("100%", None),
            ("%zz", None),
            ("%ff", None),
        ] {
            assert_eq!(decode(sent).as_deref(), read, "{sent}");
        }
    }
}

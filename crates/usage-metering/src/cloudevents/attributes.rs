use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bursar_kernel::UnixTimestamp;

use super::{CloudEvent, Fault, json::Json, media_type};

/// Bytes of an identifier, a source or a subject: together they are one key of an index.
const MAX_ID_BYTES: usize = 512;
const MAX_SOURCE_BYTES: usize = 1_024;
const MAX_SUBJECT_BYTES: usize = 512;
const MAX_TYPE_BYTES: usize = 256;

/// The event that these attributes make; `data` is one of them.
pub(super) fn read(index: usize, members: BTreeMap<String, Json>) -> Result<CloudEvent, Vec<Fault>> {
    let mut reader = Attributes { index, members, faults: Vec::new() };
    if let Some(version) = reader.required("specversion", 8)
        && version != "1.0"
    {
        reader.fault("specversion", "must be \"1.0\"");
    }
    let id = reader.required("id", MAX_ID_BYTES);
    let source = reader.required("source", MAX_SOURCE_BYTES);
    let event_type = reader.required("type", MAX_TYPE_BYTES);
    let subject = reader.required("subject", MAX_SUBJECT_BYTES);
    let time = reader.time();
    let data = reader.data();
    let Attributes { members: extensions, faults, .. } = reader;
    match (id, source, event_type, subject) {
        (Some(id), Some(source), Some(event_type), Some(subject)) if faults.is_empty() => {
            Ok(CloudEvent { id, source, event_type, subject, time, data, extensions })
        }
        _ => Err(faults),
    }
}

/// Takes the known attributes out; what is left are extensions.
struct Attributes {
    index: usize,
    members: BTreeMap<String, Json>,
    faults: Vec<Fault>,
}

impl Attributes {
    fn fault(&mut self, field: &str, rule: impl Into<String>) {
        self.faults.push(Fault::new(self.index, field, rule));
    }

    /// Left out and null are the same.
    fn take(&mut self, name: &str) -> Option<Json> {
        self.members.remove(name).filter(|value| *value != Json::Null)
    }

    fn optional(&mut self, name: &str, max_bytes: usize) -> Option<String> {
        let value = self.take(name)?;
        match value {
            Json::Text(text) if text.is_empty() => self.fault(name, "must not be empty"),
            Json::Text(text) if text.len() > max_bytes => {
                self.fault(name, format!("must not be longer than {max_bytes} bytes"));
            }
            Json::Text(text) if text.chars().any(char::is_control) => {
                self.fault(name, "must not hold control characters");
            }
            Json::Text(text) => return Some(text),
            _ => self.fault(name, "must be a text"),
        }
        None
    }

    fn required(&mut self, name: &str, max_bytes: usize) -> Option<String> {
        if self.members.get(name).and_then(Json::present).is_none() {
            self.members.remove(name);
            self.fault(name, "is required");
            return None;
        }
        self.optional(name, max_bytes)
    }

    fn time(&mut self) -> Option<UnixTimestamp> {
        let text = self.optional("time", 64)?;
        let time = UnixTimestamp::parse(&text);
        if time.is_none() {
            self.fault("time", "must be an RFC 3339 date-time with an offset");
        }
        time
    }

    fn data(&mut self) -> Option<Json> {
        self.optional("dataschema", MAX_SOURCE_BYTES);
        if let Some(content_type) = self.optional("datacontenttype", 256)
            && !is_json(&media_type(&content_type))
        {
            self.fault("datacontenttype", "must be application/json");
        }
        let data = self.take("data");
        let Some(encoded) = self.take("data_base64") else { return data };
        if data.is_some() {
            self.fault("data_base64", "must not be sent beside data");
            return None;
        }
        let Json::Text(encoded) = encoded else {
            self.fault("data_base64", "must be a text");
            return None;
        };
        let decoded = STANDARD
            .decode(encoded)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| "must be the base64 of JSON".to_owned())
            .and_then(|text| Json::parse(&text));
        // Null is no data here as there.
        decoded.map_err(|rule| self.fault("data_base64", rule)).ok().filter(|data| *data != Json::Null)
    }
}

fn is_json(media_type: &str) -> bool {
    matches!(media_type, "application/json" | "text/json") || media_type.ends_with("+json")
}

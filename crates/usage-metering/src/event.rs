use std::{collections::BTreeMap, time::Duration};

use bursar_kernel::{Account, AccountId, UnixTimestamp, decode_type_id};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    cloudevents::{self, CloudEvent, ContentMode, Fault, Json, write_text},
    payload::{EventType, Payload},
};

/// How late a new event may come: a month with a few days to spare. A month that was closed by
/// event time would have to be opened again for a later one.
pub const MAX_AGE: Duration = Duration::from_hours(35 * 24);
/// How far ahead of ours a source's clock may run.
pub const MAX_AHEAD: Duration = Duration::from_mins(5);

/// Whose usage an event reports: an account, and perhaps which member, project or agent of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The account.
    pub account: Account,
    /// What follows the slash.
    pub detail: Option<String>,
}

impl Subject {
    /// From `<account>` or `<account>/<member or project or agent>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            None => Account::parse(text).map(|account| Self { account, detail: None }),
            Some((_, "")) => None,
            Some((account, detail)) => {
                Account::parse(account).map(|account| Self { account, detail: Some(detail.to_owned()) })
            }
        }
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.detail {
            None => self.account.fmt(formatter),
            Some(detail) => write!(formatter, "{}/{detail}", self.account),
        }
    }
}

/// What an event is known by, for ever: its source and identifier, within an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// Whose.
    pub account: AccountId,
    /// Who reported it.
    pub source: String,
    /// Which one.
    pub id: String,
}

/// A well-formed report of usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageEvent {
    /// Who reports it.
    pub source: String,
    /// Tells apart the events of one source.
    pub id: String,
    /// What kind.
    pub event_type: EventType,
    /// Whose.
    pub subject: Subject,
    /// When it happened, if the source said so; otherwise when it was received.
    pub time: Option<UnixTimestamp>,
    /// The API key whose spend it is, if said.
    pub api_key: Option<Uuid>,
    /// What happened.
    pub payload: Payload,
    /// SHA-256 of what was sent (type, subject, time, data) in one spelling and before defaults.
    /// Extensions are not in it: a retry carries another `traceparent`.
    pub content_hash: [u8; 32],
}

impl UsageEvent {
    /// The events of a request; see [`cloudevents::parse`].
    ///
    /// # Errors
    /// The faults of all events, the first [`cloudevents::MAX_FAULTS`] of them.
    pub fn read(
        mode: ContentMode,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<Vec<Self>, Vec<Fault>> {
        let outcomes = cloudevents::parse_each(mode, headers, body)?
            .into_iter()
            .enumerate()
            .map(|(index, event)| event.and_then(|event| Self::from_cloud_event(index, event)))
            .collect();
        cloudevents::all_or_faults(outcomes)
    }

    /// The usage that event `index` of a batch reports.
    ///
    /// # Errors
    /// Every fault of it.
    pub fn from_cloud_event(index: usize, event: CloudEvent) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let subject = Subject::parse(&event.subject);
        if subject.is_none() {
            let rule = "must be a user or an organization, alone or as <account>/<member, project or agent>";
            faults.push(Fault::new(index, "subject", rule));
        }
        let content_hash = content_hash(&event);
        let nothing = BTreeMap::new();
        let data = match &event.data {
            None => &nothing,
            Some(Json::Object(members)) => members,
            Some(_) => {
                faults.push(Fault::new(index, "data", "must be an object"));
                return Err(faults);
            }
        };
        let api_key = match data.get("apiKeyId").and_then(Json::present) {
            None => None,
            Some(Json::Text(text)) if decode_type_id("key", text).is_ok() => decode_type_id("key", text).ok(),
            Some(_) => {
                faults.push(Fault::new(index, "data.apiKeyId", "must be the identifier of a key"));
                None
            }
        };
        let payload = if let Some(event_type) = EventType::parse(&event.event_type) {
            Payload::read(index, &event.id, event_type, data).map_err(|more| faults.extend(more)).ok()
        } else {
            let known: Vec<_> = EventType::ALL.iter().map(|event_type| event_type.as_str()).collect();
            faults.push(Fault::new(index, "type", format!("must be one of {}", known.join(", "))));
            None
        };
        match (subject, payload) {
            (Some(subject), Some(payload)) if faults.is_empty() => Ok(Self {
                source: event.source,
                id: event.id,
                event_type: payload.event_type(),
                subject,
                time: event.time,
                api_key,
                payload,
                content_hash,
            }),
            _ => Err(faults),
        }
    }

    /// What it is known by.
    #[must_use]
    pub fn key(&self) -> EventKey {
        EventKey { account: self.subject.account.id(), source: self.source.clone(), id: self.id.clone() }
    }

    /// Tokens that it reports, of whatever kind.
    #[must_use]
    pub const fn tokens(&self) -> i64 {
        match &self.payload {
            Payload::Inference(inference) => inference.total_tokens(),
            Payload::Runtime(runtime) => runtime.tokens_in + runtime.tokens_out,
            _ => 0,
        }
    }

    /// Where the traffic came from: what the event says, or what its kind implies.
    #[must_use]
    pub fn traffic_source(&self) -> &str {
        match &self.payload {
            Payload::Inference(inference) => inference.traffic_source.as_deref().unwrap_or("platform"),
            Payload::Runtime(_) => "runtime",
            Payload::Engine(_) => "context_engine",
            _ => "platform",
        }
    }
}

/// Why a new event that was received at this instant is refused for its age. Duplicates are
/// recognized before this is asked: an event that was accepted in time is never too old.
#[must_use]
pub fn age_fault(index: usize, event: &UsageEvent, received_at: UnixTimestamp) -> Option<Fault> {
    let time = event.time?;
    if time < received_at.before(MAX_AGE) {
        Some(Fault::new(index, "time", "must not be more than 35 days ago"))
    } else if time > received_at.after(MAX_AHEAD) {
        Some(Fault::new(index, "time", "must not be more than 5 minutes ahead"))
    } else {
        None
    }
}

fn content_hash(event: &CloudEvent) -> [u8; 32] {
    let mut text = String::new();
    write_text(&event.event_type, &mut text);
    text.push(',');
    write_text(&event.subject, &mut text);
    text.push(',');
    if let Some(time) = event.time {
        text.push_str(&time.micros().to_string());
    }
    text.push(',');
    if let Some(data) = &event.data {
        data.write_canonical(&mut text);
    }
    Sha256::digest(text).into()
}

use std::collections::BTreeMap;

use bursar_kernel::{AccountId, Amount, Page, Position, Reader, Result, Slice, Tx, UnixTimestamp, UserId};
use uuid::Uuid;

use crate::{
    event::{EventKey, UsageEvent},
    payload::EventType,
    rating::Rated,
};

bursar_kernel::typed_id!(
    /// A usage row.
    UsageId, "usg");

/// A new event with what was decided about it.
#[derive(Clone, Debug)]
pub struct NewUsage {
    /// Of the row.
    pub id: UsageId,
    /// The event.
    pub event: UsageEvent,
    /// Whose doing it was, as far as is known.
    pub user: Option<UserId>,
    /// What it costs.
    pub rated: Rated,
    /// What was taken from the balance for it.
    pub charged: Amount,
    /// The posting that took it.
    pub posting: Option<Uuid>,
}

/// A row of a usage list: an event, what it cost and what was charged for it. It is the record by
/// which the event is known for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// Its identifier.
    pub id: UsageId,
    /// Whose usage.
    pub account: AccountId,
    /// Whose doing.
    pub user: Option<UserId>,
    /// Member, project or agent, as the event named it.
    pub detail: Option<String>,
    /// The API key whose spend it is.
    pub api_key: Option<Uuid>,
    /// What kind of event.
    pub event_type: EventType,
    /// Who reported it.
    pub source: String,
    /// The event's own identifier.
    pub event_id: String,
    /// The provider's or the host's name of the call.
    pub generation_id: String,
    /// Who ran it.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// What kind of model.
    pub model_type: String,
    /// What for.
    pub operation: String,
    /// Where the traffic came from, if the event said so.
    pub traffic_source: Option<String>,
    /// Tokens in.
    pub prompt_tokens: i64,
    /// Tokens out.
    pub completion_tokens: i64,
    /// The part of the tokens in that the provider had kept.
    pub cached_tokens: i64,
    /// The exact cost in 10⁻⁸ USD.
    pub cost_usd_e8: i64,
    /// What was taken from the balance.
    pub credits_used: Amount,
    /// The posting that took it.
    pub posting: Option<Uuid>,
    /// The host's own words.
    pub metadata: BTreeMap<String, String>,
    /// When it happened.
    pub event_time: UnixTimestamp,
    /// When it was received and charged.
    pub created_at: UnixTimestamp,
}

impl UsageRow {
    /// Tokens in and out.
    #[must_use]
    pub const fn total_tokens(&self) -> i64 {
        self.prompt_tokens + self.completion_tokens
    }

    /// Where it stands in its list.
    #[must_use]
    pub const fn position(&self) -> Position {
        Position { at: self.created_at, id: self.id.uuid() }
    }
}

/// Which rows of a usage list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageFilter {
    /// Only this person's doing.
    pub user: Option<UserId>,
    /// Received at this instant or later.
    pub from: Option<UnixTimestamp>,
    /// Received before this instant.
    pub to: Option<UnixTimestamp>,
}

/// The record of every event.
#[async_trait::async_trait]
pub trait UsageEvents: Send + Sync {
    /// Which of these keys are recorded, with the hash of what was sent under each. One statement
    /// (none for no keys). Whoever records afterwards has locked the accounts before, so that two
    /// transactions never decide about one key.
    async fn known(&self, tx: &mut Tx, keys: &[EventKey]) -> Result<BTreeMap<EventKey, [u8; 32]>>;

    /// Records new events and counts them in every meter: one statement for each of three tables on
    /// PostgreSQL, whatever their number. Inserts one row for each event.
    ///
    /// # Errors
    /// When a key is recorded already, or the database refuses.
    async fn record(&self, tx: &mut Tx, rows: Vec<NewUsage>) -> Result<()>;

    /// What an account used, newest first by receipt: events that have or can have a price.
    async fn list(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        filter: UsageFilter,
        page: Page,
    ) -> Result<Slice<UsageRow>>;
}

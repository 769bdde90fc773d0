//! Usage in: what many callers report is gathered into one transaction and charged exactly once.

mod batch;
mod decide;
mod queue;

use bursar_api_keys::ApiKeyId;
use bursar_identity::{Actor, Principal};
use bursar_kernel::{Account, DomainError, IdempotencyScope, Result, UserId};
use bursar_usage_metering::{EventKey, UsageEvent};

pub use queue::{BatchLimits, IngestQueue};

/// The content of each event, by its key: what is recorded already and what this transaction is
/// about to record.
type Known = std::collections::BTreeMap<EventKey, [u8; 32]>;

use crate::{authorize::admit, core::Core, error, operation::Operation};

/// What was done with a batch, once it is durable and charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Events that were new, and are charged now.
    pub accepted: u64,
    /// Events that had been recorded before, with the same content.
    pub duplicates: u64,
    /// Whether this is the answer of an earlier request with the same idempotency key.
    pub replayed: bool,
}

/// A batch as it waits in the queue.
pub struct Ingest {
    /// The events, well formed.
    pub events: Vec<UsageEvent>,
    /// How many bytes they came as; it bounds the queue.
    pub bytes: usize,
    /// The caller's key against doing it twice, with the request as it was sent.
    pub idempotency: Option<(String, Vec<u8>)>,
}

/// A batch that was admitted.
pub(crate) struct Admitted {
    pub(crate) events: Vec<UsageEvent>,
    pub(crate) bytes: usize,
    pub(crate) reporter: Option<UserId>,
    pub(crate) actor: String,
    pub(crate) idempotency: Option<IdempotencyScope>,
}

/// Records a batch: answers only after it is durable and charged. All of it or nothing.
///
/// # Errors
/// `forbidden` without the scope `usage:write`; `subject_not_found` for an organization other than
/// the credential's, and for an account that is not there when a service reports; `forbidden` for
/// another person; `event_invalid` with its faults by their index;
/// `event_conflict` by its index; `queue_full` when more is being recorded than can be taken.
pub async fn ingest_events(core: &Core, actor: &Actor, command: Ingest) -> Result<Accepted> {
    admit(actor, Operation::IngestEvents)?;
    for event in &command.events {
        allowed_subject(core, actor, event).await?;
    }
    let idempotency = command
        .idempotency
        .map(|(key, request)| {
            IdempotencyScope::new(actor.account.id(), Operation::IngestEvents.as_str(), &key, &request)
        })
        .transpose()?;
    core.ingest()
        .submit(Admitted {
            events: command.events,
            bytes: command.bytes,
            reporter: actor.user(),
            actor: named(actor),
            idempotency,
        })
        .await
}

/// Who the posting says that reported: the person, or the key that is nobody's.
fn named(actor: &Actor) -> String {
    match &actor.principal {
        Principal::OrganizationKey { key, .. } | Principal::Service { key, .. } => {
            ApiKeyId::from_uuid(*key).to_string()
        }
        _ => actor.user().map_or_else(|| "system".to_owned(), |user| user.to_string()),
    }
}

/// A service reports for every account that is there, everybody else for its own.
async fn allowed_subject(core: &Core, actor: &Actor, event: &UsageEvent) -> Result<()> {
    if matches!(actor.principal, Principal::Service { .. }) {
        let is_there = core.is_there(core.db.reader(), event.subject.account).await?;
        return if is_there { Ok(()) } else { Err(DomainError::from(&error::SUBJECT_NOT_FOUND)) };
    }
    if event.subject.account == actor.account {
        return Ok(());
    }
    Err(DomainError::from(match event.subject.account {
        Account::Personal(_) => &error::FORBIDDEN,
        Account::Organization(_) => &error::SUBJECT_NOT_FOUND,
    }))
}

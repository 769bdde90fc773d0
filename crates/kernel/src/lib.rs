//! The part of Bursar that every other part stands on, and that knows no business word.
//!
//! What it owns: identifiers, money, time, randomness, failures, keyset pages, secrets, the
//! database with its one way to write ([`Tx`]), and what rides on a transaction: the outbox, the
//! audit trail, idempotency records and sealing.
//!
//! What it refuses to know: users, plans, keys, HTTP, JSON shapes.
//!
//! A host that embeds a domain crate opens a [`Db`] over its own pool ([`Db::from_connection`]) or
//! hands over a transaction of its own ([`Tx::adopt`]) and gets it back ([`Tx::into_host`]).

mod account;
mod amount;
mod audit;
mod cell_rate;
mod column;
mod db;
mod entropy;
mod error;
mod external_name;
mod faults;
mod id;
mod idempotency;
mod invalidation;
mod network;
pub mod opaque_token;
mod outbox;
mod page;
mod rate;
mod reader;
mod relay;
mod sealing;
mod secret;
mod store;
mod subject_key;
mod subscriber;
mod text_enum;
mod time;
mod tx;

pub use account::{Account, AccountId, OrganizationId, UserId};
pub use amount::{Amount, CostNanos, Remainder};
pub use audit::{AuditActor, AuditEntry, AuditFilter, AuditId, AuditRecord, AuditTrail};
pub use cell_rate::{CellCounter, CellRate, Quota};
pub use db::{Db, DbOptions, Engine};
pub use entropy::{Entropy, OsEntropy};
pub use error::{Code, DomainError, ErrorKind, Result, codes};
pub use external_name::external_digest;
pub use faults::Faults;
pub use id::{IdSource, ParseIdError, SystemIds, decode_type_id, encode_type_id};
pub use idempotency::{Idempotency, IdempotencyScope, Recorded};
pub use invalidation::{Cache, CacheTag};
pub use network::Network;
pub use outbox::{Message, OutboxId};
pub use page::{CursorCodec, Page, Position, Slice};
pub use rate::Rate;
pub use reader::Reader;
pub use relay::{MAX_ATTEMPTS, Relay, Subscriber};
pub use sealing::{MasterKey, Sealer};
pub use secret::Secret;
pub use subject_key::SubjectKeys;
pub use subscriber::subscriber;
pub use time::{Clock, SystemClock, UnixTimestamp};
pub use tx::{Conn, Tx};

/// What the macros of this crate expand to; not for use by hand.
#[doc(hidden)]
pub mod __private {
    pub use sea_orm;
    pub use uuid::Uuid;
}

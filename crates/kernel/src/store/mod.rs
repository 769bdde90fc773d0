//! The kernel's own tables.

pub(crate) mod audit_record;
pub(crate) mod idempotency_record;
pub(crate) mod outbox_message;
pub(crate) mod subject_key;

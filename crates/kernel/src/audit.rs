use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

use crate::{account::AccountId, error::Result, store::audit_record, tx::Tx};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditActor {
    /// `person`, `key`, `agent`, `service`, `operator` or `system`.
    pub kind: &'static str,
    /// Which one; absent for the system.
    pub id: Option<Uuid>,
}

/// One mutating operation, as it is kept for ever: identifiers, no personal values in clear
/// (those are sealed by [`crate::SubjectKeys`], whose key is destroyed with the person).
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// The account that it happened in.
    pub account: AccountId,
    /// Who did it.
    pub actor: AuditActor,
    /// The operation's name, such as `create_organization`.
    pub operation: &'static str,
    /// What it was done to: an identifier as published.
    pub target: String,
    /// The state before, as JSON text.
    pub before: Option<String>,
    /// The state after, as JSON text.
    pub after: Option<String>,
    /// The caller's address.
    pub ip: Option<String>,
    /// The request's identifier.
    pub request_id: Option<String>,
}

impl Tx {
    /// Writes the audit row of the operation that this transaction is.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn audit(&mut self, record: AuditRecord) -> Result<()> {
        let row = audit_record::ActiveModel {
            account_id: Set(record.account),
            id: Set(self.id()),
            actor_kind: Set(record.actor.kind.to_owned()),
            actor_id: Set(record.actor.id),
            operation: Set(record.operation.to_owned()),
            target: Set(record.target),
            before: Set(record.before),
            after: Set(record.after),
            ip: Set(record.ip),
            request_id: Set(record.request_id),
            created_at: Set(self.now()),
        };
        audit_record::Entity::insert(row).exec_without_returning(&self.conn()).await?;
        Ok(())
    }
}

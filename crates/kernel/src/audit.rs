use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    Select,
};
use uuid::Uuid;

use crate::{
    account::AccountId,
    error::Result,
    page::{Page, Position, Slice},
    reader::Reader,
    store::audit_record::{ActiveModel, Column, Entity, Model},
    time::UnixTimestamp,
    tx::Tx,
};

crate::typed_id!(
    /// A row of the audit trail.
    AuditId, "aud");

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditActor {
    /// `person`, `key`, `agent`, `service`, `operator`, `system`, or `anyone` who showed nothing.
    pub kind: &'static str,
    /// Which one; absent for the system and for anyone.
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
        let row = ActiveModel {
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
        Entity::insert(row).exec_without_returning(&self.conn()).await?;
        Ok(())
    }
}

/// A row of the audit trail, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its identifier.
    pub id: AuditId,
    /// What kind of caller did it.
    pub actor_kind: String,
    /// Which one.
    pub actor_id: Option<Uuid>,
    /// The operation's name.
    pub operation: String,
    /// What it was done to.
    pub target: String,
    /// The state before, as JSON text.
    pub before: Option<String>,
    /// The state after, as JSON text.
    pub after: Option<String>,
    /// The caller's address.
    pub ip: Option<String>,
    /// The request's identifier.
    pub request_id: Option<String>,
    /// When.
    pub created_at: UnixTimestamp,
}

impl From<Model> for AuditEntry {
    fn from(row: Model) -> Self {
        Self {
            id: AuditId::from_uuid(row.id),
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            operation: row.operation,
            target: row.target,
            before: row.before,
            after: row.after,
            ip: row.ip,
            request_id: row.request_id,
            created_at: row.created_at,
        }
    }
}

/// Which rows of an account's audit trail.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only this operation's.
    pub operation: Option<&'static str>,
    /// Only what this caller did.
    pub actor: Option<Uuid>,
    /// Only what was done to this.
    pub target: Option<String>,
    /// At this instant or later.
    pub from: Option<UnixTimestamp>,
    /// Before this instant.
    pub to: Option<UnixTimestamp>,
}

/// The audit trail, to read.
#[derive(Clone, Copy, Debug)]
pub struct AuditTrail;

impl AuditTrail {
    /// What was done in an account, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn list(
        reader: Reader<'_>,
        account: AccountId,
        filter: AuditFilter,
        page: Page,
    ) -> Result<Slice<AuditEntry>> {
        // Identifiers carry their instant, so the primary key is the order.
        let mut rows = scoped(account).order_by_desc(Column::Id).limit(page.fetch_limit());
        if let Some(operation) = filter.operation {
            rows = rows.filter(Column::Operation.eq(operation));
        }
        if let Some(actor) = filter.actor {
            rows = rows.filter(Column::ActorId.eq(actor));
        }
        if let Some(target) = filter.target {
            rows = rows.filter(Column::Target.eq(target));
        }
        if let Some(from) = filter.from {
            rows = rows.filter(Column::CreatedAt.gte(from));
        }
        if let Some(to) = filter.to {
            rows = rows.filter(Column::CreatedAt.lt(to));
        }
        if let Some(Position { id, .. }) = page.after() {
            rows = rows.filter(Column::Id.lt(id));
        }
        let rows = rows.all(reader.conn()).await?;
        Ok(page.slice(rows, |row| Position { at: row.created_at, id: row.id }).map(AuditEntry::from))
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}

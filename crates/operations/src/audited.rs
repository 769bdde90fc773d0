use bursar_identity::Actor;
use bursar_kernel::{AccountId, AuditActor, AuditRecord, Result, Tx};
use uuid::Uuid;

use crate::{authenticate::Origin, operation::Operation};

/// Where rows stand that belong to no account: the deployment itself.
pub(crate) const DEPLOYMENT: AccountId = AccountId::from_uuid(Uuid::nil());

/// Who stands in the audit trail, and from where.
pub(crate) struct Audited {
    actor: AuditActor,
    ip: Option<String>,
    request_id: Option<String>,
    before: Option<String>,
}

impl Audited {
    pub(crate) fn by(actor: &Actor) -> Self {
        Self {
            actor: actor.audit(),
            ip: actor.ip.map(|ip| ip.to_string()),
            request_id: actor.request_id.clone(),
            before: None,
        }
    }

    /// Somebody who is known only by the end of the operation, such as a person who signs in.
    pub(crate) fn person(user: bursar_kernel::UserId, origin: &Origin) -> Self {
        Self { actor: AuditActor { kind: "person", id: Some(user.uuid()) }, ..Self::anyone(origin) }
    }

    /// Somebody who showed nothing, such as who asks for a link by mail.
    pub(crate) fn anyone(origin: &Origin) -> Self {
        Self {
            actor: AuditActor { kind: "anyone", id: None },
            ip: origin.ip.map(|ip| ip.to_string()),
            request_id: origin.request_id.clone(),
            before: None,
        }
    }

    /// Bursar itself, or a payment provider.
    pub(crate) const fn system() -> Self {
        Self { actor: AuditActor { kind: "system", id: None }, ip: None, request_id: None, before: None }
    }

    /// With the state before.
    pub(crate) fn before(mut self, state: &serde_json::Value) -> Self {
        self.before = Some(state.to_string());
        self
    }

    /// Writes the operation's one row.
    pub(crate) async fn write(
        self,
        tx: &mut Tx,
        operation: Operation,
        account: AccountId,
        target: impl ToString,
        after: Option<String>,
    ) -> Result<()> {
        tx.audit(AuditRecord {
            account,
            actor: self.actor,
            operation: operation.as_str(),
            target: target.to_string(),
            before: self.before,
            after,
            ip: self.ip,
            request_id: self.request_id,
        })
        .await
    }
}

use bursar_identity::Actor;
use bursar_kernel::{AuditFilter, AuditTrail, OrganizationId, Page, Result, Slice, UnixTimestamp};

use crate::{authorize::on_organization, core::Core, operation::Operation};

/// One line of an organization's audit log.
pub use bursar_kernel::AuditEntry;

/// Which lines.
#[derive(Clone, Debug, Default)]
pub struct AuditLogFilter {
    /// Only this operation's.
    pub operation: Option<Operation>,
    /// Only what this person, key or agent did.
    pub actor: Option<uuid::Uuid>,
    /// Only what was done to this.
    pub target: Option<String>,
    /// At this instant or later.
    pub from: Option<UnixTimestamp>,
    /// Before this instant.
    pub to: Option<UnixTimestamp>,
}

/// Who did what in an organization, newest first.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` for a plain member.
pub async fn list_audit_log(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    filter: AuditLogFilter,
    page: Page,
) -> Result<Slice<AuditEntry>> {
    let reader = core.db.reader();
    let (account, _) = on_organization(core, reader, actor, Operation::ReadAuditLog, organization).await?;
    let filter = AuditFilter {
        operation: filter.operation.map(Operation::as_str),
        actor: filter.actor,
        target: filter.target,
        from: filter.from,
        to: filter.to,
    };
    AuditTrail::list(reader, account.id(), filter, page).await
}

//! Who did what in an organization.

use axum::{Json, extract::State};
use bursar_kernel::{AuditEntry, DomainError, OrganizationId, UnixTimestamp, UserId, encode_type_id};
use bursar_operations::{AuditLogFilter, Operation, list_audit_log};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::error::Problem;
use crate::{
    api::caller::Caller,
    http::{
        failure::Failure,
        ids::Ids,
        page::{PageQuery, next_token},
        query::Query,
    },
    state::AppState,
};

/// Which lines.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditQuery {
    /// At most so many, clamped to 1–200.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// The `nextToken` of the part before.
    cursor: Option<String>,
    /// Only this operation, such as `create_invites`.
    operation: Option<String>,
    /// Only what this person or key did: `user_…` or `key_…`.
    actor_id: Option<String>,
    /// Only what was done to this.
    target: Option<String>,
    /// RFC 3339, included.
    #[param(format = DateTime)]
    from: Option<String>,
    /// RFC 3339, not included.
    #[param(format = DateTime)]
    to: Option<String>,
}

impl AuditQuery {
    fn filter(&self) -> Result<AuditLogFilter, DomainError> {
        let instant = |field, text: &Option<String>| {
            let read = |text: &String| {
                UnixTimestamp::parse(text).ok_or_else(|| {
                    DomainError::invalid(field, "must be an RFC 3339 date-time with an offset")
                })
            };
            text.as_ref().map(read).transpose()
        };
        let operation = |word: &String| {
            Operation::parse(word).ok_or_else(|| DomainError::invalid("operation", "is not known"))
        };
        let actor = |text: &String| {
            let user = text.parse::<UserId>().map(UserId::uuid);
            user.or_else(|_| text.parse().map(bursar_api_keys::ApiKeyId::uuid))
                .map_err(|_| DomainError::invalid("actorId", "must be the identifier of a person or a key"))
        };
        Ok(AuditLogFilter {
            operation: self.operation.as_ref().map(operation).transpose()?,
            actor: self.actor_id.as_ref().map(actor).transpose()?,
            target: self.target.clone(),
            from: instant("from", &self.from)?,
            to: instant("to", &self.to)?,
        })
    }
}

/// One line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditLine {
    /// `aud_…`
    id: String,
    actor: AuditActor,
    /// Such as `create_invites`.
    operation: String,
    /// What it was done to.
    target: String,
    /// The state before, as far as it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    before: Option<Box<RawValue>>,
    /// The state after, as far as it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    after: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

/// Who did it.
#[derive(Serialize, ToSchema)]
struct AuditActor {
    /// `person`, `key`, `agent`, `service`, `operator`, `system` or `anyone`
    r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

impl TryFrom<AuditEntry> for AuditLine {
    type Error = DomainError;

    fn try_from(entry: AuditEntry) -> Result<Self, DomainError> {
        let state =
            |text: Option<String>| text.map(RawValue::from_string).transpose().map_err(DomainError::internal);
        let prefix = match entry.actor_kind.as_str() {
            "person" | "operator" => "user",
            "agent" => "agent",
            _ => "key",
        };
        Ok(Self {
            id: entry.id.to_string(),
            actor: AuditActor {
                id: entry.actor_id.map(|id| encode_type_id(prefix, id)),
                r#type: entry.actor_kind,
            },
            operation: entry.operation,
            target: entry.target,
            before: state(entry.before)?,
            after: state(entry.after)?,
            ip: entry.ip,
            request_id: entry.request_id,
            created_at: entry.created_at.rfc3339(),
        })
    }
}

/// A part of the log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditLog {
    items: Vec<AuditLine>,
    /// Goes back as `cursor`; absent when there are no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// Read who did what in an organization
///
/// One line for each call that changed something, newest first. For owners and admins.
#[utoipa::path(get, path = "/api/v1/organizations/{orgId}/audit-log", tag = "audit", operation_id = "getAuditLog",
    params(("orgId" = String, Path, description = "`org_…`"), AuditQuery),
    responses((status = 200, body = AuditLog), (status = "4XX", body = Problem)))]
pub(super) async fn get_audit_log(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Ids((organization,)): Ids<(OrganizationId,)>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditLog>, Failure> {
    let list = format!("audit:{organization}");
    let filter = query.filter()?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor }.page(&state.cursors, &list)?;
    let slice = list_audit_log(&state.core, &actor, organization, filter, page).await?;
    let next_token = next_token(&state.cursors, &list, slice.next);
    let items = slice.items.into_iter().map(AuditLine::try_from).collect::<Result<_, _>>()?;
    Ok(Json(AuditLog { items, next_token }))
}

//! Who did what in an organization.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use bursar_kernel::{DomainError, Page, Result, UnixTimestamp, UserId, encode_type_id};
use bursar_operations::{Actor, AuditEntry, AuditLogFilter, Operation, list_audit_log, list_members};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Seen;
use crate::{
    http::{
        page::{PageQuery, next_token},
        query::Query,
    },
    pages::{area::Area, said::Said, visitor::Person, when::When},
    state::AppState,
};

const FORM: &str = "filter";
/// How many members are known by their names; the others by their identifiers.
const NAMES: u64 = 200;

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show))
}

/// Which lines, as the form of the page says it: what is empty says nothing.
#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    operation: String,
    /// Days, both included.
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    cursor: Option<String>,
}

impl Wanted {
    fn filter(&self) -> Result<AuditLogFilter> {
        let operation =
            |word| Operation::parse(word).ok_or_else(|| DomainError::invalid("operation", "is not known"));
        let to = day("to", &self.to)?.map(|day| day.after(std::time::Duration::from_hours(24)));
        Ok(AuditLogFilter {
            operation: Some(self.operation.as_str())
                .filter(|word| !word.is_empty())
                .map(operation)
                .transpose()?,
            from: day("from", &self.from)?,
            to,
            ..AuditLogFilter::default()
        })
    }

    /// The same lines, further back.
    fn older(&self, path: &str, cursor: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("operation", &self.operation), ("from", &self.from), ("to", &self.to)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("{path}/audit-log?{}", query.append_pair("cursor", cursor).finish())
    }
}

/// The beginning of a day.
fn day(field: &'static str, text: &str) -> Result<Option<UnixTimestamp>> {
    if text.is_empty() {
        return Ok(None);
    }
    let at = UnixTimestamp::parse(&format!("{text}T00:00:00Z"));
    at.map(Some).ok_or_else(|| DomainError::invalid(field, "must be a day, such as 2026-11-25"))
}

#[derive(Template)]
#[template(path = "audit_log.html")]
struct AuditLogPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    path: &'a str,
    name: &'a str,
    wanted: &'a Wanted,
    /// What can be asked for: the word, and the same for people.
    operations: Vec<(&'static str, String)>,
    lines: Vec<Line>,
    is_filtered: bool,
    older: Option<String>,
}

impl AuditLogPage<'_> {
    fn is_wanted(&self, word: &str) -> bool {
        self.wanted.operation == word
    }
}

/// One line.
struct Line {
    at: When,
    who: String,
    what: String,
    target: String,
    ip: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Line {
    fn of(entry: AuditEntry, names: &BTreeMap<UserId, String>) -> Self {
        let who = match (entry.actor_kind.as_str(), entry.actor_id) {
            ("person" | "operator", Some(id)) => {
                names.get(&UserId::from_uuid(id)).cloned().unwrap_or_else(|| encode_type_id("user", id))
            }
            ("agent", Some(id)) => encode_type_id("agent", id),
            (_, Some(id)) => encode_type_id("key", id),
            ("anyone", None) => "Somebody".to_owned(),
            (_, None) => "Bursar".to_owned(),
        };
        Self {
            at: entry.created_at.into(),
            who,
            what: in_words(&entry.operation),
            target: entry.target,
            ip: entry.ip,
            before: entry.before,
            after: entry.after,
        }
    }
}

/// `create_invites`: `Create invites`.
fn in_words(operation: &str) -> String {
    let words = operation.replace('_', " ");
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
    first.chain(letters).collect()
}

/// The log.
#[utoipa::path(get, path = "/organizations/{orgId}/audit-log", params(("orgId" = String, Path)),
    responses((status = 200), (status = 303), (status = 404)), security(()))]
async fn show(
    State(state): State<AppState>,
    person: Person,
    Path(organization): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Response {
    person.answered(&state, shown(&state, &person.actor, &organization, wanted).await)
}

async fn shown(state: &AppState, actor: &Actor, organization: &str, wanted: Wanted) -> Result<Response> {
    let seen = Seen::by(state, actor, organization).await?;
    let id = seen.organization.id;
    let list = format!("audit:{id}");
    let page = PageQuery { limit: None, cursor: wanted.cursor.clone() }.page(&state.cursors, &list)?;
    let (said, lines, next) = match wanted.filter() {
        Ok(filter) => {
            let slice = list_audit_log(&state.core, actor, id, filter, page).await?;
            let members = list_members(&state.core, actor, id, Page::new(Some(NAMES), None)).await?;
            let names = members.items.into_iter();
            let names = names.filter_map(|it| it.user.map(|user| (user.id, user.display_name))).collect();
            let lines = slice.items.into_iter().map(|entry| Line::of(entry, &names)).collect();
            (Said::default(), lines, next_token(&state.cursors, &list, slice.next))
        }
        // Whether there is a log to see for this person is asked either way.
        Err(error) => {
            list_audit_log(&state.core, actor, id, AuditLogFilter::default(), page).await?;
            (Said::refused(FORM, error, [])?, Vec::new(), None)
        }
    };
    let operations = Operation::ALL.iter().filter(|operation| operation.writes());
    Ok(said.on(&AuditLogPage {
        product_name: &state.config.product_name,
        area: Area::on(&seen.organization),
        said: &said,
        path: &seen.path,
        name: &seen.organization.name,
        operations: operations.map(|it| (it.as_str(), in_words(it.as_str()))).collect(),
        older: next.map(|cursor| wanted.older(&seen.path, &cursor)),
        is_filtered: !(wanted.operation.is_empty() && wanted.from.is_empty() && wanted.to.is_empty()),
        wanted: &wanted,
        lines,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(operation: &str, from: &str, to: &str) -> Wanted {
        Wanted { operation: operation.to_owned(), from: from.to_owned(), to: to.to_owned(), cursor: None }
    }

    #[test]
    fn both_days_are_whole_and_nothing_asks_for_everything() {
        let filter = wanted("create_invites", "2026-11-24", "2026-11-25").filter().unwrap();
        assert_eq!(filter.operation, Some(Operation::CreateInvites));
        assert_eq!(filter.from, UnixTimestamp::parse("2026-11-24T00:00:00Z"));
        assert_eq!(filter.to, UnixTimestamp::parse("2026-11-26T00:00:00Z"));
        let all = wanted("", "", "").filter().unwrap();
        assert!(all.operation.is_none() && all.from.is_none() && all.to.is_none());
        for (wrong, field) in [
            (wanted("no_such_thing", "", ""), "operation"),
            (wanted("", "yesterday", ""), "from"),
            (wanted("", "", "2026-11-25T10:00:00Z"), "to"),
        ] {
            assert_eq!(wrong.filter().unwrap_err().get("field"), Some(field));
        }
    }

    #[test]
    fn older_lines_are_asked_for_in_the_same_way() {
        let older = wanted("sign_in", "", "2026-11-25").older("/organizations/org_1", "a b");
        assert_eq!(older, "/organizations/org_1/audit-log?operation=sign_in&to=2026-11-25&cursor=a+b");
    }

    #[test]
    fn what_was_done_is_told_in_words() {
        assert_eq!((in_words("create_invites"), in_words("")), ("Create invites".to_owned(), String::new()));
    }
}

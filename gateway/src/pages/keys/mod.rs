//! A person's API keys, and those of the organization that it runs.

mod change;
mod create;
mod fields;
mod form;
mod organization;
mod rotate;
mod row;
mod shown_once;
mod told;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_api_keys::{ApiKey, ApiKeyId, masked};
use bursar_kernel::{DomainError, OrganizationId, Result};
use bursar_operations::{
    Actor, Profile,
    error::{API_KEY_NOT_FOUND, RECENT_SIGN_IN_REQUIRED},
    list_api_keys, list_organization_api_keys, read_organization_with_key, read_profile,
};
use bursar_orgs_and_membership::{Permission, allows};
use utoipa_axum::{router::OpenApiRouter, routes};

use self::{
    fields::Fields,
    row::{KeyRow, account_name},
    told::{Asked, Told},
};
use super::{
    area::{Area, Place},
    return_to,
    visitor::Person,
};
use crate::{http::query::Query, state::AppState};

/// Their routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(show))
        .merge(create::routes())
        .merge(change::routes())
        .merge(rotate::routes())
        .merge(organization::routes())
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Told,
    keys: Vec<KeyRow>,
    /// For who runs the organization that it acts for.
    organization: Option<OrganizationKeys>,
}

/// What an organization has of its own.
struct OrganizationKeys {
    name: String,
    /// The key that it has from its beginning, as `ak_1234…cdef`.
    own: Option<String>,
    keys: Vec<KeyRow>,
}

/// All keys that the person may change.
#[utoipa::path(get, path = "/keys", responses((status = 200), (status = 303)), security(()))]
async fn show(State(state): State<AppState>, person: Person, Query(asked): Query<Asked>) -> Response {
    person.answered(&state, shown(&state, &person.actor, &asked.into()).await)
}

async fn shown(state: &AppState, actor: &Actor, said: &Told) -> Result<Response> {
    let profile = read_profile(&state.core, actor).await?;
    let now = state.db.reader().now();
    let rows = |keys: Vec<ApiKey>| keys.iter().map(|key| KeyRow::of(key, &profile, now)).collect();
    let organization = match actor.account.organization().filter(|id| runs(&profile, *id)) {
        None => None,
        Some(id) => Some(OrganizationKeys {
            name: account_name(&profile, actor.account),
            own: read_organization_with_key(&state.core, actor)
                .await?
                .api_key
                .map(|key| masked(key.expose())),
            keys: rows(list_organization_api_keys(&state.core, actor, id).await?),
        }),
    };
    Ok(said.on(&KeysPage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Keys),
        said,
        keys: rows(list_api_keys(&state.core, actor).await?),
        organization,
    }))
}

/// Whether the person sees and makes the keys that are the organization's own.
fn runs(profile: &Profile, organization: OrganizationId) -> bool {
    let own = profile.organizations.iter().find(|it| it.organization == organization);
    own.is_some_and(|own| allows(own.role, Permission::ManageKeys))
}

/// A key that the person may change: its own, or one of an organization that it runs. Any other is
/// answered like one that does not exist, and so is a text that names none.
async fn found(state: &AppState, actor: &Actor, id: &str) -> Result<(Profile, ApiKey)> {
    let not_found = || DomainError::from(&API_KEY_NOT_FOUND).saying("There is no such key");
    let id = id.parse::<ApiKeyId>().map_err(|_| not_found())?;
    let profile = read_profile(&state.core, actor).await?;
    let is_it = |key: &ApiKey| key.id == id;
    let mut known = list_api_keys(&state.core, actor).await?.into_iter().find(is_it);
    for own in &profile.organizations {
        if known.is_none() && runs(&profile, own.organization) {
            let keys = list_organization_api_keys(&state.core, actor, own.organization).await?;
            known = keys.into_iter().find(is_it);
        }
    }
    known.map(|key| (profile, key)).ok_or_else(not_found)
}

/// The answer to a form of the page at `path`. A person that has to prove itself first comes back to
/// that very page, with what it had typed.
fn answered(
    state: &AppState,
    person: &Person,
    path: &str,
    typed: Option<&Fields>,
    outcome: Result<Response>,
) -> Response {
    match outcome {
        Err(error) if error.is(&RECENT_SIGN_IN_REQUIRED) => {
            let sign = if path.contains('?') { '&' } else { '?' };
            let typed = typed.map(|typed| format!("&{}", typed.query())).unwrap_or_default();
            let back = format!("{path}{sign}done=again{typed}");
            Redirect::to(&return_to::step_up(&back)).into_response()
        }
        outcome => person.answered(state, outcome),
    }
}

/// The page of a key.
fn path_of(key: &str) -> String {
    format!("/keys/{key}")
}

/// Back to a page, which says what has been done.
fn done(path: &str, what: &str) -> Response {
    Redirect::to(&format!("{path}?done={what}")).into_response()
}

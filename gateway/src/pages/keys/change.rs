//! One key: what it may do, whether it is on, and its end.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use bursar_api_keys::{ApiKey, KeyHolder, RevocationReason, Scope, ScopeSet};
use bursar_kernel::Result;
use bursar_operations::{Actor, Profile, UpdateApiKey, delete_api_key, grantable_scopes, update_api_key};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    answered, done,
    fields::{End, Fields, Wanted},
    form::Form,
    found, path_of,
    rotate::{OVERLAPS, Overlap},
    row::KeyRow,
    told::{Asked, Told},
};
use crate::{
    http::query::Query,
    pages::{
        area::{Area, Place},
        visitor::{OurForm, Person},
    },
    state::AppState,
};

const FORM: &str = "form";
const SWITCH: &str = "switch";
const REVOKE: &str = "revoke";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(show, submit))
        .routes(routes!(enable))
        .routes(routes!(disable))
        .routes(routes!(revoke))
}

#[derive(Template)]
#[template(path = "keys_change.html")]
struct KeyPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Told,
    key: KeyRow,
    is_organizations: bool,
    form: Form<'a>,
    /// What it has and the person may not give: it stays.
    beyond: String,
    overlaps: &'static [Overlap],
    last_four: &'a str,
    reason: &'a str,
}

/// The key.
#[utoipa::path(get, path = "/keys/{keyId}", params(("keyId" = String, Path)),
    responses((status = 200), (status = 303), (status = 404)), security(()))]
async fn show(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
    Query(typed): Query<Fields>,
) -> Response {
    person.answered(&state, opened(&state, &person.actor, &id, typed, &asked.into()).await)
}

async fn opened(state: &AppState, actor: &Actor, id: &str, typed: Fields, said: &Told) -> Result<Response> {
    let (profile, key) = found(state, actor, id).await?;
    shown(state, actor, &profile, &key, Shown { typed: typed.or(|| Fields::of(&key)), reason: "", said })
        .await
}

/// What stands in the forms of the page, and what it says of them.
pub(super) struct Shown<'a> {
    typed: Fields,
    reason: &'a str,
    said: &'a Told,
}

impl<'a> Shown<'a> {
    /// The key as it is.
    pub(super) fn as_it_is(key: &ApiKey, said: &'a Told) -> Self {
        Self { typed: Fields::of(key), reason: "", said }
    }
}

pub(super) async fn shown(
    state: &AppState,
    actor: &Actor,
    profile: &Profile,
    key: &ApiKey,
    Shown { typed, reason, said }: Shown<'_>,
) -> Result<Response> {
    let grantable = grantable_scopes(&state.core, actor, key.account).await?;
    let beyond = key.scopes.iter().filter(|scope| !grantable.holds(*scope)).map(Scope::as_str);
    Ok(said.on(&KeyPage {
        product_name: &state.config.product_name,
        area: Area::of(profile, Place::Keys),
        said,
        key: KeyRow::of(key, profile, state.db.reader().now()),
        is_organizations: matches!(key.holder, KeyHolder::Organization { .. }),
        form: Form::to_change(&typed, &grantable),
        beyond: beyond.collect::<Vec<_>>().join(", "),
        overlaps: OVERLAPS,
        last_four: &key.last_four,
        reason,
    }))
}

/// Changes what the key may do.
#[utoipa::path(post, path = "/keys/{keyId}", params(("keyId" = String, Path)), responses((status = 303)),
    security(()))]
async fn submit(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    OurForm(typed): OurForm<Fields>,
) -> Response {
    let outcome = changed(&state, &person.actor, &id, &typed).await;
    answered(&state, &person, &path_of(&id), Some(&typed), outcome)
}

async fn changed(state: &AppState, actor: &Actor, id: &str, typed: &Fields) -> Result<Response> {
    let (profile, key) = found(state, actor, id).await?;
    let grantable = grantable_scopes(&state.core, actor, key.account).await?;
    // What the person may not give is not on the page, so that its absence says nothing.
    let beyond_only = typed.scopes.is_empty() && key.scopes.both(&grantable) == ScopeSet::default();
    let wanted = if beyond_only {
        Fields { scopes: Fields::of(&key).scopes, ..typed.clone() }.wanted(state.db.reader().now())
    } else {
        typed.wanted(state.db.reader().now())
    };
    let outcome = match wanted {
        Ok(wanted) => update_api_key(&state.core, actor, key.id, change(wanted, &key, &grantable)).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(done(&path_of(id), "changed")),
        Err(error) => {
            let said = Told::refused(FORM, error)?;
            shown(state, actor, &profile, &key, Shown { typed: typed.clone(), reason: "", said: &said }).await
        }
    }
}

/// The scopes are left alone where those on the page are as they were: the key may have more that the
/// person may not give, and keeps them.
fn change(wanted: Wanted, key: &ApiKey, grantable: &ScopeSet) -> UpdateApiKey {
    let on_page = ScopeSet::of(&wanted.scopes).both(grantable);
    let are_as_they_were = on_page == key.scopes.both(grantable);
    UpdateApiKey {
        name: Some(wanted.name),
        scopes: (!are_as_they_were).then_some(wanted.scopes),
        expires_at: match wanted.end {
            End::Kept => None,
            End::Never => Some(None),
            End::At(end) => Some(Some(end)),
        },
        enabled: None,
        networks: Some(wanted.networks),
        per_minute: Some(wanted.per_minute),
        spend_limit: Some(wanted.spend_limit),
    }
}

/// A form that is one button.
#[derive(Deserialize)]
pub(super) struct Pressed {}

/// Turns the key on.
#[utoipa::path(post, path = "/keys/{keyId}/enable", params(("keyId" = String, Path)),
    responses((status = 303)), security(()))]
async fn enable(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    _: OurForm<Pressed>,
) -> Response {
    let outcome = switched(&state, &person.actor, &id, true).await;
    answered(&state, &person, &path_of(&id), None, outcome)
}

/// Turns the key off.
#[utoipa::path(post, path = "/keys/{keyId}/disable", params(("keyId" = String, Path)),
    responses((status = 303)), security(()))]
async fn disable(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    _: OurForm<Pressed>,
) -> Response {
    let outcome = switched(&state, &person.actor, &id, false).await;
    answered(&state, &person, &path_of(&id), None, outcome)
}

async fn switched(state: &AppState, actor: &Actor, id: &str, to: bool) -> Result<Response> {
    let (profile, key) = found(state, actor, id).await?;
    let change = UpdateApiKey { enabled: Some(to), ..UpdateApiKey::default() };
    match update_api_key(&state.core, actor, key.id, change).await {
        Ok(_) => Ok(done(&path_of(id), if to { "on" } else { "off" })),
        Err(error) => {
            let said = Told::refused(SWITCH, error)?;
            shown(state, actor, &profile, &key, Shown::as_it_is(&key, &said)).await
        }
    }
}

/// Why a key is revoked, if anybody says.
#[derive(Deserialize)]
struct Ending {
    #[serde(default)]
    reason: String,
}

/// Ends the key for good.
#[utoipa::path(post, path = "/keys/{keyId}/revoke", params(("keyId" = String, Path)),
    responses((status = 303)), security(()))]
async fn revoke(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    OurForm(typed): OurForm<Ending>,
) -> Response {
    let outcome = revoked(&state, &person.actor, &id, &typed.reason).await;
    answered(&state, &person, &path_of(&id), None, outcome)
}

async fn revoked(state: &AppState, actor: &Actor, id: &str, reason: &str) -> Result<Response> {
    let (profile, key) = found(state, actor, id).await?;
    let said = Some(reason).filter(|reason| !reason.trim().is_empty());
    let outcome = match said.map(RevocationReason::new).transpose() {
        Ok(reason) => delete_api_key(&state.core, actor, key.id, reason).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(done("/keys", "revoked")),
        Err(error) => {
            let said = Told::refused(REVOKE, error)?;
            let content = Shown { reason, ..Shown::as_it_is(&key, &said) };
            shown(state, actor, &profile, &key, content).await
        }
    }
}

//! Making a key: a person's own, or one that is the organization's.

use askama::Template;
use axum::{extract::State, response::Response};
use bursar_kernel::{Account, DomainError, OrganizationId, Result};
use bursar_operations::{
    Actor, CreateApiKey, Profile, create_api_key, create_organization_api_key,
    error::{INSUFFICIENT_PERMISSIONS, ORGANIZATION_NOT_FOUND},
    grantable_scopes, list_api_keys, list_organization_api_keys, read_profile,
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    answered, done,
    fields::Fields,
    form::Form,
    row::account_name,
    runs,
    shown_once::{Before, shown_once},
    told::Told,
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

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit))
}

/// Whose the key is to be, and what has been done.
#[derive(Default, Deserialize)]
struct Asked {
    owner: Option<String>,
    done: Option<String>,
}

impl Asked {
    fn path(&self) -> &'static str {
        if self.is_for_organization() { "/keys/new?owner=organization" } else { "/keys/new" }
    }

    fn is_for_organization(&self) -> bool {
        self.owner.as_deref() == Some("organization")
    }
}

/// Who the key is to be of, and on which account.
struct Owner {
    profile: Profile,
    account: Account,
    /// The organization that it is to be the own key of.
    organization: Option<OrganizationId>,
}

impl Owner {
    async fn of(state: &AppState, actor: &Actor, asked: &Asked) -> Result<Self> {
        let profile = read_profile(&state.core, actor).await?;
        let account = actor.account;
        if !asked.is_for_organization() {
            return Ok(Self { profile, account, organization: None });
        }
        let id = account.organization().ok_or_else(|| DomainError::from(&ORGANIZATION_NOT_FOUND))?;
        if !runs(&profile, id) {
            return Err(DomainError::from(&INSUFFICIENT_PERMISSIONS));
        }
        Ok(Self { profile, account, organization: Some(id) })
    }

    /// The account and its newest key. Once a key is made it is another: a form that is sent again,
    /// because its answer was loaded again, makes no second key.
    async fn seen(&self, state: &AppState, actor: &Actor) -> Result<String> {
        let keys = match self.organization {
            None => list_api_keys(&state.core, actor).await?,
            Some(id) => list_organization_api_keys(&state.core, actor, id).await?,
        };
        let newest = keys.first().map(|key| key.id.to_string()).unwrap_or_default();
        Ok(format!("{}/{newest}", self.account))
    }
}

#[derive(Template)]
#[template(path = "keys_new.html")]
struct NewPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Told,
    form: Form<'a>,
    action: &'static str,
    account: String,
    is_for_organization: bool,
    seen: String,
}

/// The form of a new key.
#[utoipa::path(get, path = "/keys/new", responses((status = 200), (status = 303)), security(()))]
async fn show(
    State(state): State<AppState>,
    person: Person,
    Query(asked): Query<Asked>,
    Query(typed): Query<Fields>,
) -> Response {
    let said = Told::done(asked.done.as_deref());
    let typed = typed.or(Fields::fresh);
    person.answered(&state, opened(&state, &person.actor, &asked, &typed, &said).await)
}

async fn opened(
    state: &AppState,
    actor: &Actor,
    asked: &Asked,
    typed: &Fields,
    said: &Told,
) -> Result<Response> {
    let owner = Owner::of(state, actor, asked).await?;
    shown(state, actor, &owner, asked, typed, said).await
}

async fn shown(
    state: &AppState,
    actor: &Actor,
    owner: &Owner,
    asked: &Asked,
    typed: &Fields,
    said: &Told,
) -> Result<Response> {
    let grantable = grantable_scopes(&state.core, actor, owner.account).await?;
    Ok(said.on(&NewPage {
        product_name: &state.config.product_name,
        area: Area::of(&owner.profile, Place::Keys),
        said,
        form: Form::to_make(typed, &grantable),
        action: asked.path(),
        account: account_name(&owner.profile, owner.account),
        is_for_organization: owner.organization.is_some(),
        seen: owner.seen(state, actor).await?,
    }))
}

/// Makes the key and shows it.
#[utoipa::path(post, path = "/keys/new", responses((status = 200), (status = 303)), security(()))]
async fn submit(
    State(state): State<AppState>,
    person: Person,
    Query(asked): Query<Asked>,
    OurForm(typed): OurForm<Fields>,
) -> Response {
    let outcome = made(&state, &person.actor, &asked, &typed).await;
    answered(&state, &person, asked.path(), Some(&typed), outcome)
}

async fn made(state: &AppState, actor: &Actor, asked: &Asked, typed: &Fields) -> Result<Response> {
    let owner = Owner::of(state, actor, asked).await?;
    if owner.seen(state, actor).await? != typed.seen {
        return Ok(done("/keys", "made"));
    }
    let made = match (typed.wanted(state.db.reader().now()).map(CreateApiKey::from), owner.organization) {
        (Err(error), _) => Err(error),
        (Ok(command), None) => create_api_key(&state.core, actor, command).await,
        (Ok(command), Some(id)) => create_organization_api_key(&state.core, actor, id, command).await,
    };
    match made {
        Ok(created) => Ok(shown_once(state, &owner.profile, &created, Before::None)),
        Err(error) => shown(state, actor, &owner, asked, typed, &Told::refused(FORM, error)?).await,
    }
}

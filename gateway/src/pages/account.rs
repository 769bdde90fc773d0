//! Who a person is here, what is left, and which account it acts for.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::UserChange;
use bursar_kernel::{Amount, DomainError, OrganizationId, Result};
use bursar_operations::{
    Actor, create_organization, error::ORGANIZATION_NOT_FOUND, read_balance, read_profile, switch_account,
    update_profile,
};
use bursar_orgs_and_membership::OrganizationName;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    area::{Area, Place, path_of},
    said::{Done, Said},
    visitor::{OurForm, Person},
};
use crate::{http::query::Query, state::AppState};

const NAME: &str = "name";
const ORGANIZATION: &str = "organization";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default()
        .routes(routes!(show))
        .routes(routes!(rename))
        .routes(routes!(activate))
        .routes(routes!(found))
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    product_name: &'a str,
    area: Area,
    said: &'a Said,
    name: &'a str,
    email: &'a str,
    /// The organization that the person acts for, and its role there.
    organization: Option<(&'a str, &'a str)>,
    organizations: Vec<Choice<'a>>,
    balance: String,
    is_overdrawn: bool,
    typed_name: &'a str,
    typed_organization: &'a str,
}

/// An organization that the person may act for.
struct Choice<'a> {
    id: String,
    path: String,
    name: &'a str,
    role: &'a str,
    is_active: bool,
}

/// The person, the account that it acts on, and what is left in it.
#[utoipa::path(get, path = "/account", responses((status = 200), (status = 303)), security(()))]
async fn show(State(state): State<AppState>, person: Person, Query(done): Query<Done>) -> Response {
    person.answered(&state, shown(&state, &person.actor, &done.into()).await)
}

async fn shown(state: &AppState, actor: &Actor, said: &Said) -> Result<Response> {
    let profile = read_profile(&state.core, actor).await?;
    let balance = read_balance(&state.core, actor, profile.active_account).await?;
    let active = profile.organizations.iter().find(|it| profile.is_active(it.organization));
    let organizations = profile
        .organizations
        .iter()
        .map(|it| Choice {
            id: it.organization.to_string(),
            path: path_of(it.organization),
            name: &it.name,
            role: it.role.as_str(),
            is_active: profile.is_active(it.organization),
        })
        .collect();
    let name = profile.user.display_name.as_str();
    Ok(said.on(&AccountPage {
        product_name: &state.config.product_name,
        area: Area::of(&profile, Place::Account),
        said,
        name,
        email: profile.user.email.as_str(),
        organization: active.map(|it| (it.name.as_str(), it.role.as_str())),
        organizations,
        balance: dollars(balance),
        is_overdrawn: balance.is_negative(),
        typed_name: said.typed(NAME, "name", name),
        typed_organization: said.typed(ORGANIZATION, "name", ""),
    }))
}

/// A name that somebody typed.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// Gives the person another name.
#[utoipa::path(post, path = "/account/name", responses((status = 303)), security(()))]
async fn rename(State(state): State<AppState>, person: Person, OurForm(typed): OurForm<Named>) -> Response {
    person.answered(&state, renamed(&state, &person.actor, typed.name).await)
}

async fn renamed(state: &AppState, actor: &Actor, name: String) -> Result<Response> {
    let change = UserChange { display_name: Some(name.clone()), ..UserChange::default() };
    match update_profile(&state.core, actor, change).await {
        Ok(_) => Ok(Redirect::to("/account?done=named").into_response()),
        Err(error) => shown(state, actor, &Said::refused(NAME, error, [("name", name)])?).await,
    }
}

/// The account to act for: an organization, or nothing for the person's own.
#[derive(Deserialize)]
struct Chosen {
    organization: String,
}

/// Chooses the active account.
#[utoipa::path(post, path = "/account/active", responses((status = 303)), security(()))]
async fn activate(
    State(state): State<AppState>,
    person: Person,
    OurForm(chosen): OurForm<Chosen>,
) -> Response {
    person.answered(&state, activated(&state, &person.actor, &chosen.organization).await)
}

async fn activated(state: &AppState, actor: &Actor, organization: &str) -> Result<Response> {
    let to = match organization {
        "" => None,
        id => Some(id.parse::<OrganizationId>().map_err(|_| DomainError::from(&ORGANIZATION_NOT_FOUND))?),
    };
    switch_account(&state.core, actor, to).await?;
    Ok(Redirect::to("/account?done=active").into_response())
}

/// Makes an organization and shows it.
#[utoipa::path(post, path = "/account/organizations", responses((status = 303)), security(()))]
async fn found(State(state): State<AppState>, person: Person, OurForm(typed): OurForm<Named>) -> Response {
    person.answered(&state, founded(&state, &person.actor, typed.name).await)
}

async fn founded(state: &AppState, actor: &Actor, name: String) -> Result<Response> {
    let made = match OrganizationName::new(&name) {
        Ok(wanted) => create_organization(&state.core, actor, wanted).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => Ok(Redirect::to(&format!("{}?done=created", path_of(made.id))).into_response()),
        Err(error) => shown(state, actor, &Said::refused(ORGANIZATION, error, [("name", name)])?).await,
    }
}

/// `1,234.5678`: exact, with cents always and what is smaller where there is any.
fn dollars(amount: Amount) -> String {
    let magnitude = amount.micros().unsigned_abs();
    let whole = (magnitude / 1_000_000).to_string();
    let grouped =
        whole.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
    let rest = format!("{:06}", magnitude % 1_000_000);
    let (cents, smaller) = rest.split_at(2);
    let sign = if amount.is_negative() { "−" } else { "" };
    format!("{sign}{grouped}.{cents}{}", smaller.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_exactly_and_with_cents() {
        for (micros, shown) in [
            (0, "0.00"),
            (5_000_000, "5.00"),
            (99_847_500, "99.8475"),
            (1_234_567_000_001, "1,234,567.000001"),
            (-140_000, "−0.14"),
            (i64::MIN, "−9,223,372,036,854.775808"),
        ] {
            assert_eq!(dollars(Amount::from_micros(micros)), shown);
        }
    }
}

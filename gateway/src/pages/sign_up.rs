//! Signing up at a browser.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_identity::EmailAddress;
use bursar_kernel::{DomainError, Result, Secret};
use bursar_operations::{SignUp, peek_invite, sign_up_with_cookie};
use bursar_orgs_and_membership::OrganizationName;
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    failure, invite, return_to,
    said::Said,
    sign_in::with_cookie,
    visitor::{OurForm, Visitor},
};
use crate::{
    api::caller::Client,
    http::{cookie, query::Query},
    state::AppState,
};

const FORM: &str = "sign-up";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit))
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct SignUpPage<'a> {
    product_name: &'a str,
    /// What an invite is to, if one leads here: then nobody is asked for an organization.
    invited_to: Option<String>,
    email: String,
    name: &'a str,
    organization: &'a str,
    return_to: &'a str,
    sign_in: String,
    said: &'a Said,
}

#[derive(Deserialize)]
struct Shown {
    return_to: Option<String>,
}

/// The page to sign up on.
#[utoipa::path(get, path = "/sign-up", responses((status = 200), (status = 303)), security(()))]
async fn show(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Query(shown): Query<Shown>,
) -> Response {
    let return_to = return_to::local(shown.return_to.as_deref(), &state.config.public_url);
    if visitor.is_some() {
        return Redirect::to(&return_to).into_response();
    }
    shown_with(&state, &return_to, &Said::default()).await
}

async fn shown_with(state: &AppState, return_to: &str, said: &Said) -> Response {
    // The address of an invite is read from its link, so that it stands in no other address. A link
    // that is good no more says so when it is followed.
    let peeked = match invite::token_in(return_to) {
        Some(token) => peek_invite(&state.core, &token).await.ok(),
        None => None,
    };
    let invited = peeked.as_ref().map_or("", |peeked| peeked.invite.email.as_str());
    let content = SignUpPage {
        product_name: &state.config.product_name,
        email: said.typed(FORM, "email", invited).to_owned(),
        invited_to: peeked.as_ref().map(|peeked| peeked.organization.clone()),
        name: said.typed(FORM, "name", ""),
        organization: said.typed(FORM, "organization", ""),
        return_to,
        sign_in: return_to::sign_in(return_to),
        said,
    };
    said.on(&content)
}

/// A person to be.
#[derive(Deserialize)]
struct Typed {
    email: String,
    name: String,
    password: String,
    organization: Option<String>,
    return_to: Option<String>,
}

impl Typed {
    fn command(&self) -> Result<SignUp> {
        let email = EmailAddress::parse(&self.email)?;
        let password = Secret::new(self.password.clone());
        let organization = self.organization.as_deref().map(str::trim).filter(|name| !name.is_empty());
        let organization = organization
            .map(|name| OrganizationName::new(name).map_err(|error| error.of_field("organization_name")))
            .transpose()?;
        Ok(SignUp { email, password, display_name: Some(self.name.clone()), organization })
    }
}

/// Makes the person, signs it in and goes on to where it was going.
#[utoipa::path(post, path = "/sign-up", responses((status = 303)), security(()))]
async fn submit(State(state): State<AppState>, client: Client, OurForm(typed): OurForm<Typed>) -> Response {
    let return_to = return_to::local(typed.return_to.as_deref(), &state.config.public_url);
    match open(&state, &client, &typed, &return_to).await {
        Ok(answer) => answer,
        Err(error) => {
            let kept = [
                ("email", typed.email),
                ("name", typed.name),
                ("organization", typed.organization.unwrap_or_default()),
            ];
            match Said::refused(FORM, error, kept) {
                Ok(said) => shown_with(&state, &return_to, &said).await,
                Err(error) => failure(&state, error),
            }
        }
    }
}

async fn open(
    state: &AppState,
    client: &Client,
    typed: &Typed,
    return_to: &str,
) -> Result<Response, DomainError> {
    match sign_up_with_cookie(&state.core, &client.0, typed.command()?).await? {
        Some((_, secret)) => Ok(with_cookie(cookie::open(&secret, state.config.is_https())?, return_to)),
        // The mailbox has the rest, whoever's it is.
        None => {
            Ok(Redirect::to(&format!("{}&done=signed-up", return_to::sign_in(return_to))).into_response())
        }
    }
}

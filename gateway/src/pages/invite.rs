//! The page behind the link of an invite.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Redirect, Response},
};
use bursar_kernel::{DomainError, Result};
use bursar_operations::{Actor, PeekedInvite, accept_invite, peek_invite, read_profile, switch_account};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    area::path_of,
    failure,
    mailed::Link,
    page, return_to, said,
    visitor::{OurForm, Visitor},
    when::When,
};
use crate::{
    http::{query::Query, status},
    state::AppState,
};

const PATH: &str = "/invites/accept";

/// Its routes.
pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::default().routes(routes!(show, submit))
}

/// The token of an invite whose page this path and query lead to.
pub(super) fn token_in(path: &str) -> Option<String> {
    let query = path.strip_prefix(PATH)?.strip_prefix('?')?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned())
}

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage<'a> {
    product_name: &'a str,
    inviter: &'a str,
    organization: &'a str,
    role: &'a str,
    email: &'a str,
    until: When,
    token: &'a str,
    /// This page, for who has to sign in or out first.
    here: String,
    /// Who is signed in.
    visitor: Option<String>,
    /// Whether it is the one who was invited.
    is_meant: bool,
    sign_in: String,
    sign_up: String,
}

/// Says who asks whom into what. It asks first: programs look at links before people do.
#[utoipa::path(get, path = "/invites/accept", responses((status = 200)), security(()))]
async fn show(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    Query(link): Query<Link>,
) -> Response {
    put(&state, visitor, &link.token).await.unwrap_or_else(|error| over(&state, error))
}

async fn put(state: &AppState, visitor: Option<Actor>, token: &str) -> Result<Response> {
    let PeekedInvite { invite, organization, inviter } = peek_invite(&state.core, token).await?;
    let visitor = match &visitor {
        Some(actor) => Some(read_profile(&state.core, actor).await?.user.email),
        None => None,
    };
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    let here = format!("{PATH}?{query}");
    let content = InvitePage {
        product_name: &state.config.product_name,
        inviter: inviter.as_deref().unwrap_or("Somebody"),
        organization: &organization,
        role: invite.role.as_str(),
        email: invite.email.as_str(),
        until: invite.expires_at.into(),
        token,
        is_meant: visitor.as_ref().is_some_and(|email| email.folded() == invite.email.folded()),
        visitor: visitor.map(|email| email.as_str().to_owned()),
        sign_in: return_to::sign_in(&here),
        sign_up: return_to::sign_up(&here),
        here,
    };
    Ok(page(StatusCode::OK, &content))
}

/// Joins the organization and makes it the active account.
#[utoipa::path(post, path = "/invites/accept", responses((status = 303)), security(()))]
async fn submit(
    State(state): State<AppState>,
    Visitor(visitor): Visitor,
    OurForm(link): OurForm<Link>,
) -> Response {
    join(&state, visitor, &link.token).await.unwrap_or_else(|error| over(&state, error))
}

async fn join(state: &AppState, visitor: Option<Actor>, token: &str) -> Result<Response> {
    let Some(actor) = visitor else {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        return Ok(Redirect::to(&return_to::sign_in(&format!("{PATH}?{query}"))).into_response());
    };
    let joined = accept_invite(&state.core, &actor, token).await?;
    switch_account(&state.core, &actor, Some(joined.organization)).await?;
    Ok(Redirect::to(&format!("{}?done=joined", path_of(joined.organization))).into_response())
}

#[derive(Template)]
#[template(path = "invite_over.html")]
struct OverPage<'a> {
    product_name: &'a str,
    sentence: String,
}

/// An invite that leads nowhere, and what to do then.
fn over(state: &AppState, error: DomainError) -> Response {
    use bursar_orgs_and_membership::error::{
        INVITE_ACCEPTED, INVITE_GONE, INVITE_NOT_FOUND, INVITE_OTHER_EMAIL,
    };
    let known = [&INVITE_ACCEPTED, &INVITE_GONE, &INVITE_NOT_FOUND, &INVITE_OTHER_EMAIL];
    if !known.into_iter().any(|code| error.is(code)) {
        return failure(state, error);
    }
    let sentence = said::in_words(&error).trim_end_matches('.').to_owned();
    let content = OverPage { product_name: &state.config.product_name, sentence };
    page(status::of(&error), &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_of_an_invite_leads_to_one() {
        assert_eq!(token_in("/invites/accept?token=a-b_1").as_deref(), Some("a-b_1"));
        assert_eq!(token_in("/invites/accept?x=1&token=a%2Bb").as_deref(), Some("a+b"));
        for other in
            ["/account?token=a", "/invites/accept", "/invites/acceptance?token=a", "/invites/accept?x=1"]
        {
            assert_eq!(token_in(other), None, "{other}");
        }
    }
}

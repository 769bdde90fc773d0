//! Signing up, in and out with tokens.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use bursar_identity::EmailAddress;
use bursar_kernel::{DomainError, Secret};
use bursar_operations::{SignIn, SignOut, SignUp, SignedIn, refresh_session, sign_in, sign_out, sign_up};
use bursar_orgs_and_membership::OrganizationName;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::error::Detail;
use crate::{
    api::caller::{Caller, Client},
    http::{body::Body, failure::Failure, query::Query},
    state::AppState,
};

/// A person to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct Registration {
    email: String,
    /// 8 to 128 characters, and not easy to guess.
    password: String,
    /// An organization to make, which the person owns and which is its active account.
    organization_name: Option<String>,
    display_name: Option<String>,
}

/// What somebody typed to sign in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Login {
    email: String,
    password: String,
    /// The code of a second factor, or a recovery code, for those who have one.
    totp: Option<String>,
}

impl From<Login> for SignIn {
    fn from(login: Login) -> Self {
        Self { email: login.email, password: Secret::new(login.password), code: login.totp.map(Secret::new) }
    }
}

/// A refresh token to exchange.
#[derive(Deserialize, ToSchema)]
pub(super) struct Refresh {
    refresh_token: String,
}

/// Fresh tokens and whose they are.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    access_token: String,
    /// `bearer`
    token_type: &'static str,
    /// Seconds until the access token ends.
    expires_in: u64,
    /// Good once.
    refresh_token: String,
    user: TokenUser,
}

/// Whose tokens they are.
#[derive(Serialize, ToSchema)]
struct TokenUser {
    /// `user_…`
    id: String,
    email: String,
    /// The active organization; null when the personal account is active.
    organization_id: Option<String>,
}

impl From<SignedIn> for Tokens {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose().clone(),
            token_type: "bearer",
            expires_in: signed_in.expires_in_seconds,
            refresh_token: signed_in.refresh_token.expose().clone(),
            user: TokenUser {
                id: signed_in.user.id.to_string(),
                email: signed_in.user.email.as_str().to_owned(),
                organization_id: signed_in.organization.map(|id| id.to_string()),
            },
        }
    }
}

fn organization_name(text: &str) -> Result<OrganizationName, DomainError> {
    OrganizationName::new(text).map_err(|error| error.of_field("organization_name"))
}

const CHECK_MAIL: &str = "Follow the link that is mailed to you to finish signing up";

/// That the rest is in the mailbox.
#[derive(Serialize)]
struct CheckMail {
    /// The same whether somebody has the address or not.
    detail: &'static str,
}

/// Sign up
///
/// Where the deployment asks for mail to be verified, nobody is signed in before: the answer is 202
/// `{"detail"}`, the same whether somebody has the address or not.
#[utoipa::path(post, path = "/auth/register", tag = "auth", operation_id = "register", security(()),
    request_body = Registration,
    responses((status = 200, body = Tokens), (status = "4XX", body = Detail)))]
pub(super) async fn post_register(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Registration>,
) -> Result<Response, Failure> {
    let email = EmailAddress::parse(&body.email)?;
    let command = SignUp {
        password: Secret::new(body.password),
        email,
        display_name: body.display_name,
        organization: body.organization_name.as_deref().map(organization_name).transpose()?,
    };
    Ok(match sign_up(&state.core, &client.0, command).await? {
        Some(signed_in) => axum::Json(Tokens::from(signed_in)).into_response(),
        None => (StatusCode::ACCEPTED, axum::Json(CheckMail { detail: CHECK_MAIL })).into_response(),
    })
}

/// Sign in
#[utoipa::path(post, path = "/auth/login", tag = "auth", operation_id = "login", security(()), request_body = Login,
    responses((status = 200, body = Tokens), (status = "4XX", body = Detail)))]
pub(super) async fn post_login(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Login>,
) -> Result<axum::Json<Tokens>, Failure> {
    Ok(axum::Json(sign_in(&state.core, &client.0, body.into()).await?.into()))
}

/// Exchange a refresh token for the next pair
///
/// A token that comes a second time ends the whole session.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", operation_id = "refresh", security(()),
    request_body = Refresh, responses((status = 200, body = Tokens), (status = "4XX", body = Detail)))]
pub(super) async fn post_refresh(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<Refresh>,
) -> Result<axum::Json<Tokens>, Failure> {
    Ok(axum::Json(refresh_session(&state.core, &client.0, &body.refresh_token).await?.into()))
}

/// Which sessions to end.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Logout {
    /// All of the person's sessions.
    #[serde(default)]
    everywhere: bool,
}

/// Sign out
#[utoipa::path(post, path = "/auth/logout", tag = "auth", operation_id = "logout", params(Logout),
    responses((status = 204), (status = "4XX", body = Detail)))]
pub(super) async fn post_logout(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Query(query): Query<Logout>,
) -> Result<StatusCode, Failure> {
    let which = if query.everywhere { SignOut::Everywhere } else { SignOut::ThisSession };
    sign_out(&state.core, &actor, which).await?;
    Ok(StatusCode::NO_CONTENT)
}

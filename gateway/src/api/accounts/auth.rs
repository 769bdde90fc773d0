//! The sign-in operations that existing clients call in this family.

use axum::{extract::State, response::Redirect};
use bursar_kernel::{DomainError, UnixTimestamp};
use bursar_operations::{RedeemCode, SignedIn, exchange_external_token, redeem_code, refresh_session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{body::Data, error::ErrorEnvelope};
use crate::{
    api::caller::Client,
    http::{body::Body, credential, failure::Failure, query::Query},
    pages::authorize::Asked,
    state::AppState,
};

/// A code to exchange.
#[derive(Deserialize, ToSchema)]
pub(super) struct TokenRequest {
    /// `authorization_code`; clients spell the name in two ways.
    #[serde(alias = "grantType")]
    grant_type: String,
    code: String,
    /// What kind of client asks; kept for the log.
    #[serde(alias = "clientType")]
    #[expect(dead_code, reason = "clients send it, nothing depends on it")]
    client_type: Option<String>,
    /// The address that the code was sent to.
    #[serde(alias = "redirectUri")]
    redirect_uri: String,
    /// A provider's tag; carries no trust.
    #[expect(dead_code, reason = "clients send it, nothing depends on it")]
    provider: Option<String>,
    /// The verifier of the PKCE challenge, where one was made.
    #[serde(alias = "codeVerifier")]
    code_verifier: Option<String>,
}

/// A refresh token to exchange.
#[derive(Deserialize, ToSchema)]
pub(super) struct RefreshRequest {
    #[serde(rename = "refreshToken", alias = "refresh_token")]
    refresh_token: String,
    /// `refresh_token`.
    #[serde(rename = "grantType", alias = "grant_type")]
    grant_type: String,
}

/// Fresh tokens.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuthData {
    access_token: String,
    /// Good once.
    refresh_token: String,
    /// `Bearer`
    token_type: &'static str,
    /// When the access token ends.
    #[schema(format = DateTime)]
    expires_at: String,
    user_info: UserInfo,
}

/// Who the tokens are of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct UserInfo {
    subject: String,
    email: String,
    name: String,
    cline_user_id: String,
    /// Always null.
    #[schema(value_type = Option<Vec<String>>)]
    accounts: (),
}

impl From<SignedIn> for AuthData {
    fn from(signed_in: SignedIn) -> Self {
        Self {
            access_token: signed_in.access_token.expose().clone(),
            refresh_token: signed_in.refresh_token.expose().clone(),
            token_type: "Bearer",
            expires_at: UnixTimestamp::rfc3339(signed_in.expires_at),
            user_info: UserInfo {
                subject: signed_in.user.id.to_string(),
                email: signed_in.user.email.as_str().to_owned(),
                name: signed_in.user.display_name,
                cline_user_id: signed_in.user.id.to_string(),
                accounts: (),
            },
        }
    }
}

fn grant(field: &'static str, is: &str, must_be: &'static str) -> Result<(), DomainError> {
    if is == must_be { Ok(()) } else { Err(DomainError::invalid(field, format!("must be {must_be}"))) }
}

/// Ask a person to let a client in
///
/// Leads to the page on which the person, at its browser, allows or denies it. The answer comes to
/// the callback as `?code=…&provider=…`, or as `?error=access_denied`; `state` comes back with
/// either. A code is good once, for a minute, with the address that it was sent to and, where
/// there was a challenge, its verifier.
#[utoipa::path(get, path = "/api/v1/auth/authorize", tag = "auth", operation_id = "authorize", security(()),
    params(Asked),
    responses((status = 303, description = "The page's address", headers(("Location" = String))),
        (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_authorize(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
) -> Result<Redirect, Failure> {
    let question = asked.check(&state.config.sign_in.callback_schemes)?;
    // Whole, since clients fetch it themselves and hand it to a browser.
    Ok(Redirect::to(&format!("{}{}", state.config.public_url, question.path()?)))
}

/// Exchange an authorization code for tokens
#[utoipa::path(post, path = "/api/v1/auth/token", tag = "auth", operation_id = "exchangeCode", security(()),
    request_body = TokenRequest,
    responses((status = 200, body = Data<AuthData>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_token(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<TokenRequest>,
) -> Result<Data<AuthData>, Failure> {
    grant("grant_type", &body.grant_type, "authorization_code")?;
    let command =
        RedeemCode { code: body.code, redirect_uri: body.redirect_uri, code_verifier: body.code_verifier };
    Ok(Data::new(redeem_code(&state.core, &client.0, command).await?.into()))
}

/// The tokens of an outside issuer.
#[derive(Deserialize, ToSchema)]
pub(super) struct RegisterRequest {
    /// A token of an issuer that this deployment trusts.
    #[serde(rename = "accessToken", alias = "access_token")]
    access_token: String,
    /// Not kept and not used.
    #[serde(rename = "refreshToken", alias = "refresh_token")]
    #[expect(dead_code, reason = "clients send it, and an issuer's refresh token is its own business")]
    refresh_token: Option<String>,
}

/// Exchange an outside issuer's token for a pair of our own
///
/// The person is made on first sight. A provider's tag before the token carries no trust: the verified
/// `iss` says whose it is.
#[utoipa::path(post, path = "/api/v1/auth/register", tag = "auth", operation_id = "exchangeExternalToken",
    security(()), request_body = RegisterRequest,
    responses((status = 200, body = Data<AuthData>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_external_register(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<RegisterRequest>,
) -> Result<Data<AuthData>, Failure> {
    let token = credential::untagged(body.access_token.trim(), &state.config.sign_in.provider_tags);
    Ok(Data::new(exchange_external_token(&state.core, &client.0, token).await?.into()))
}

/// Exchange a refresh token for the next pair
///
/// A refused one is answered `{"error":"invalid_grant","error_description":"Session has
/// expired","success":false}`: other words make clients think that the fault will pass.
#[utoipa::path(post, path = "/api/v1/auth/refresh", tag = "auth", operation_id = "refreshTokens", security(()),
    request_body = RefreshRequest,
    responses((status = 200, body = Data<AuthData>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_refresh(
    State(state): State<AppState>,
    client: Client,
    Body(body): Body<RefreshRequest>,
) -> Result<Data<AuthData>, Failure> {
    grant("grantType", &body.grant_type, "refresh_token")?;
    Ok(Data::new(refresh_session(&state.core, &client.0, &body.refresh_token).await?.into()))
}

//! The caller's own profile.

use axum::{extract::State, http::StatusCode};
use bursar_identity::UserChange;
use bursar_kernel::{OrganizationId, UnixTimestamp};
use bursar_operations::{
    OwnRemoteConfig, Profile, accept_terms, delete_user, error::ORGANIZATION_NOT_FOUND,
    read_own_remote_config, read_profile, switch_account, update_profile,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{body::Data, error::ErrorEnvelope};
use crate::{
    api::caller::Caller,
    http::{body::Body, failure::Failure},
    state::AppState,
};

/// A person, as it sees itself.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    /// `user_…`
    id: String,
    email: String,
    display_name: String,
    /// The same as `displayName`.
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    photo_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    terms_accepted_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cline_bench_consent: Option<bool>,
    /// At most one is active; none means that the personal account is.
    organizations: Vec<OrganizationOfUser>,
    /// The active organization, or the person.
    #[serde(rename = "active_account_id")]
    active_account_id: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// An organization that the caller belongs to.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct OrganizationOfUser {
    /// `mbr_…`
    member_id: String,
    /// `org_…`
    organization_id: String,
    name: String,
    /// One of `owner`, `admin`, `member`.
    roles: Vec<String>,
    active: bool,
}

impl From<Profile> for User {
    fn from(profile: Profile) -> Self {
        let organizations = profile
            .organizations
            .iter()
            .map(|of_user| OrganizationOfUser {
                member_id: of_user.member.to_string(),
                organization_id: of_user.organization.to_string(),
                name: of_user.name.clone(),
                roles: vec![of_user.role.to_string()],
                active: profile.is_active(of_user.organization),
            })
            .collect();
        let user = profile.user;
        Self {
            id: user.id.to_string(),
            email: user.email.as_str().to_owned(),
            name: user.display_name.clone(),
            display_name: user.display_name,
            photo_url: user.photo_url,
            terms_accepted_at: user.terms_accepted_at.map(UnixTimestamp::rfc3339),
            cline_bench_consent: user.bench_consent,
            organizations,
            active_account_id: profile.active_account.to_string(),
            created_at: user.created_at.rfc3339(),
            updated_at: user.updated_at.rfc3339(),
        }
    }
}

/// Get the caller's profile
#[utoipa::path(get, path = "/api/v1/users/me", tag = "users", operation_id = "getMe",
    responses((status = 200, body = Data<User>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_me(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Data<User>, Failure> {
    Ok(Data::new(read_profile(&state.core, &actor).await?.into()))
}

/// What to change; what is absent stays, and other fields are ignored.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProfileChange {
    /// 1 to 100 characters.
    display_name: Option<String>,
    /// An https address; empty or null takes the picture away.
    #[serde(default, deserialize_with = "null_as_empty")]
    photo_url: Option<String>,
    cline_bench_consent: Option<bool>,
}

/// A field that is there, and null, takes away what was there.
fn null_as_empty<'de, D: serde::Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(field).map(|text: Option<String>| Some(text.unwrap_or_default()))
}

/// Change the caller's profile
///
/// The e-mail address is not changed here.
#[utoipa::path(patch, path = "/api/v1/users/me", tag = "users", operation_id = "updateMe",
    request_body = ProfileChange,
    responses((status = 200, body = Data<User>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn patch_me(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ProfileChange>,
) -> Result<Data<User>, Failure> {
    let change = UserChange {
        display_name: body.display_name,
        photo_url: body.photo_url.map(Some),
        bench_consent: body.cline_bench_consent,
    };
    Ok(Data::new(update_profile(&state.core, &actor, change).await?.into()))
}

/// Delete the caller
///
/// Every credential stops at once. Refused while an organization that others are in has no other
/// owner.
#[utoipa::path(delete, path = "/api/v1/users/me", tag = "users", operation_id = "deleteMe",
    responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn delete_me(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<StatusCode, Failure> {
    delete_user(&state.core, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The configuration that the caller's clients follow.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRemoteConfig {
    /// `org_…`: whose it is.
    organization_id: String,
    /// A JSON document as text.
    value: String,
    /// Always true.
    enabled: bool,
    /// Every organization of the caller's that has one.
    organizations: Vec<ConfiguringOrganization>,
}

/// An organization that tells its members' clients something.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ConfiguringOrganization {
    organization_id: String,
    name: String,
}

impl From<OwnRemoteConfig> for UserRemoteConfig {
    fn from(config: OwnRemoteConfig) -> Self {
        let named = |(organization, name): (OrganizationId, String)| ConfiguringOrganization {
            organization_id: organization.to_string(),
            name,
        };
        Self {
            organization_id: config.organization.to_string(),
            value: config.value,
            enabled: true,
            organizations: config.candidates.into_iter().map(named).collect(),
        }
    }
}

/// Get the configuration that the caller's clients follow
///
/// The active organization's if it has one, else that of the first that has; null when none has.
#[utoipa::path(get, path = "/api/v1/users/me/remote-config", tag = "users", operation_id = "getMyRemoteConfig",
    responses((status = 200, body = Data<Option<UserRemoteConfig>>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn get_my_remote_config(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Data<Option<UserRemoteConfig>>, Failure> {
    Ok(Data::new(read_own_remote_config(&state.core, &actor).await?.map(UserRemoteConfig::from)))
}

/// Accept the terms of service
///
/// The first time is kept. No body is needed.
#[utoipa::path(post, path = "/api/v1/users/me/accept-terms", tag = "users", operation_id = "acceptTerms",
    responses((status = 200, body = Data<User>), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn post_accept_terms(
    State(state): State<AppState>,
    Caller(actor): Caller,
) -> Result<Data<User>, Failure> {
    Ok(Data::new(accept_terms(&state.core, &actor).await?.into()))
}

/// Which account to act on.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ActiveAccount {
    /// `org_…`, or null for the personal account. The key must be there.
    #[serde(deserialize_with = "Option::deserialize")]
    organization_id: Option<String>,
}

/// Switch the active account
#[utoipa::path(put, path = "/api/v1/users/active-account", tag = "users", operation_id = "putActiveAccount",
    request_body = ActiveAccount, responses((status = 204), (status = "4XX", body = ErrorEnvelope)))]
pub(super) async fn put_active_account(
    State(state): State<AppState>,
    Caller(actor): Caller,
    Body(body): Body<ActiveAccount>,
) -> Result<StatusCode, Failure> {
    // An identifier of another shape is an organization that nobody knows.
    let to = body.organization_id.map(|text| text.parse::<OrganizationId>()).transpose();
    let to = to.map_err(|_| Failure::from(&ORGANIZATION_NOT_FOUND))?;
    switch_account(&state.core, &actor, to).await?;
    Ok(StatusCode::NO_CONTENT)
}

//! Who calls. The one place where a credential becomes an [`Actor`].

use axum::{
    extract::FromRequestParts,
    http::{header::USER_AGENT, request::Parts},
};
use bursar_kernel::ErrorKind;
use bursar_operations::{Actor, Credential as Shown, Origin as CallOrigin, looks_like_key};

use crate::{
    http::{
        credential::{self, Credential},
        failure::Failure,
        frame::Origin,
        origin,
    },
    state::AppState,
};

/// Where the request came from, for operations without a caller.
#[derive(Clone, Debug)]
pub struct Client(pub CallOrigin);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let origin = parts.extensions.get::<Origin>();
        Ok(Self(CallOrigin {
            ip: origin.and_then(|origin| origin.ip),
            request_id: origin.map(|origin| origin.request_id.as_str().to_owned()),
            user_agent: parts
                .headers
                .get(USER_AGENT)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
        }))
    }
}

/// Who calls: people by token or cookie, and API keys. What each may do is the operations' own
/// table.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        authenticate(parts, state).await.map(Self)
    }
}

/// The caller behind the request's one credential.
///
/// # Errors
/// No credential, several, a bad one; a write by cookie from another origin; too many requests.
async fn authenticate(parts: &mut Parts, state: &AppState) -> Result<Actor, Failure> {
    let origin = parts.extensions.get::<Origin>().cloned();
    match recognized(parts, state).await {
        Ok(actor) => {
            if let Some(Origin { family, counted, .. }) = &origin {
                state.rates.count_caller(&state.core, *family, &actor, counted).await?;
            }
            tracing::Span::current().record("actor", actor.audit().kind);
            Ok(actor)
        }
        Err(failure) if failure.error().kind() == ErrorKind::RateLimited => Err(failure),
        // Whoever shows what is no good is nobody, and is counted as such.
        Err(failure) => {
            if let Some(Origin { ip, counted, .. }) = &origin {
                state.rates.count_address(*ip, counted)?;
            }
            Err(failure)
        }
    }
}

async fn recognized(parts: &mut Parts, state: &AppState) -> Result<Actor, Failure> {
    let shown = match credential::find(&parts.headers, &state.config.sign_in.provider_tags)? {
        Credential::Bearer(secret) if looks_like_key(&state.core, secret.expose()).await? => {
            Some(Shown::ApiKey(secret))
        }
        Credential::Bearer(secret) => Some(Shown::Token(secret)),
        Credential::ApiKey(secret) => Some(Shown::ApiKey(secret)),
        Credential::Cookie(secret) => {
            origin::check(&parts.method, &parts.headers, &state.config.public_url)?;
            Some(Shown::Cookie(secret))
        }
        Credential::None => None,
    };
    let Ok(Client(origin)) = Client::from_request_parts(parts, state).await;
    Ok(bursar_operations::authenticate(&state.core, shown.as_ref(), origin).await?)
}

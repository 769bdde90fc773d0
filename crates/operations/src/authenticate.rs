use std::net::IpAddr;

use bursar_api_keys::{KeyHolder, ShownFrom, Verdict, effective, judge};
use bursar_identity::{Actor, PersonCredential, Principal, Session, TrustedIssuer};
use bursar_kernel::{Account, DomainError, Reader, Result, Secret, UserId};

use crate::{core::Core, error, people};

/// What a caller showed to say who it is.
pub enum Credential {
    /// An access token: ours, or one of an outside issuer that is trusted.
    Token(Secret<String>),
    /// An API key.
    ApiKey(Secret<String>),
    /// The value of the session cookie.
    Cookie(Secret<String>),
}

/// Where a request came from, for the audit trail and the limits.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The caller's address.
    pub ip: Option<IpAddr>,
    /// The request's identifier.
    pub request_id: Option<String>,
    /// What the client says that it is.
    pub user_agent: Option<String>,
}

/// Who the caller is, and which account it acts on.
///
/// # Errors
/// `not_authenticated`, `invalid_token` or `invalid_api_key`; `address_not_allowed` and `rate_limited`
/// for a key; `database_unavailable` and `issuer_unavailable` when it cannot be known now.
pub async fn authenticate(core: &Core, credential: Option<&Credential>, origin: Origin) -> Result<Actor> {
    let (principal, account) = match credential {
        None => return Err(DomainError::from(&error::NOT_AUTHENTICATED)),
        Some(Credential::Token(token)) => match core.issuers.of_token(token.expose()) {
            Some(issuer) => by_outside_token(core, &origin, issuer, token.expose()).await?,
            None => by_token(core, token.expose()).await?,
        },
        Some(Credential::Cookie(cookie)) => {
            let session = core.sessions.by_cookie(core.db.reader(), cookie.expose()).await?;
            person(core, session, PersonCredential::Cookie).await?
        }
        Some(Credential::ApiKey(key)) => by_key(core, key.expose(), origin.ip).await?,
    };
    Ok(Actor { principal, account, ip: origin.ip, request_id: origin.request_id })
}

async fn by_token(core: &Core, token: &str) -> Result<(Principal, Account)> {
    let claims = core.verify_access_token(token).await?;
    // The session is looked up every time, so that signing out ends its access tokens at once.
    let session = core.sessions.by_id(core.db.reader(), claims.session).await?;
    let session = session.filter(|session| session.user == claims.user);
    person(core, session, PersonCredential::Token).await
}

/// The claim of the token says which issuer verifies it, and nothing else that the client wrote.
async fn by_outside_token(
    core: &Core,
    origin: &Origin,
    issuer: &TrustedIssuer,
    token: &str,
) -> Result<(Principal, Account)> {
    let reader = core.db.reader();
    let claims = core.issuers.verify(issuer, token, reader.now()).await?;
    let user = people::person_of(core, origin, &claims).await?;
    // There, and not suspended: it has no session here that could have been ended.
    let standing = core.remembered_standing(reader, Account::Personal(user), user).await?;
    standing.ok_or_else(|| DomainError::from(&bursar_identity::error::INVALID_TOKEN))?;
    let account = people::account_of(core, origin, user, &claims).await?;
    let principal = Principal::Person {
        user,
        session: None,
        signed_in_at: claims.issued_at,
        proved_at: claims.proved_at,
        by: PersonCredential::External,
    };
    Ok((principal, account))
}

async fn person(core: &Core, session: Option<Session>, by: PersonCredential) -> Result<(Principal, Account)> {
    let session = session.ok_or_else(|| DomainError::from(&bursar_identity::error::INVALID_TOKEN))?;
    let account = active_account(core, core.db.reader(), session.user).await?;
    let principal = Principal::Person {
        user: session.user,
        session: Some(session.id),
        signed_in_at: session.created_at,
        proved_at: session.proved_at,
        by,
    };
    Ok((principal, account))
}

/// The account that the person has chosen: an organization that it is still a member of, or its
/// own.
pub(crate) async fn active_account(core: &Core, reader: Reader<'_>, user: UserId) -> Result<Account> {
    let chosen = core.active_accounts.get(reader, user).await?;
    Ok(chosen.map_or(Account::Personal(user), Account::Organization))
}

/// Whether a text is a key rather than a token: by its form, or by what imported keys begin with. Tokens
/// are in three parts with dots.
///
/// # Errors
/// When the database cannot be read.
pub async fn looks_like_key(core: &Core, text: &str) -> Result<bool> {
    let by_form = text.contains('_') && !text.contains('.');
    Ok(by_form || core.parse_key(text).await?.is_some())
}

async fn by_key(core: &Core, text: &str, ip: Option<IpAddr>) -> Result<(Principal, Account)> {
    let invalid = || DomainError::from(&error::INVALID_API_KEY);
    // A wrong checksum is refused without touching the database.
    let parsed = core.parse_key(text).await?.ok_or_else(invalid)?;
    let reader = core.db.reader();
    let key = core.remembered_key(reader, parsed.hash()).await?.ok_or_else(invalid)?;
    let standing = core.remembered_standing_of(reader, &key).await?.ok_or_else(invalid)?;
    let scopes = effective(standing, &key.scopes);
    match judge(&key, reader.now(), ShownFrom::Address(ip), &[], &scopes) {
        Verdict::Valid => {}
        Verdict::ForbiddenIp => return Err(DomainError::from(&error::ADDRESS_NOT_ALLOWED)),
        _ => return Err(invalid()),
    }
    if let Some(per_minute) = key.per_minute {
        let quota = core.key_rates().take(key.id, per_minute, reader.now());
        if !quota.passed() {
            let seconds = quota.retry_after_seconds();
            return Err(DomainError::from(&error::RATE_LIMITED).param("retry_after_seconds", seconds));
        }
    }
    core.key_used(key.id, reader.now());
    let scopes = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let id = key.id.uuid();
    let principal = match key.holder {
        KeyHolder::Person(user) => Principal::Key { key: id, user, scopes },
        KeyHolder::Organization { .. } => Principal::OrganizationKey { key: id, scopes },
        KeyHolder::Deployment => Principal::Service { key: id, scopes },
    };
    Ok((principal, key.account))
}

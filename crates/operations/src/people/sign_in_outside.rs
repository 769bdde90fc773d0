use bursar_identity::{
    BrowserSignIn, ExternalClaims, NewSession, PersonLock, Session, SessionKind, TrustedIssuer, User,
    error::INVALID_TOKEN,
};
use bursar_kernel::{Account, DomainError, Result, Secret, Tx};

use super::outside::{account_of, person_of};
use crate::{
    audited::Audited,
    authenticate::Origin,
    authorize::lock_person,
    core::Core,
    error,
    operation::Operation,
    people::sign_in::{SignedIn, opened_by, tokens},
};

/// Exchanges a token of a trusted outside issuer for a pair of our own. What else the issuer gave is
/// not kept.
///
/// # Errors
/// `invalid_token` for a token that is not good or whose issuer is not trusted; `issuer_unavailable`
/// while the issuer's keys cannot be had; `account_suspended`; `too_many_tries`.
pub async fn exchange_external_token(core: &Core, origin: &Origin, token: &str) -> Result<SignedIn> {
    core.sign_in_limits.check_ip(origin.ip)?;
    let issuer = core.issuers.of_token(token).ok_or_else(|| DomainError::from(&INVALID_TOKEN))?;
    let claims = core.issuers.verify(issuer, token, core.db.reader().now()).await?;
    let (mut tx, user) =
        vouched_for(core, origin, &claims, Operation::ExchangeExternalToken, SessionKind::Token).await?;
    let session = opened(origin, &user, &claims, SessionKind::Token);
    let opened = core.sessions.open(&mut tx, session).await?;
    let refresh_token = core.refresh_tokens.issue(&mut tx, &opened.session).await?;
    let signed_in = tokens(core, tx.reader(), user, opened.session, refresh_token).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Where the browser goes to sign in with an issuer, and what must be remembered of it until it comes
/// back.
///
/// # Errors
/// `issuer_not_found`; `issuer_unavailable`.
pub async fn begin_external_sign_in(core: &Core, issuer: &str, redirect_uri: &str) -> Result<BrowserSignIn> {
    let issuer = named(core, issuer)?;
    let now = core.db.reader().now();
    core.issuers.begin(issuer, redirect_uri, core.recent_sign_in, core.db.entropy().as_ref(), now).await
}

/// What a browser brings back from an issuer, with what was remembered of its going there.
pub struct FinishExternalSignIn<'a> {
    /// The issuer's name.
    pub issuer: &'a str,
    /// Where it was to come back to.
    pub redirect_uri: &'a str,
    /// The code.
    pub code: &'a str,
    /// What the challenge was made of.
    pub verifier: &'a Secret<String>,
    /// What the issuer's token must repeat.
    pub nonce: &'a str,
}

/// Opens a cookie session for somebody who comes back from an issuer.
///
/// # Errors
/// `issuer_not_found`; `invalid_token`; `issuer_unavailable`; `account_suspended`; `too_many_tries`.
pub async fn finish_external_sign_in(
    core: &Core,
    origin: &Origin,
    command: FinishExternalSignIn<'_>,
) -> Result<(Session, Secret<String>)> {
    core.sign_in_limits.check_ip(origin.ip)?;
    let issuer = named(core, command.issuer)?;
    let FinishExternalSignIn { redirect_uri, code, verifier, nonce, .. } = command;
    let now = core.db.reader().now();
    let claims = core.issuers.finish(issuer, redirect_uri, code, verifier, nonce, now).await?;
    let (mut tx, user) =
        vouched_for(core, origin, &claims, Operation::SignInByIssuer, SessionKind::Cookie).await?;
    let session = opened(origin, &user, &claims, SessionKind::Cookie);
    let opened = core.sessions.open(&mut tx, session).await?;
    let cookie = opened.cookie.ok_or_else(|| DomainError::internal("a cookie session without a cookie"))?;
    tx.commit().await?;
    Ok((opened.session, cookie))
}

/// The issuers that people can sign in with by browser.
#[must_use]
pub fn browser_issuers(core: &Core) -> Vec<&TrustedIssuer> {
    core.issuers.all().filter(|issuer| issuer.client.is_some()).collect()
}

fn named<'a>(core: &'a Core, name: &str) -> Result<&'a TrustedIssuer> {
    let issuer = core.issuers.named(name).filter(|issuer| issuer.client.is_some());
    issuer.ok_or_else(|| DomainError::from(&error::ISSUER_NOT_FOUND))
}

/// The person that an issuer vouches for, locked and welcome, in the transaction that opens its
/// session; the organization that the issuer names is there by then.
async fn vouched_for(
    core: &Core,
    origin: &Origin,
    claims: &ExternalClaims,
    operation: Operation,
    kind: SessionKind,
) -> Result<(Tx, User)> {
    let user = person_of(core, origin, claims).await?;
    let known = core.users.by_id(core.db.reader(), user).await?;
    if known.is_some_and(|known| known.suspended_at.is_some()) {
        return Err(DomainError::from(&error::ACCOUNT_SUSPENDED));
    }
    account_of(core, origin, user, claims).await?;
    let mut tx = core.db.begin().await?;
    let person = lock_person(core, &mut tx, user, PersonLock::Changes, &INVALID_TOKEN).await?;
    if person.suspended_at.is_some() {
        return Err(DomainError::from(&error::ACCOUNT_SUSPENDED));
    }
    let after = serde_json::json!({ "issuer": claims.issuer, "kind": kind.as_str() }).to_string();
    Audited::person(user, origin)
        .write(&mut tx, operation, Account::Personal(user).id(), user, Some(after))
        .await?;
    Ok((tx, person))
}

/// A session that is as old, in proving, as the issuer's.
fn opened(origin: &Origin, user: &User, claims: &ExternalClaims, kind: SessionKind) -> NewSession {
    NewSession { proved_at: Some(claims.proved_at), ..opened_by(origin, user.id, kind) }
}

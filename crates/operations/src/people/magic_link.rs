use bursar_identity::{PersonLock, Session, SessionKind, TokenPurpose, error::LINK_INVALID};
use bursar_kernel::{Account, DomainError, Result, Secret};

use super::{
    link::{prove_mailbox, want_link},
    password::tell_of_change,
    sign_in::{SignedIn, check_second_factor, opened_by, tokens},
};
use crate::{
    audited::Audited, authenticate::Origin, authorize::lock_person, core::Core, operation::Operation,
};

/// Mails a link that signs in, if somebody has the address. Whether somebody has is told to nobody
/// but the mailbox.
///
/// # Errors
/// `too_many_tries`.
pub async fn request_magic_link(core: &Core, origin: &Origin, email: &str) -> Result<()> {
    want_link(core, origin, email, TokenPurpose::MagicLink, Operation::RequestMagicLink).await
}

/// What somebody shows who followed a mailed link.
pub struct MagicSignIn {
    /// The link's token.
    pub token: Secret<String>,
    /// The code of a second factor, for those who have one.
    pub code: Option<Secret<String>>,
}

/// Signs in by a mailed link, with tokens.
///
/// # Errors
/// `link_invalid`; `totp_required`; `wrong_code`; `too_many_tries`.
pub async fn sign_in_by_link(core: &Core, origin: &Origin, shown: MagicSignIn) -> Result<SignedIn> {
    let (mut tx, user) = redeem(core, origin, shown).await?;
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Token)).await?;
    let refresh_token = core.refresh_tokens.issue(&mut tx, &opened.session).await?;
    written(&mut tx, origin, &opened.session).await?;
    let signed_in = tokens(core, tx.reader(), user, opened.session, refresh_token).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Signs in by a mailed link, with a cookie.
///
/// # Errors
/// As [`sign_in_by_link`].
pub async fn open_cookie_session_by_link(
    core: &Core,
    origin: &Origin,
    shown: MagicSignIn,
) -> Result<(Session, Secret<String>)> {
    let (mut tx, user) = redeem(core, origin, shown).await?;
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Cookie)).await?;
    let cookie = opened.cookie.ok_or_else(|| DomainError::internal("a cookie session without a cookie"))?;
    written(&mut tx, origin, &opened.session).await?;
    tx.commit().await?;
    Ok((opened.session, cookie))
}

async fn redeem(
    core: &Core,
    origin: &Origin,
    shown: MagicSignIn,
) -> Result<(bursar_kernel::Tx, bursar_identity::User)> {
    let invalid = || DomainError::from(&LINK_INVALID);
    let purpose = TokenPurpose::MagicLink;
    let token = shown.token.expose();
    let holder = core.one_time_tokens.peek(core.db.reader(), purpose, token).await?.ok_or_else(invalid)?;
    core.sign_in_limits.check(origin.ip, holder.email.folded())?;
    let mut tx = core.db.begin().await?;
    let user = lock_person(core, &mut tx, holder.user, PersonLock::Changes, &LINK_INVALID).await?;
    let holder = core.one_time_tokens.redeem(&mut tx, purpose, token).await?.ok_or_else(invalid)?;
    // In the same transaction: a link is not used up by a wrong code.
    check_second_factor(core, &mut tx, holder.user, shown.code.as_ref()).await?;
    if prove_mailbox(core, &mut tx, &user).await? {
        // Whoever chose it did not read this mailbox. If it was the same person after all, it hears
        // why the old one is good for nothing.
        core.credentials.forget(&mut tx, user.id).await?;
        tell_of_change(core, &mut tx, &user).await?;
    }
    Ok((tx, user))
}

async fn written(tx: &mut bursar_kernel::Tx, origin: &Origin, session: &Session) -> Result<()> {
    Audited::person(session.user, origin)
        .write(tx, Operation::SignInByLink, Account::Personal(session.user).id(), session.id, None)
        .await
}

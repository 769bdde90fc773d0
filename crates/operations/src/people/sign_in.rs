use bursar_identity::{
    AccessClaims, EmailAddress, FactorCheck, NewSession, PersonLock, Session, SessionKind, User,
    error::{TOTP_REQUIRED, WRONG_CODE},
};
use bursar_kernel::{
    Account, DomainError, OrganizationId, Reader, Result, Secret, Tx, UnixTimestamp, UserId,
};

use crate::{
    audited::Audited,
    authenticate::{Origin, active_account},
    core::Core,
    error,
    operation::Operation,
};

/// An address and a password, as somebody typed them.
pub struct SignIn {
    /// The address; text that is none is answered like an unknown person.
    pub email: String,
    /// The password.
    pub password: Secret<String>,
    /// The code of a second factor, for those who have one.
    pub code: Option<Secret<String>>,
}

/// A person with fresh tokens.
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// Its active organization, if it has chosen one.
    pub organization: Option<OrganizationId>,
    /// A signed token that is good until `expires_at`.
    pub access_token: Secret<String>,
    /// A token that is good once, for the next pair.
    pub refresh_token: Secret<String>,
    /// When the access token ends.
    pub expires_at: UnixTimestamp,
    /// How many seconds that is from now.
    pub expires_in_seconds: u64,
}

/// Signs a person in with tokens.
///
/// # Errors
/// `invalid_sign_in`, the same for an unknown person and a wrong password, after the same work;
/// `too_many_tries` before it, and `sign_in_busy` when too many wait; `email_not_verified`,
/// `totp_required` and `wrong_code` after a right password, the last two of somebody who has a second
/// factor.
pub async fn sign_in(core: &Core, origin: &Origin, command: SignIn) -> Result<SignedIn> {
    let code = command.code.clone();
    let user = check_password(core, origin, command).await?;
    let mut tx = core.db.begin().await?;
    check_second_factor(core, &mut tx, user.id, code.as_ref()).await?;
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Token)).await?;
    let refresh_token = core.refresh_tokens.issue(&mut tx, &opened.session).await?;
    Audited::person(user.id, origin)
        .write(&mut tx, Operation::SignIn, Account::Personal(user.id).id(), opened.session.id, None)
        .await?;
    let signed_in = tokens(core, tx.reader(), user, opened.session, refresh_token).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Signs a person in with a cookie.
///
/// # Errors
/// As [`sign_in`].
pub async fn open_cookie_session(
    core: &Core,
    origin: &Origin,
    command: SignIn,
) -> Result<(Session, Secret<String>)> {
    let code = command.code.clone();
    let user = check_password(core, origin, command).await?;
    let mut tx = core.db.begin().await?;
    check_second_factor(core, &mut tx, user.id, code.as_ref()).await?;
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Cookie)).await?;
    let cookie = opened.cookie.ok_or_else(|| DomainError::internal("a cookie session without a cookie"))?;
    Audited::person(user.id, origin)
        .write(&mut tx, Operation::SignIn, Account::Personal(user.id).id(), opened.session.id, None)
        .await?;
    tx.commit().await?;
    Ok((opened.session, cookie))
}

/// One hash is computed whoever asks, so that the time tells nothing.
async fn check_password(core: &Core, origin: &Origin, command: SignIn) -> Result<User> {
    let email = EmailAddress::parse(&command.email).ok();
    let typed = command.email.to_lowercase();
    let tried = email.as_ref().map_or(typed.as_str(), EmailAddress::folded);
    core.sign_in_limits.check(origin.ip, tried)?;
    // Before anything is read: who waits, and who is turned away, takes nothing from anybody else.
    let turn = core.passwords.turn().await?;
    let reader = core.db.reader();
    let user = match &email {
        Some(email) => core.users.by_email(reader, email).await?,
        None => None,
    };
    let known = match &user {
        Some(user) => core.credentials.password(reader, user.id).await?,
        None => None,
    };
    let right = turn.verify(known.as_ref(), command.password).await?;
    let user = user.filter(|_| right && known.is_some());
    let user = user.ok_or_else(|| DomainError::from(&error::INVALID_SIGN_IN))?;
    if core.requires_verified_email && user.email_verified_at.is_none() {
        return Err(DomainError::from(&error::EMAIL_NOT_VERIFIED));
    }
    Ok(user)
}

/// A session that is opened from where the request came.
pub(super) fn opened_by(origin: &Origin, user: UserId, kind: SessionKind) -> NewSession {
    NewSession {
        user,
        kind,
        ip: origin.ip.map(|ip| ip.to_string()),
        user_agent: origin.user_agent.clone(),
        proved_at: None,
    }
}

/// Lets nobody in who is suspended, and asks somebody who has a second factor for it. What it uses up
/// is used up with the transaction.
///
/// # Errors
/// `account_suspended`; `totp_required` without a code; `wrong_code`.
pub(super) async fn check_second_factor(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    code: Option<&Secret<String>>,
) -> Result<()> {
    // Held until the session is there: who suspends it meanwhile waits, and ends it.
    let person = core.users.lock(tx, user, PersonLock::Changes).await?;
    if person.suspended_at.is_some() {
        return Err(DomainError::from(&error::ACCOUNT_SUSPENDED));
    }
    let Some(code) = code.map(|code| code.expose().trim()).filter(|code| !code.is_empty()) else {
        return match core.second_factors.state(tx.reader(), user).await? {
            bursar_identity::FactorState::On { .. } => Err(DomainError::from(&TOTP_REQUIRED)),
            _ => Ok(()),
        };
    };
    core.sign_in_limits.check_code(user)?;
    match core.second_factors.check(tx, user, code).await? {
        FactorCheck::Off | FactorCheck::Right | FactorCheck::RightByRecoveryCode => Ok(()),
        FactorCheck::Wrong => Err(DomainError::from(&WRONG_CODE).param("field", "totp")),
    }
}

/// The pair of tokens of a session.
pub(crate) async fn tokens(
    core: &Core,
    reader: Reader<'_>,
    user: User,
    session: Session,
    refresh_token: Secret<String>,
) -> Result<SignedIn> {
    let organization = active_account(core, reader, user.id).await?.organization();
    let role = match organization {
        Some(organization) => core.members.of(reader, organization, user.id).await?.map(|member| member.role),
        None => None,
    };
    let expires_at = reader.now().after(core.access_tokens.lifetime());
    let claims = AccessClaims {
        user: user.id,
        session: session.id,
        issued_at: reader.now(),
        expires_at,
        organization,
        organization_role: role.map(|role| format!("org:{role}")),
    };
    let key = core.signing_keys.current(reader).await?;
    let access_token = Secret::new(core.access_tokens.mint(&key, &claims)?);
    let expires_in_seconds = core.access_tokens.lifetime().as_secs();
    Ok(SignedIn { user, organization, access_token, refresh_token, expires_at, expires_in_seconds })
}

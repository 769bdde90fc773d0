use bursar_identity::{Actor, Principal, Session, SessionId};
use bursar_kernel::{Account, DomainError, Result, Secret};

use super::sign_in::check_second_factor;
use crate::{audited::Audited, authorize::admit, core::Core, error, operation::Operation};

/// A session of the caller's.
pub struct OwnSession {
    /// The session.
    pub session: Session,
    /// Whether the request came in it.
    pub is_this_one: bool,
}

/// The caller's live sessions, newest first.
///
/// # Errors
/// `forbidden` for anyone but a person.
pub async fn list_sessions(core: &Core, actor: &Actor) -> Result<Vec<OwnSession>> {
    admit(actor, Operation::ListSessions)?;
    let Principal::Person { user, session: own, .. } = actor.principal else {
        return Err(DomainError::from(&error::FORBIDDEN));
    };
    let sessions = core.sessions.of_user(core.db.reader(), user).await?;
    Ok(sessions
        .into_iter()
        .map(|session| OwnSession { is_this_one: Some(session.id) == own, session })
        .collect())
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// `session_not_found` for one that has ended and for another person's.
pub async fn end_session(core: &Core, actor: &Actor, session: SessionId) -> Result<()> {
    admit(actor, Operation::EndSession)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut tx = core.db.begin().await?;
    if !core.sessions.end(&mut tx, user, session).await? {
        return Err(DomainError::from(&error::SESSION_NOT_FOUND));
    }
    Audited::by(actor)
        .write(&mut tx, Operation::EndSession, Account::Personal(user).id(), session, None)
        .await?;
    tx.commit().await
}

/// Shows again that it is the person who sits there, in the session that is open: what is dangerous
/// asks for it.
///
/// # Errors
/// `wrong_password`; `totp_required`; `wrong_code`; `too_many_tries`; `session_required` for an outside
/// token.
pub async fn step_up(
    core: &Core,
    actor: &Actor,
    password: Secret<String>,
    code: Option<&Secret<String>>,
) -> Result<()> {
    admit(actor, Operation::StepUp)?;
    let Principal::Person { user, session: Some(session), .. } = actor.principal else {
        return Err(DomainError::from(&error::SESSION_REQUIRED));
    };
    let reader = core.db.reader();
    let person = core.users.by_id(reader, user).await?;
    let person = person.ok_or_else(|| DomainError::from(&error::NOT_AUTHENTICATED))?;
    core.sign_in_limits.check(actor.ip, person.email.folded())?;
    let known = core.credentials.password(reader, user).await?;
    if !core.passwords.verify(known.as_ref(), password).await? || known.is_none() {
        return Err(DomainError::from(&error::WRONG_PASSWORD));
    }
    let mut tx = core.db.begin().await?;
    check_second_factor(core, &mut tx, user, code).await?;
    core.sessions.prove(&mut tx, user, session).await?;
    Audited::by(actor).write(&mut tx, Operation::StepUp, Account::Personal(user).id(), session, None).await?;
    tx.commit().await
}

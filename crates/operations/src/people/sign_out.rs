use bursar_identity::{Actor, Principal};
use bursar_kernel::{Account, DomainError, Result};

use crate::{audited::Audited, authorize::admit, core::Core, error, operation::Operation};

/// Which sessions end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignOut {
    /// The one that the request came with.
    ThisSession,
    /// All of the person's.
    Everywhere,
}

/// Ends sessions: their cookies, access and refresh tokens are refused from now on. Ending what
/// has ended is no error.
///
/// # Errors
/// `forbidden` for anyone but a person; `session_required` where an outside token is to end its
/// session: that is its issuer's.
pub async fn sign_out(core: &Core, actor: &Actor, which: SignOut) -> Result<()> {
    admit(actor, Operation::SignOut)?;
    let Principal::Person { user, session, .. } = actor.principal else {
        return Err(DomainError::from(&error::FORBIDDEN));
    };
    let mut tx = core.db.begin().await?;
    match (which, session) {
        (SignOut::ThisSession, None) => return Err(DomainError::from(&error::SESSION_REQUIRED)),
        (SignOut::ThisSession, Some(session)) => {
            core.sessions.end(&mut tx, user, session).await?;
        }
        (SignOut::Everywhere, _) => {
            core.sessions.end_all(&mut tx, user).await?;
            core.authorization_codes.forget(&mut tx, user).await?;
        }
    }
    let after = (which == SignOut::Everywhere).then(|| r#"{"everywhere":true}"#.to_owned());
    let target = session.map_or_else(|| user.to_string(), |session| session.to_string());
    Audited::by(actor)
        .write(&mut tx, Operation::SignOut, Account::Personal(user).id(), target, after)
        .await?;
    tx.commit().await
}

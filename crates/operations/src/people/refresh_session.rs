use bursar_identity::Rotation;
use bursar_kernel::{Account, DomainError, Result};

use crate::{
    audited::Audited,
    authenticate::Origin,
    core::Core,
    error,
    operation::Operation,
    people::sign_in::{SignedIn, tokens},
};

/// Exchanges a refresh token for the next pair. A token that comes a second time was stolen from
/// one of the two who hold it: its whole family ends.
///
/// # Errors
/// `invalid_grant`.
pub async fn refresh_session(core: &Core, origin: &Origin, refresh_token: &str) -> Result<SignedIn> {
    let invalid = || DomainError::from(&error::INVALID_GRANT);
    let mut tx = core.db.begin().await?;
    match core.refresh_tokens.rotate(&mut tx, refresh_token).await? {
        Rotation::Rotated { session, token } => {
            let user = core.users.by_id(tx.reader(), session.user).await?.ok_or_else(invalid)?;
            Audited::person(user.id, origin)
                .write(&mut tx, Operation::RefreshSession, Account::Personal(user.id).id(), session.id, None)
                .await?;
            let signed_in = tokens(core, tx.reader(), user, session, token).await?;
            tx.commit().await?;
            Ok(signed_in)
        }
        Rotation::Reused { user, session } => {
            let after = r#"{"reused":true}"#.to_owned();
            Audited::person(user, origin)
                .write(&mut tx, Operation::RefreshSession, Account::Personal(user).id(), session, Some(after))
                .await?;
            tx.commit().await?;
            tracing::warn!(%user, %session, "a used refresh token came again; its session was ended");
            Err(invalid())
        }
        Rotation::Unknown => Err(invalid()),
    }
}

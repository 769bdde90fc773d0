use bursar_identity::Actor;
use bursar_kernel::{Account, DomainError, Result};

use crate::{
    audited::Audited,
    authorize::admit,
    core::Core,
    error,
    operation::Operation,
    people::profile::{Profile, read_profile},
};

/// Accepts the terms of service. The first time is kept.
///
/// # Errors
/// `forbidden` for anyone but a person.
pub async fn accept_terms(core: &Core, actor: &Actor) -> Result<Profile> {
    admit(actor, Operation::AcceptTerms)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut tx = core.db.begin().await?;
    core.users.accept_terms(&mut tx, user).await?;
    Audited::by(actor)
        .write(&mut tx, Operation::AcceptTerms, Account::Personal(user).id(), user, None)
        .await?;
    tx.commit().await?;
    read_profile(core, actor).await
}

use bursar_identity::{Actor, UserChange};
use bursar_kernel::{Account, DomainError, Result};
use serde_json::json;

use crate::{
    audited::Audited,
    authorize::admit,
    core::Core,
    error,
    operation::Operation,
    people::profile::{Profile, read_profile},
};

/// Changes what a person says of itself; what is absent stays. The address is not changed here.
///
/// # Errors
/// `forbidden` for anyone but a person; `invalid_field`.
pub async fn update_profile(core: &Core, actor: &Actor, change: UserChange) -> Result<Profile> {
    admit(actor, Operation::UpdateProfile)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let changed = json!({
        "displayName": change.display_name.is_some(),
        "photoUrl": change.photo_url.is_some(),
        "benchConsent": change.bench_consent,
    });
    let mut tx = core.db.begin().await?;
    let before = core.users.by_id(tx.reader(), user).await?;
    let before = before.ok_or_else(|| DomainError::from(&error::NOT_AUTHENTICATED))?;
    let known_as = core.subject_keys.seal(&mut tx, user.uuid(), &before.display_name).await?;
    core.users.update(&mut tx, user, change).await?;
    Audited::by(actor)
        .before(&json!({ "displayName": known_as }))
        .write(
            &mut tx,
            Operation::UpdateProfile,
            Account::Personal(user).id(),
            user,
            Some(changed.to_string()),
        )
        .await?;
    tx.commit().await?;
    read_profile(core, actor).await
}

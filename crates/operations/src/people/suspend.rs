use bursar_identity::PersonLock;
use bursar_kernel::{Account, Result, UserId};
use serde_json::json;

use crate::{audited::Audited, core::Core, operation::Operation, remembered::person_tag};

/// Keeps a person out, or lets it in again, from the command line of the deployment: its sessions
/// and codes end at once, its keys are refused, and nothing opens a session. What it owns stays.
///
/// # Errors
/// `user_not_found`.
pub async fn suspend_user(core: &Core, user: UserId, is_suspended: bool) -> Result<()> {
    let mut tx = core.db.begin().await?;
    core.users.lock(&mut tx, user, PersonLock::Changes).await?;
    core.users.suspend(&mut tx, user, is_suspended).await?;
    core.sessions.end_all(&mut tx, user).await?;
    core.authorization_codes.forget(&mut tx, user).await?;
    core.one_time_tokens.forget(&mut tx, user).await?;
    tx.invalidate(person_tag(user)).await?;
    let after = json!({ "isSuspended": is_suspended }).to_string();
    Audited::system()
        .write(&mut tx, Operation::SuspendUser, Account::Personal(user).id(), user, Some(after))
        .await?;
    tx.commit().await
}

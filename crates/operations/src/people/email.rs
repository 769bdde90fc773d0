use bursar_identity::{Actor, EmailAddress, PersonLock, TokenPurpose, error::LINK_INVALID};
use bursar_kernel::{Account, DomainError, Result};
use bursar_notifications::{Addressed, Letter};
use serde_json::json;

use super::password::addressed;
use crate::{
    audited::Audited,
    authenticate::Origin,
    authorize::{admit, lock_person, recently_proved},
    core::Core,
    error,
    operation::Operation,
};

/// Mails a link by which the caller shows that it reads its own address. Nothing is sent when that
/// is known already.
///
/// # Errors
/// `forbidden` for anyone but a person; `too_many_tries`.
pub async fn request_email_verification(core: &Core, actor: &Actor) -> Result<()> {
    admit(actor, Operation::RequestEmailVerification)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let person = core.users.by_id(core.db.reader(), user).await?;
    let person = person.ok_or_else(|| DomainError::from(&error::NOT_AUTHENTICATED))?;
    core.sign_in_limits.check_mail(actor.ip, person.email.folded())?;
    let account = Account::Personal(user).id();
    let mut tx = core.db.begin().await?;
    if person.email_verified_at.is_none() {
        let purpose = TokenPurpose::VerifyEmail;
        let token = core.one_time_tokens.issue(&mut tx, user, purpose, &person.email).await?;
        let letter = Letter::VerifyEmail {
            link: core.links.verify_email(&token),
            expires_at: tx.now().after(purpose.lifetime()),
        };
        core.mail.send(&mut tx, Some(account), &addressed(&person, letter)).await?;
    }
    Audited::by(actor).write(&mut tx, Operation::RequestEmailVerification, account, user, None).await?;
    tx.commit().await
}

/// Takes a mailed link as the proof that its bearer reads the address.
///
/// # Errors
/// `link_invalid`, also when the person has another address by now.
pub async fn verify_email(core: &Core, origin: &Origin, token: &str) -> Result<()> {
    let invalid = || DomainError::from(&LINK_INVALID);
    let mut tx = core.db.begin().await?;
    let holder = core.one_time_tokens.redeem(&mut tx, TokenPurpose::VerifyEmail, token).await?;
    let holder = holder.ok_or_else(invalid)?;
    if !core.users.verify_email(&mut tx, holder.user, &holder.email).await? {
        return Err(invalid());
    }
    Audited::person(holder.user, origin)
        .write(&mut tx, Operation::VerifyEmail, Account::Personal(holder.user).id(), holder.user, None)
        .await?;
    tx.commit().await
}

/// Mails a link to another address of the caller's: by it the address becomes theirs. An address
/// that somebody has is answered in the same way, and gets no link.
///
/// # Errors
/// `recent_sign_in_required`; `too_many_tries`.
pub async fn request_email_change(core: &Core, actor: &Actor, email: EmailAddress) -> Result<()> {
    admit(actor, Operation::RequestEmailChange)?;
    recently_proved(core, actor)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    core.sign_in_limits.check_mail(actor.ip, email.folded())?;
    let account = Account::Personal(user).id();
    let mut tx = core.db.begin().await?;
    if core.users.by_email(tx.reader(), &email).await?.is_none_or(|other| other.id == user) {
        let purpose = TokenPurpose::ChangeEmail;
        let token = core.one_time_tokens.issue(&mut tx, user, purpose, &email).await?;
        let letter = Letter::ChangeEmail {
            link: core.links.change_email(&token),
            expires_at: tx.now().after(purpose.lifetime()),
            new_email: email.as_str().to_owned(),
        };
        let to = Addressed { to: email.as_str().to_owned(), name: None, letter };
        core.mail.send(&mut tx, Some(account), &to).await?;
    }
    Audited::by(actor).write(&mut tx, Operation::RequestEmailChange, account, user, None).await?;
    tx.commit().await
}

/// Makes the address that a mailed link was sent to the person's own. The address of before is
/// told.
///
/// # Errors
/// `link_invalid`; `email_taken` when somebody else has it by now.
pub async fn change_email(core: &Core, origin: &Origin, token: &str) -> Result<()> {
    let invalid = || DomainError::from(&LINK_INVALID);
    let purpose = TokenPurpose::ChangeEmail;
    let shown = core.one_time_tokens.peek(core.db.reader(), purpose, token).await?.ok_or_else(invalid)?;
    let mut tx = core.db.begin().await?;
    let before = lock_person(core, &mut tx, shown.user, PersonLock::Changes, &LINK_INVALID).await?;
    let holder = core.one_time_tokens.redeem(&mut tx, purpose, token).await?.ok_or_else(invalid)?;
    let new_email = holder.email.as_str().to_owned();
    core.users.set_email(&mut tx, holder.user, holder.email).await?;
    // Links to the address of before would still open the account.
    core.one_time_tokens.forget(&mut tx, holder.user).await?;
    let account = Account::Personal(holder.user).id();
    let told = addressed(&before, Letter::EmailChanged { new_email: new_email.clone() });
    core.mail.send(&mut tx, Some(account), &told).await?;
    let was = core.subject_keys.seal(&mut tx, holder.user.uuid(), before.email.as_str()).await?;
    let is = core.subject_keys.seal(&mut tx, holder.user.uuid(), &new_email).await?;
    Audited::person(holder.user, origin)
        .before(&json!({ "email": was }))
        .write(
            &mut tx,
            Operation::ChangeEmail,
            account,
            holder.user,
            Some(json!({ "email": is }).to_string()),
        )
        .await?;
    tx.commit().await
}

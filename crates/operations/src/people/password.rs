use bursar_identity::{Actor, Password, PersonLock, Principal, TokenPurpose, User, error::LINK_INVALID};
use bursar_kernel::{Account, DomainError, Result, Secret};
use bursar_notifications::{Addressed, Letter};

use super::link::{prove_mailbox, want_link};
use crate::{
    audited::Audited,
    authenticate::Origin,
    authorize::{admit, lock_person},
    core::Core,
    error,
    operation::Operation,
};

/// Mails a link by which a new password can be chosen, if somebody has the address. Whether
/// somebody has is told to nobody but the mailbox.
///
/// # Errors
/// `too_many_tries`.
pub async fn request_password_reset(core: &Core, origin: &Origin, email: &str) -> Result<()> {
    want_link(core, origin, email, TokenPurpose::ResetPassword, Operation::RequestPasswordReset).await
}

/// Chooses a new password by a mailed link. Every session ends: whoever knew the old password is
/// out. A second factor stays.
///
/// # Errors
/// `link_invalid`; `invalid_field` for a password that is too easy to guess; `account_suspended`.
pub async fn reset_password(core: &Core, origin: &Origin, token: &str, password: String) -> Result<()> {
    let invalid = || DomainError::from(&LINK_INVALID);
    let purpose = TokenPurpose::ResetPassword;
    // Looked at first: a link is not used up by a password that is refused.
    let holder = core.one_time_tokens.peek(core.db.reader(), purpose, token).await?.ok_or_else(invalid)?;
    let user = core.users.by_id(core.db.reader(), holder.user).await?.ok_or_else(invalid)?;
    let password = Password::chosen(password, &about(core, &user))?;
    let hash = core.passwords.hash(core.db.entropy().as_ref(), password).await?;
    let mut tx = core.db.begin().await?;
    let user = lock_person(core, &mut tx, user.id, PersonLock::Changes, &LINK_INVALID).await?;
    if user.suspended_at.is_some() {
        return Err(DomainError::from(&error::ACCOUNT_SUSPENDED));
    }
    let holder = core.one_time_tokens.redeem(&mut tx, purpose, token).await?.ok_or_else(invalid)?;
    prove_mailbox(core, &mut tx, &user).await?;
    core.credentials.set_password(&mut tx, holder.user, &hash).await?;
    core.sessions.end_all(&mut tx, holder.user).await?;
    core.authorization_codes.forget(&mut tx, holder.user).await?;
    core.one_time_tokens.forget(&mut tx, holder.user).await?;
    tell_of_change(core, &mut tx, &user).await?;
    Audited::person(holder.user, origin)
        .write(&mut tx, Operation::ResetPassword, Account::Personal(holder.user).id(), holder.user, None)
        .await?;
    tx.commit().await
}

/// Changes the password of somebody who knows the present one. Every other session ends.
///
/// # Errors
/// `wrong_password` when the present one is; `too_many_tries`; `invalid_field` for a new one
/// that is too easy to guess; `session_required`.
pub async fn change_password(
    core: &Core,
    actor: &Actor,
    present: Secret<String>,
    wanted: String,
) -> Result<()> {
    admit(actor, Operation::ChangePassword)?;
    let Principal::Person { user, session: Some(session), .. } = actor.principal else {
        return Err(DomainError::from(&error::SESSION_REQUIRED));
    };
    let reader = core.db.reader();
    let person = core.users.by_id(reader, user).await?;
    let person = person.ok_or_else(|| DomainError::from(&error::NOT_AUTHENTICATED))?;
    core.sign_in_limits.check(actor.ip, person.email.folded())?;
    let known = core.credentials.password(reader, user).await?;
    if !core.passwords.verify(known.as_ref(), present).await? || known.is_none() {
        return Err(DomainError::from(&error::WRONG_PASSWORD));
    }
    let wanted = Password::chosen(wanted, &about(core, &person))?;
    let hash = core.passwords.hash(core.db.entropy().as_ref(), wanted).await?;
    let mut tx = core.db.begin().await?;
    core.users.lock(&mut tx, user, PersonLock::Changes).await?;
    core.credentials.set_password(&mut tx, user, &hash).await?;
    core.sessions.end_others(&mut tx, user, session).await?;
    core.authorization_codes.forget(&mut tx, user).await?;
    core.sessions.prove(&mut tx, user, session).await?;
    core.one_time_tokens.forget(&mut tx, user).await?;
    tell_of_change(core, &mut tx, &person).await?;
    Audited::by(actor)
        .write(&mut tx, Operation::ChangePassword, Account::Personal(user).id(), user, None)
        .await?;
    tx.commit().await
}

pub(super) async fn tell_of_change(core: &Core, tx: &mut bursar_kernel::Tx, user: &User) -> Result<()> {
    let account = Account::Personal(user.id).id();
    core.mail.send(tx, Some(account), &addressed(user, Letter::PasswordChanged {})).await
}

/// What a good password of the person does not consist of.
fn about<'a>(core: &'a Core, user: &'a User) -> [&'a str; 4] {
    [user.email.as_str(), user.email.local_part(), &user.display_name, &core.product_name]
}

/// A letter to a person's own address.
pub(super) fn addressed(user: &User, letter: Letter) -> Addressed {
    Addressed { to: user.email.as_str().to_owned(), name: Some(user.display_name.clone()), letter }
}

use bursar_identity::{EmailAddress, NewUser, Password, Session, SessionKind, TokenPurpose, User};
use bursar_kernel::{Account, DomainError, Result, Secret, Tx};
use bursar_notifications::Letter;
use bursar_orgs_and_membership::{NewOrganization, OrganizationName};

use crate::{
    audited::Audited,
    authenticate::Origin,
    core::Core,
    operation::Operation,
    people::{
        password::addressed,
        sign_in::{SignedIn, opened_by, tokens},
    },
};

/// A person to be.
pub struct SignUp {
    /// Its address.
    pub email: EmailAddress,
    /// Its password, as it was typed.
    pub password: Secret<String>,
    /// How it wants to be called; the part of the address before the `@` when it does not say.
    pub display_name: Option<String>,
    /// An organization to make with it, which it then owns and which is its active account.
    pub organization: Option<OrganizationName>,
}

/// Makes a person, with an organization if it names one, and signs it in: all of it or nothing.
///
/// # Errors
/// `email_taken`; `invalid_field` for a password that is too easy to guess; `too_many_tries` before
/// any password is looked at.
pub async fn sign_up(core: &Core, origin: &Origin, command: SignUp) -> Result<SignedIn> {
    let (mut tx, user) = make(core, origin, command).await?;
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Token)).await?;
    let refresh_token = core.refresh_tokens.issue(&mut tx, &opened.session).await?;
    let signed_in = tokens(core, tx.reader(), user, opened.session, refresh_token).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// The same with a cookie.
///
/// # Errors
/// As [`sign_up`].
pub async fn sign_up_with_cookie(
    core: &Core,
    origin: &Origin,
    command: SignUp,
) -> Result<(Session, Secret<String>)> {
    let (mut tx, user) = make(core, origin, command).await?;
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Cookie)).await?;
    let cookie = opened.cookie.ok_or_else(|| DomainError::internal("a cookie session without a cookie"))?;
    tx.commit().await?;
    Ok((opened.session, cookie))
}

/// All but the session, which is the caller's to open and to commit.
async fn make(core: &Core, origin: &Origin, command: SignUp) -> Result<(Tx, User)> {
    core.sign_in_limits.check(origin.ip, command.email.folded())?;
    // It gets a mail.
    core.sign_in_limits.check_mail(None, command.email.folded())?;
    let about = [
        command.email.as_str(),
        command.email.local_part(),
        command.display_name.as_deref().unwrap_or_default(),
        &core.product_name,
    ];
    let password = Password::chosen(command.password.expose().clone(), &about)?;
    // Hashed before the transaction: it takes tens of milliseconds, and SQLite has one writer.
    let password = core.passwords.hash(core.db.entropy().as_ref(), password).await?;
    let mut tx = core.db.begin().await?;
    let user = core
        .users
        .create(&mut tx, NewUser { email: command.email, display_name: command.display_name })
        .await?;
    core.credentials.set_password(&mut tx, user.id, &password).await?;
    let mut organization = None;
    if let Some(name) = command.organization {
        let (made, _) =
            core.organizations.create(&mut tx, NewOrganization { name, creator: user.id }).await?;
        core.organization_keys.renew(&mut tx, made.id, user.id).await?;
        core.active_accounts.set(&mut tx, user.id, Some(made.id)).await?;
        organization = Some(made.id);
    }
    let purpose = TokenPurpose::VerifyEmail;
    let link = core.one_time_tokens.issue(&mut tx, user.id, purpose, &user.email).await?;
    let letter = Letter::VerifyEmail {
        link: core.links.verify_email(&link),
        expires_at: tx.now().after(purpose.lifetime()),
    };
    core.mail.send(&mut tx, Some(Account::Personal(user.id).id()), &addressed(&user, letter)).await?;
    let email = core.subject_keys.seal(&mut tx, user.id.uuid(), user.email.as_str()).await?;
    let after = serde_json::json!({ "email": email, "organization": organization.map(|id| id.to_string()) });
    Audited::person(user.id, origin)
        .write(&mut tx, Operation::SignUp, Account::Personal(user.id).id(), user.id, Some(after.to_string()))
        .await?;
    Ok((tx, user))
}

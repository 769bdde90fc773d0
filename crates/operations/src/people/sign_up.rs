use bursar_identity::{
    EmailAddress, NewUser, Password, Session, SessionKind, TokenPurpose, User, error::EMAIL_TAKEN,
};
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
/// Where the deployment asks for mail to be verified, nobody is signed in before: `None` says that the
/// mailbox has the rest, and says it alike for an address that is somebody's, who is told by mail.
///
/// # Errors
/// `email_taken`, unless mail has to be verified; `invalid_field` for a password that is too easy to guess; `too_many_tries` before
/// any password is looked at.
pub async fn sign_up(core: &Core, origin: &Origin, command: SignUp) -> Result<Option<SignedIn>> {
    let Some((mut tx, user)) = make(core, origin, command).await? else { return Ok(None) };
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Token)).await?;
    let refresh_token = core.refresh_tokens.issue(&mut tx, &opened.session).await?;
    let signed_in = tokens(core, tx.reader(), user, opened.session, refresh_token).await?;
    tx.commit().await?;
    Ok(Some(signed_in))
}

/// The same with a cookie.
///
/// # Errors
/// As [`sign_up`].
pub async fn sign_up_with_cookie(
    core: &Core,
    origin: &Origin,
    command: SignUp,
) -> Result<Option<(Session, Secret<String>)>> {
    let Some((mut tx, user)) = make(core, origin, command).await? else { return Ok(None) };
    let opened = core.sessions.open(&mut tx, opened_by(origin, user.id, SessionKind::Cookie)).await?;
    let cookie = opened.cookie.ok_or_else(|| DomainError::internal("a cookie session without a cookie"))?;
    tx.commit().await?;
    Ok(Some((opened.session, cookie)))
}

/// All but the session, which is the caller's to open and to commit; nothing where the rest is in the
/// mailbox's hands.
async fn make(core: &Core, origin: &Origin, command: SignUp) -> Result<Option<(Tx, User)>> {
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
    if core.requires_verified_email
        && let Some(owner) = core.users.by_email(tx.reader(), &command.email).await?
    {
        tell_owner(core, origin, tx, &owner).await?;
        return Ok(None);
    }
    let new = NewUser { email: command.email, display_name: command.display_name };
    let user = match core.users.create(&mut tx, new).await {
        // Somebody signs up with it at this very moment, and has a mail.
        Err(error) if error.is(&EMAIL_TAKEN) && core.requires_verified_email => return Ok(None),
        created => created?,
    };
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
    if core.requires_verified_email {
        tx.commit().await?;
        return Ok(None);
    }
    Ok(Some((tx, user)))
}

/// Tells somebody that their address was typed by who wanted to sign up with it.
async fn tell_owner(core: &Core, origin: &Origin, mut tx: Tx, owner: &User) -> Result<()> {
    let letter = Letter::AlreadyRegistered { link: core.links.sign_in() };
    let account = Account::Personal(owner.id).id();
    core.mail.send(&mut tx, Some(account), &addressed(owner, letter)).await?;
    let after = serde_json::json!({ "alreadyRegistered": true }).to_string();
    Audited::anyone(origin).write(&mut tx, Operation::SignUp, account, owner.id, Some(after)).await?;
    tx.commit().await
}

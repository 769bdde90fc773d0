//! Links that are mailed to whoever has an address, and to nobody when nobody has.

use std::sync::Arc;

use bursar_api_keys::{Holder, RevocationReason};
use bursar_identity::{EmailAddress, TokenPurpose, User};
use bursar_kernel::{Account, DomainError, Message, Result, Subscriber, Tx, UserId};
use bursar_notifications::Letter;
use bursar_orgs_and_membership::error::ORGANIZATION_NOT_FOUND;
use serde::{Deserialize, Serialize};

use super::password::addressed;
use crate::{
    audited::{Audited, DEPLOYMENT},
    authenticate::Origin,
    core::Core,
    operation::Operation,
};

/// The topic of links that somebody asked for.
const WANTED: &str = "link.wanted";

/// What waits in the outbox, sealed.
#[derive(Serialize, Deserialize)]
struct Wanted {
    purpose: String,
    email: String,
}

/// Notes that somebody wants a link. Whether anybody has the address is looked at later, so that
/// the answer takes the same time for all.
///
/// # Errors
/// `too_many_tries`.
pub(super) async fn want_link(
    core: &Core,
    origin: &Origin,
    email: &str,
    purpose: TokenPurpose,
    operation: Operation,
) -> Result<()> {
    let Ok(email) = EmailAddress::parse(email) else { return Ok(()) };
    core.sign_in_limits.check_mail(origin.ip, email.folded())?;
    let wanted = Wanted { purpose: purpose.as_str().to_owned(), email: email.as_str().to_owned() };
    let json = serde_json::to_vec(&wanted).map_err(DomainError::internal)?;
    let mut tx = core.db.begin().await?;
    let sealed = core.sealer.seal(tx.entropy(), WANTED, &json)?;
    tx.publish(WANTED, None, sealed).await?;
    Audited::anyone(origin).write(&mut tx, operation, DEPLOYMENT, purpose, None).await?;
    tx.commit().await
}

/// Makes the links that were asked for and mails them.
pub struct LinkMailing {
    core: Core,
}

impl LinkMailing {
    /// Over the core.
    #[must_use]
    pub fn subscriber(core: Core) -> Arc<dyn Subscriber> {
        Arc::new(Self { core })
    }
}

#[async_trait::async_trait]
impl Subscriber for LinkMailing {
    fn topic(&self) -> &'static str {
        WANTED
    }

    async fn deliver(&self, message: &Message) -> Result<()> {
        let core = &self.core;
        let json = core.sealer.open(WANTED, &message.payload)?;
        // What is wrong with it is not said: it could quote an address.
        let unreadable = || DomainError::internal("a wanted link cannot be read");
        let wanted: Wanted = serde_json::from_slice(&json).map_err(|_| unreadable())?;
        let purpose = TokenPurpose::parse(&wanted.purpose).ok_or_else(unreadable)?;
        let email = EmailAddress::parse(&wanted.email).map_err(|_| unreadable())?;
        let mut tx = core.db.begin().await?;
        let known = core.users.by_email(tx.reader(), &email).await?;
        // Nothing lets a suspended person in.
        let Some(user) = known.filter(|user| user.suspended_at.is_none()) else { return Ok(()) };
        let token = core.one_time_tokens.issue(&mut tx, user.id, purpose, &user.email).await?;
        let expires_at = tx.now().after(purpose.lifetime());
        let letter = match purpose {
            TokenPurpose::ResetPassword => {
                Letter::ResetPassword { link: core.links.reset_password(&token), expires_at }
            }
            TokenPurpose::MagicLink => Letter::MagicLink { link: core.links.magic_link(&token), expires_at },
            TokenPurpose::VerifyEmail | TokenPurpose::ChangeEmail => return Err(unreadable()),
        };
        core.mail.send(&mut tx, Some(Account::Personal(user.id).id()), &addressed(&user, letter)).await?;
        tx.commit().await
    }
}

/// Takes it as proved that who acts reads the mailbox of the person. Says whether that is new: then
/// whatever somebody made of the account before, who may be somebody else, is good for nothing.
pub(super) async fn prove_mailbox(core: &Core, tx: &mut Tx, user: &User) -> Result<bool> {
    if user.email_verified_at.is_some() {
        return Ok(false);
    }
    renew_organization_keys(core, tx, user.id).await?;
    core.users.verify_email(tx, user.id, &user.email).await?;
    core.sessions.end_all(tx, user.id).await?;
    core.authorization_codes.forget(tx, user.id).await?;
    core.second_factors.remove(tx, user.id).await?;
    core.one_time_tokens.forget(tx, user.id).await?;
    let reason = RevocationReason::new("the mailbox was proved for the first time")?;
    core.api_keys.revoke_all(tx, Holder::Person(user.id), &reason).await?;
    Ok(true)
}

/// Puts other keys in the place of those that came with organizations which nobody else owns, and ends
/// what else they have of their own: whoever made the account has seen them.
async fn renew_organization_keys(core: &Core, tx: &mut Tx, user: UserId) -> Result<()> {
    let alone_owned = core.members.alone_owned_by(tx.reader(), user).await?;
    let mut organizations: Vec<_> = alone_owned.into_iter().map(|it| it.organization).collect();
    // In one order: two who do so at once do not wait for each other.
    organizations.sort_unstable();
    let reason = RevocationReason::new("the mailbox was proved for the first time")?;
    for organization in organizations {
        match core.organizations.lock(tx, organization).await {
            // It was deleted at this moment.
            Err(error) if error.is(&ORGANIZATION_NOT_FOUND) => continue,
            locked => drop(locked?),
        }
        core.api_keys.revoke_all(tx, Holder::Organization(organization), &reason).await?;
        core.organization_keys.renew(tx, organization, user).await?;
    }
    Ok(())
}

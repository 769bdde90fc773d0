use bursar_api_keys::{Holder, RevocationReason};
use bursar_identity::{Actor, PersonLock};
use bursar_kernel::{Account, DomainError, OrganizationId, Result, Tx, UserId};
use bursar_notifications::{Addressed, Letter, MAIL_REQUESTED};
use bursar_orgs_and_membership::{MembershipId, error::ORGANIZATION_NOT_FOUND};
use serde_json::json;

use crate::{
    audited::Audited,
    authorize::{admit, lock_person, recently_proved},
    core::Core,
    error,
    operation::Operation,
    remembered::person_tag,
};

/// Deletes the caller: every credential is dead at once, what was personal is erased, and the key
/// that its values in the audit trail are sealed under is destroyed. Ledger and trail keep the
/// identifier. Organizations that nobody else is in go with it.
///
/// # Errors
/// `sole_owner` while an organization that others are in has no other owner;
/// `recent_sign_in_required`.
pub async fn delete_user(core: &Core, actor: &Actor) -> Result<()> {
    admit(actor, Operation::DeleteUser)?;
    recently_proved(core, actor)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let mut tx = core.db.begin().await?;
    // From here on nobody makes it a member of anything.
    let person = lock_person(core, &mut tx, user, PersonLock::Goes, &error::NOT_AUTHENTICATED).await?;
    let organizations = locked_organizations(core, &mut tx, user).await?;
    let alone_owned = core.members.alone_owned_by(tx.reader(), user).await?;
    if let Some(shared) = alone_owned.iter().find(|it| it.other_members > 0) {
        return Err(DomainError::from(&error::SOLE_OWNER).param("organization", shared.organization));
    }
    let reason = RevocationReason::new("its person was deleted")?;
    for (organization, member) in &organizations {
        if alone_owned.iter().any(|it| it.organization == *organization) {
            core.organizations.delete(&mut tx, *organization).await?;
            core.api_keys.revoke_all(&mut tx, Holder::Organization(*organization), &reason).await?;
        } else {
            core.members.remove(&mut tx, *organization, &[*member]).await?;
        }
    }

    core.active_accounts.set(&mut tx, user, None).await?;
    // Letters that wait hold links that are no good any more, and the address.
    tx.withdraw(MAIL_REQUESTED, Account::Personal(user).id()).await?;
    let keys = core.api_keys.revoke_all(&mut tx, Holder::Person(user), &reason).await?;
    core.credentials.forget(&mut tx, user).await?;
    core.external_identities.forget(&mut tx, user).await?;
    core.authorization_codes.forget(&mut tx, user).await?;
    core.one_time_tokens.forget(&mut tx, user).await?;
    core.second_factors.remove(&mut tx, user).await?;
    core.invites.erase_address(&mut tx, person.email.folded()).await?;
    core.users.erase(&mut tx, user).await?;
    // Last: a sign-in that runs at this moment either ends with the others or finds nobody.
    core.sessions.forget(&mut tx, user).await?;
    tx.invalidate(person_tag(user)).await?;
    core.subject_keys.destroy(&mut tx, user.uuid()).await?;

    let farewell = Addressed {
        to: person.email.as_str().to_owned(),
        name: Some(person.display_name),
        letter: Letter::AccountDeleted {},
    };
    core.mail.send(&mut tx, None, &farewell).await?;
    let after = json!({ "organizations": organizations.len(), "apiKeys": keys }).to_string();
    Audited::by(actor)
        .write(&mut tx, Operation::DeleteUser, Account::Personal(user).id(), user, Some(after))
        .await?;
    tx.commit().await
}

/// The person's organizations, each locked, with its membership as it is then.
async fn locked_organizations(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
) -> Result<Vec<(OrganizationId, MembershipId)>> {
    let known = core.members.of_user(tx.reader(), user).await?;
    let mut organizations: Vec<_> =
        known.into_iter().map(|of_user| of_user.membership.organization).collect();
    // In one order: two owners of the same organizations who go at once do not wait for each other.
    organizations.sort_unstable();
    for organization in organizations {
        match core.organizations.lock(tx, organization).await {
            // It was deleted at this moment.
            Err(error) if error.is(&ORGANIZATION_NOT_FOUND) => {}
            locked => drop(locked?),
        }
    }
    let still = core.members.of_user(tx.reader(), user).await?;
    Ok(still.into_iter().map(|of_user| (of_user.membership.organization, of_user.membership.id)).collect())
}

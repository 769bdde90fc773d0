use bursar_api_keys::{
    CreatedKey, KeyHolder, KeyName, Networks, NewKey, Scope, SpendLimit, Standing, scopes_for,
};
use bursar_identity::{Actor, PersonLock, Principal};
use bursar_kernel::{Account, DomainError, OrganizationId, Result, Tx, UnixTimestamp, UserId};

use super::told::told;
use crate::{
    audited::Audited,
    authorize::{admit, lock_person, on_organization, recently_proved, standing},
    core::Core,
    error,
    operation::Operation,
};

/// A key to be.
pub struct CreateApiKey {
    /// How its owner will know it.
    pub name: KeyName,
    /// When it ends by itself.
    pub expires_at: Option<UnixTimestamp>,
    /// What it may do; what keys of its creator may do by default when it does not say.
    pub scopes: Option<Vec<Scope>>,
    /// From where it may be used; from anywhere when there is none.
    pub networks: Networks,
    /// How often it may be used in a minute.
    pub per_minute: Option<u32>,
    /// What it may spend.
    pub spend_limit: Option<SpendLimit>,
}

impl CreateApiKey {
    /// One that is limited by nothing but its creator.
    #[must_use]
    pub fn named(name: KeyName) -> Self {
        Self {
            name,
            expires_at: None,
            scopes: None,
            networks: Networks::default(),
            per_minute: None,
            spend_limit: None,
        }
    }

    /// The key of a holder whose maker stands so on the account.
    fn held_by(self, holder: KeyHolder, account: Account, standing: Standing) -> Result<NewKey> {
        Ok(NewKey {
            account,
            holder,
            scopes: scopes_for(standing, self.scopes.as_deref())?,
            name: self.name,
            expires_at: self.expires_at,
            networks: self.networks,
            per_minute: self.per_minute,
            spend_limit: self.spend_limit,
        })
    }
}

/// Makes a key that acts as the caller on the account that is active now. Its secret is in the
/// answer and nowhere else.
///
/// # Errors
/// `scope_too_wide` for a scope that the caller could not use itself; `forbidden` for anyone but a
/// person; `recent_sign_in_required`; `too_many_api_keys`.
pub async fn create_api_key(core: &Core, actor: &Actor, command: CreateApiKey) -> Result<CreatedKey> {
    admit(actor, Operation::CreateApiKey)?;
    recently_proved(core, actor)?;
    let forbidden = || DomainError::from(&error::FORBIDDEN);
    let creator = actor.user().ok_or_else(forbidden)?;
    let mut tx = core.db.begin().await?;
    still_signed_in(core, &mut tx, actor, creator).await?;
    let standing = standing(core, tx.reader(), actor.account, creator).await?.ok_or_else(forbidden)?;
    let new = command.held_by(KeyHolder::Person(creator), actor.account, standing)?;
    keep(core, tx, actor, Operation::CreateApiKey, new).await
}

/// That the session of the request is there still, and stays while the transaction lasts: whoever ends
/// all sessions of a person ends what was made in them as well.
async fn still_signed_in(core: &Core, tx: &mut Tx, actor: &Actor, user: UserId) -> Result<()> {
    lock_person(core, tx, user, PersonLock::Changes, &error::NOT_AUTHENTICATED).await?;
    if let Principal::Person { session: Some(session), .. } = actor.principal
        && core.sessions.by_id(tx.reader(), session).await?.is_none()
    {
        return Err(DomainError::from(&error::NOT_AUTHENTICATED));
    }
    Ok(())
}

/// Makes a key that is the organization's own: it has scopes and no role, and stays when its creator
/// leaves.
///
/// # Errors
/// `organization_not_found`, `insufficient_permissions`; `scope_too_wide` for a scope that the caller
/// could not use itself; `recent_sign_in_required`; `too_many_api_keys`.
pub async fn create_organization_api_key(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    command: CreateApiKey,
) -> Result<CreatedKey> {
    let mut tx = core.db.begin().await?;
    on_organization(core, tx.reader(), actor, Operation::CreateOrganizationApiKey, organization).await?;
    recently_proved(core, actor)?;
    let forbidden = || DomainError::from(&error::FORBIDDEN);
    let creator = actor.user().ok_or_else(forbidden)?;
    still_signed_in(core, &mut tx, actor, creator).await?;
    core.organizations.lock(&mut tx, organization).await?;
    // Asked again under the lock: the caller may be removed at this moment.
    let (account, _) =
        on_organization(core, tx.reader(), actor, Operation::CreateOrganizationApiKey, organization).await?;
    let standing = standing(core, tx.reader(), account, creator).await?.ok_or_else(forbidden)?;
    let new = command.held_by(KeyHolder::Organization { creator }, account, standing)?;
    keep(core, tx, actor, Operation::CreateOrganizationApiKey, new).await
}

/// Writes a key and who made it.
async fn keep(
    core: &Core,
    mut tx: Tx,
    actor: &Actor,
    operation: Operation,
    new: NewKey,
) -> Result<CreatedKey> {
    let account = new.account.id();
    let created = core.api_keys.create(&mut tx, new).await?;
    let after = told(&created.key).to_string();
    Audited::by(actor).write(&mut tx, operation, account, created.key.id, Some(after)).await?;
    tx.commit().await?;
    Ok(created)
}

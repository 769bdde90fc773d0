use bursar_identity::Actor;
use bursar_kernel::{Account, DomainError, OrganizationId, Result};

use crate::{
    authenticate::active_account,
    authorize::{admit, on_organization},
    core::Core,
    error,
    operation::Operation,
};

/// What an organization tells its members' clients.
pub struct RemoteConfigOfOrganization {
    /// The document, byte for byte as it was written; nothing when there is none.
    pub value: Option<String>,
    /// Whether clients are to follow it.
    pub is_enabled: bool,
}

/// The configuration of an organization, whether it is enabled or not.
///
/// # Errors
/// `organization_not_found`.
pub async fn read_remote_config(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
) -> Result<RemoteConfigOfOrganization> {
    let reader = core.db.reader();
    on_organization(core, reader, actor, Operation::ReadRemoteConfig, organization).await?;
    let known = core.organizations.by_id(reader, organization).await?;
    let known = known.ok_or_else(|| DomainError::from(&error::ORGANIZATION_NOT_FOUND))?;
    Ok(RemoteConfigOfOrganization {
        value: known.default_remote_config,
        is_enabled: known.remote_config_enabled,
    })
}

/// The configuration that a person's clients follow.
pub struct OwnRemoteConfig {
    /// Whose it is.
    pub organization: OrganizationId,
    /// The document.
    pub value: String,
    /// Every organization of the person that has one, with its name.
    pub candidates: Vec<(OrganizationId, String)>,
}

/// Which configuration the caller's clients follow: the active organization's if it has one, else
/// that of the first that has. `None` when no organization of theirs has one.
///
/// # Errors
/// `forbidden` for a key without the scope `read`.
pub async fn read_own_remote_config(core: &Core, actor: &Actor) -> Result<Option<OwnRemoteConfig>> {
    admit(actor, Operation::ReadOwnRemoteConfig)?;
    let user = actor.user().ok_or_else(|| DomainError::from(&error::FORBIDDEN))?;
    let reader = core.db.reader();
    let mut found = core.organizations.with_remote_config(reader, user).await?;
    if !actor.is_person() {
        // A key knows its own account only.
        found.retain(|it| actor.account == Account::Organization(it.organization));
    }
    let active = active_account(core, reader, user).await?.organization();
    let candidates = found.iter().map(|it| (it.organization, it.name.clone())).collect();
    let chosen = found.iter().find(|it| Some(it.organization) == active).or(found.first());
    let Some(organization) = chosen.map(|it| it.organization) else { return Ok(None) };
    let known = core.organizations.by_id(reader, organization).await?;
    // Nothing, too, when it was taken away at this moment.
    let value = known.and_then(|known| known.default_remote_config);
    Ok(value.map(|value| OwnRemoteConfig { organization, value, candidates }))
}

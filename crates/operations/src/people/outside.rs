//! People whom an outside issuer vouches for: known by issuer and subject, never by address.

use bursar_identity::{
    EmailAddress, ExternalClaims, ExternalOrganizationClaim, KnownIdentity, NewUser, PersonLock,
    error::{EMAIL_TAKEN, INVALID_TOKEN},
};
use bursar_kernel::{Account, DomainError, OrganizationId, Reader, Result, Tx, UserId, external_digest};
use bursar_orgs_and_membership::{KnownOrganization, NewOrganization, OrganizationName, Role};
use bursar_plans_and_contracts::error::NO_SEATS;
use serde_json::json;

use crate::{
    audited::Audited,
    authenticate::{Origin, active_account},
    authorize::lock_person,
    core::Core,
    error,
    operation::Operation,
    organizations::check_seats,
};

/// The person of a verified token: made on first sight.
///
/// # Errors
/// `invalid_token` for one of before its person was deleted.
pub(crate) async fn person_of(core: &Core, origin: &Origin, claims: &ExternalClaims) -> Result<UserId> {
    // Of many first sights at once, one makes the person and the others find it.
    for _ in 0..3 {
        let known =
            core.external_identities.by_subject(core.db.reader(), &claims.issuer, &claims.subject).await?;
        match known {
            KnownIdentity::User(user) => return Ok(user),
            KnownIdentity::Forgotten { at } if claims.issued_at <= at => {
                return Err(DomainError::from(&INVALID_TOKEN));
            }
            KnownIdentity::Forgotten { .. } | KnownIdentity::Nobody => {}
        }
        match provision(core, origin, claims).await {
            Ok(Some(user)) => return Ok(user),
            Ok(None) => {}
            Err(error) if error.is(&EMAIL_TAKEN) => {}
            Err(error) => return Err(error),
        }
    }
    Err(DomainError::internal("a person that an issuer knows was neither found nor made"))
}

/// Makes the person; `None` when somebody else did so at this moment.
async fn provision(core: &Core, origin: &Origin, claims: &ExternalClaims) -> Result<Option<UserId>> {
    let mut tx = core.db.begin().await?;
    let told = match &claims.email {
        // An address is not what anybody is known by: one that is somebody's stays theirs, and one that
        // the issuer has not seen mail reach may be anybody's.
        Some(email) if claims.email_verified && core.users.by_email(tx.reader(), email).await?.is_none() => {
            Some(email.clone())
        }
        _ => None,
    };
    let is_verified = told.is_some();
    let email = told.unwrap_or_else(|| EmailAddress::placeholder(&claims.issuer, &claims.subject));
    let display_name = claims.name.clone().filter(|name| is_a_name(name));
    let display_name = display_name.or_else(|| email.is_placeholder().then(|| "New user".to_owned()));
    let user = core.users.create(&mut tx, NewUser { email: email.clone(), display_name }).await?;
    if !core.external_identities.link(&mut tx, user.id, &claims.issuer, &claims.subject).await? {
        return Ok(None);
    }
    if is_verified {
        core.users.verify_email(&mut tx, user.id, &email).await?;
    }
    let email = core.subject_keys.seal(&mut tx, user.id.uuid(), email.as_str()).await?;
    let after = json!({ "issuer": claims.issuer, "email": email }).to_string();
    Audited::person(user.id, origin)
        .write(&mut tx, Operation::ProvisionPerson, Account::Personal(user.id).id(), user.id, Some(after))
        .await?;
    tx.commit().await?;
    Ok(Some(user.id))
}

/// What an issuer says of a person may be no name here: that keeps nobody out.
fn is_a_name(name: &str) -> bool {
    let name = name.trim();
    (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// The account that a verified token selects: the organization that it names, if the person is in it;
/// else the one that the person has chosen here.
///
/// # Errors
/// When the database fails.
pub(crate) async fn account_of(
    core: &Core,
    origin: &Origin,
    user: UserId,
    claims: &ExternalClaims,
) -> Result<Account> {
    if let Some(named) = &claims.organization
        && let Some(organization) = organization_of(core, origin, user, claims, named).await?
    {
        let account = Account::Organization(organization);
        if core.remembered_standing(core.db.reader(), account, user).await?.is_some()
            || admit_once(core, origin, organization, user, claims).await?
        {
            return Ok(account);
        }
    }
    active_account(core, core.db.reader(), user).await
}

/// The organization that an issuer's is here. Whoever runs it there and comes first makes it here; one
/// that was deleted here is not made again by a token.
async fn organization_of(
    core: &Core,
    origin: &Origin,
    user: UserId,
    claims: &ExternalClaims,
    named: &ExternalOrganizationClaim,
) -> Result<Option<OrganizationId>> {
    let known = || core.external_organizations.by_external(core.db.reader(), &claims.issuer, &named.id);
    match known().await? {
        KnownOrganization::Organization(organization) => return Ok(Some(organization)),
        KnownOrganization::Deleted => return Ok(None),
        KnownOrganization::Nobody if !runs_it(named) => return Ok(None),
        KnownOrganization::Nobody => {}
    }
    let mut tx = core.db.begin().await?;
    if !is_welcome(core, &mut tx, user).await? {
        return Ok(None);
    }
    let name = named.name.as_deref().and_then(|name| OrganizationName::new(name).ok());
    let name = name.map_or_else(|| OrganizationName::new("Organization"), Ok)?;
    let (made, _) = core.organizations.create(&mut tx, NewOrganization { name, creator: user }).await?;
    if !core.external_organizations.map(&mut tx, made.id, &claims.issuer, &named.id).await? {
        // Somebody else made it at this moment.
        drop(tx);
        return Ok(match known().await? {
            KnownOrganization::Organization(organization) => Some(organization),
            KnownOrganization::Nobody | KnownOrganization::Deleted => None,
        });
    }
    core.external_organizations.first_admission(&mut tx, made.id, &identity_of(claims)).await?;
    core.organization_keys.renew(&mut tx, made.id, user).await?;
    core.active_accounts.set(&mut tx, user, Some(made.id)).await?;
    let after = json!({ "name": made.name, "issuer": claims.issuer }).to_string();
    let account = Account::Organization(made.id).id();
    Audited::person(user, origin)
        .write(&mut tx, Operation::ProvisionOrganization, account, made.id, Some(after))
        .await?;
    tx.commit().await?;
    Ok(Some(made.id))
}

fn identity_of(claims: &ExternalClaims) -> [u8; 32] {
    external_digest(&claims.issuer, &claims.subject)
}

/// The person, locked, unless it is suspended.
async fn is_welcome(core: &Core, tx: &mut Tx, user: UserId) -> Result<bool> {
    let person = lock_person(core, tx, user, PersonLock::Stays, &INVALID_TOKEN).await?;
    Ok(person.suspended_at.is_none())
}

/// `org:admin`, `admin`, `owner`.
fn runs_it(named: &ExternalOrganizationClaim) -> bool {
    let role = named.role.as_deref().unwrap_or_default();
    matches!(role.strip_prefix("org:").unwrap_or(role), "admin" | "owner")
}

/// Lets somebody in as a member whom the issuer vouches for, once: from then on membership here is
/// what counts, and whoever was taken out stays out. Says whether the person is in.
async fn admit_once(
    core: &Core,
    origin: &Origin,
    organization: OrganizationId,
    user: UserId,
    claims: &ExternalClaims,
) -> Result<bool> {
    let (reader, identity) = (core.db.reader(), identity_of(claims));
    // Looked at before anything is locked: who is kept out asks again and again.
    if core.external_organizations.was_admitted(reader, organization, &identity).await?
        || !has_seat(core, reader, organization).await?
    {
        return Ok(core.members.of(reader, organization, user).await?.is_some());
    }
    let mut tx = core.db.begin().await?;
    if !is_welcome(core, &mut tx, user).await? {
        return Ok(false);
    }
    match core.organizations.lock(&mut tx, organization).await {
        Err(error) if error.is(&error::ORGANIZATION_NOT_FOUND) => return Ok(false),
        locked => drop(locked?),
    }
    if core.members.of(tx.reader(), organization, user).await?.is_some() {
        return Ok(true);
    }
    // Without a seat not today: the next token asks again.
    if !core.external_organizations.first_admission(&mut tx, organization, &identity).await?
        || !has_seat(core, tx.reader(), organization).await?
    {
        return Ok(false);
    }
    let membership = core.members.add(&mut tx, organization, user, Role::Member).await?;
    let after = json!({ "userId": user.to_string(), "role": membership.role.as_str() }).to_string();
    let account = Account::Organization(organization).id();
    Audited::person(user, origin)
        .write(&mut tx, Operation::AdmitMember, account, membership.id, Some(after))
        .await?;
    tx.commit().await?;
    Ok(true)
}

async fn has_seat(core: &Core, reader: Reader<'_>, organization: OrganizationId) -> Result<bool> {
    match check_seats(core, reader, organization, 1).await {
        Err(error) if error.is(&NO_SEATS) => Ok(false),
        checked => checked.map(|()| true),
    }
}

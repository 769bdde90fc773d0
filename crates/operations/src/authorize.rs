use bursar_api_keys::{Scope, Standing};
use bursar_identity::{Actor, Principal};
use bursar_kernel::{Account, DomainError, OrganizationId, Reader, Result, UserId};
use bursar_orgs_and_membership::{Membership, Permission, allows};

use crate::{core::Core, error, operation::Operation};

/// Which kinds of principals an operation admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Admits {
    /// Anybody: the operation itself decides (a password, a signature).
    Anyone,
    /// Signed-in people.
    People,
    /// People, and keys that hold the scope.
    PeopleAndKeys(Scope),
    /// Keys that hold the scope.
    Keys(Scope),
}

/// What an operation needs in an organization. In a personal account its person may do all.
type Needs = Option<Permission>;

/// Who may do what: the one table.
///
/// No key deletes people, switches the active account or makes and ends keys (a leaked key must
/// not be able to outlive its own revocation); purchases by a key need `billing:write`.
#[expect(clippy::match_same_arms, reason = "a table: one row for each operation")]
const fn rule(operation: Operation) -> (Admits, Needs) {
    use Admits::{Anyone, Keys, People, PeopleAndKeys};
    use Permission::{ManageBilling, Use, ViewAllUsage};
    use Scope::{BillingWrite, KeysVerify, Read, UsageWrite};
    match operation {
        Operation::SignUp | Operation::SignIn | Operation::RefreshSession | Operation::RedeemCode => {
            (Anyone, None)
        }
        Operation::ReceiveProviderEvent | Operation::SettleProviderEvent => (Anyone, None),
        // From the command line of the deployment alone.
        Operation::RotateSigningKey => (Anyone, None),
        Operation::SignOut | Operation::GrantCode => (People, None),
        Operation::ReadProfile => (PeopleAndKeys(Read), None),
        Operation::AcceptTerms => (People, None),
        Operation::SwitchAccount => (People, None),
        Operation::CreateOrganization => (People, None),
        Operation::ReadOrganization => (PeopleAndKeys(Read), Some(Use)),
        Operation::ReadBalance => (PeopleAndKeys(Read), Some(Use)),
        Operation::ReadPayments => (PeopleAndKeys(Read), Some(ManageBilling)),
        Operation::ReadUsages => (PeopleAndKeys(Read), Some(ViewAllUsage)),
        Operation::StartCheckout => (PeopleAndKeys(BillingWrite), Some(ManageBilling)),
        Operation::ListApiKeys => (PeopleAndKeys(Read), None),
        Operation::CreateApiKey => (People, None),
        Operation::DeleteApiKey => (People, None),
        Operation::VerifyApiKey => (Keys(KeysVerify), None),
        Operation::IngestEvents => (Keys(UsageWrite), None),
        Operation::QueryMeter => (PeopleAndKeys(Read), Some(ViewAllUsage)),
    }
}

/// Whether the actor may do the operation at all, on whatever it acts on by itself.
///
/// # Errors
/// `forbidden` for a principal or a key that the operation does not admit.
pub(crate) fn admit(actor: &Actor, operation: Operation) -> Result<()> {
    let (admits, _) = rule(operation);
    let admitted = match (admits, &actor.principal) {
        (Admits::Anyone, _) | (Admits::People | Admits::PeopleAndKeys(_), Principal::Person { .. }) => true,
        (
            Admits::PeopleAndKeys(scope) | Admits::Keys(scope),
            Principal::Key { .. } | Principal::OrganizationKey { .. } | Principal::Service { .. },
        ) => actor.holds(scope.as_str()),
        _ => false,
    };
    if admitted { Ok(()) } else { Err(DomainError::from(&error::FORBIDDEN)) }
}

/// Whether the actor may do the operation to the person's own account. Another person's identifier
/// is refused alike whether that person exists or not.
///
/// # Errors
/// `forbidden`.
pub(crate) fn on_user(actor: &Actor, operation: Operation, user: UserId) -> Result<Account> {
    admit(actor, operation)?;
    let account = Account::Personal(user);
    let bound = !actor.is_person() && actor.account != account;
    if actor.user() != Some(user) || bound {
        return Err(DomainError::from(&error::FORBIDDEN));
    }
    Ok(account)
}

/// Whether the actor may do the operation to the organization.
///
/// # Errors
/// `organization_not_found` for an unknown one and for one of which the actor is no member;
/// `forbidden` for a key of another account; `insufficient_permissions` for a role that may not.
pub(crate) async fn on_organization(
    core: &Core,
    reader: Reader<'_>,
    actor: &Actor,
    operation: Operation,
    organization: OrganizationId,
) -> Result<(Account, Option<Membership>)> {
    admit(actor, operation)?;
    let account = Account::Organization(organization);
    let Some(user) = actor.user() else {
        // A key of the organization itself, or of the deployment, has scopes and no role.
        return match &actor.principal {
            Principal::OrganizationKey { .. } if actor.account == account => Ok((account, None)),
            _ => Err(DomainError::from(&error::ORGANIZATION_NOT_FOUND)),
        };
    };
    let membership = core
        .members
        .of(reader, organization, user)
        .await?
        .ok_or_else(|| DomainError::from(&error::ORGANIZATION_NOT_FOUND))?;
    if !actor.is_person() && actor.account != account {
        return Err(DomainError::from(&error::FORBIDDEN));
    }
    let (_, needs) = rule(operation);
    match needs {
        Some(permission) if !allows(membership.role, permission) => {
            Err(DomainError::from(&error::INSUFFICIENT_PERMISSIONS))
        }
        _ => Ok((account, Some(membership))),
    }
}

/// As [`on_user`] or [`on_organization`], by what the account is.
///
/// # Errors
/// As those.
pub(crate) async fn on_account(
    core: &Core,
    reader: Reader<'_>,
    actor: &Actor,
    operation: Operation,
    account: Account,
) -> Result<Account> {
    match account {
        Account::Personal(user) => on_user(actor, operation, user),
        Account::Organization(organization) => {
            on_organization(core, reader, actor, operation, organization).await.map(|(account, _)| account)
        }
    }
}

/// How the person stands to the account, as far as keys are concerned; `None` when not at all.
///
/// # Errors
/// When the database cannot be read.
pub(crate) async fn standing(
    core: &Core,
    reader: Reader<'_>,
    account: Account,
    user: UserId,
) -> Result<Option<Standing>> {
    use bursar_orgs_and_membership::Role;
    Ok(match account {
        Account::Personal(owner) => (owner == user).then_some(Standing::PersonalAccount),
        Account::Organization(organization) => {
            core.members.of(reader, organization, user).await?.map(|membership| match membership.role {
                Role::Member => Standing::Member,
                Role::Admin => Standing::Admin,
                Role::Owner => Standing::Owner,
            })
        }
    })
}

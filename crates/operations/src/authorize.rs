use bursar_api_keys::{Scope, Standing};
use bursar_identity::{Actor, PersonLock, Principal, User, error::USER_NOT_FOUND};
use bursar_kernel::{Account, Code, DomainError, OrganizationId, Reader, Result, Tx, UserId};
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
    /// People, and any key: the operation looks whether it is about that very key.
    PeopleAndOwnKey,
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
    use Admits::{Anyone, Keys, People, PeopleAndKeys, PeopleAndOwnKey};
    use Permission::{
        ConfigureRemoteSettings, ManageBilling, ManageKeys, ManageMembers, TransferOrDelete, Use,
        ViewAllUsage,
    };
    use Scope::{BillingWrite, KeysVerify, Read, UsageWrite};
    match operation {
        Operation::SignUp | Operation::SignIn | Operation::RefreshSession | Operation::RedeemCode => {
            (Anyone, None)
        }
        // By what an outside issuer says.
        Operation::ProvisionPerson
        | Operation::ProvisionOrganization
        | Operation::AdmitMember
        | Operation::ExchangeExternalToken
        | Operation::SignInByIssuer => (Anyone, None),
        // By a link that came by mail.
        Operation::ResetPassword
        | Operation::VerifyEmail
        | Operation::ChangeEmail
        | Operation::SignInByLink => (Anyone, None),
        Operation::RequestPasswordReset | Operation::RequestMagicLink => (Anyone, None),
        Operation::ReceiveProviderEvent | Operation::SettleProviderEvent => (Anyone, None),
        // From the command line of the deployment alone, or when it starts.
        Operation::RotateSigningKey
        | Operation::PublishPlans
        | Operation::SetAccountPlan
        | Operation::SuspendUser
        | Operation::ImportApiKeys
        | Operation::CreateServiceKey
        | Operation::RevokeServiceKey => (Anyone, None),
        Operation::SignOut | Operation::GrantCode | Operation::StepUp => (People, None),
        Operation::ListSessions | Operation::EndSession => (People, None),
        Operation::ChangePassword | Operation::RequestEmailVerification | Operation::RequestEmailChange => {
            (People, None)
        }
        Operation::ReadSecondFactor
        | Operation::BeginSecondFactor
        | Operation::ConfirmSecondFactor
        | Operation::RenewRecoveryCodes
        | Operation::RemoveSecondFactor => (People, None),
        Operation::ReadProfile => (PeopleAndKeys(Read), None),
        Operation::ReadOwnRemoteConfig => (PeopleAndKeys(Read), None),
        Operation::UpdateProfile | Operation::DeleteUser => (People, None),
        Operation::AcceptTerms => (People, None),
        Operation::SwitchAccount => (People, None),
        Operation::CreateOrganization => (People, None),
        Operation::ReadOrganization => (PeopleAndKeys(Read), Some(Use)),
        // The name is an owner's to change: the operation looks at what is given.
        Operation::UpdateOrganization => (People, Some(ConfigureRemoteSettings)),
        Operation::DeleteOrganization => (People, Some(TransferOrDelete)),
        Operation::ReadProviderKeys | Operation::ReadRemoteConfig => (PeopleAndKeys(Read), Some(Use)),
        Operation::SetProviderKeys => (People, Some(ConfigureRemoteSettings)),
        Operation::ReadMetrics => (PeopleAndKeys(Read), Some(ViewAllUsage)),
        Operation::ListMembers | Operation::ListAssignableRoles => (PeopleAndKeys(Read), Some(ManageMembers)),
        // Which roles are the caller's to give and to take: the operations look at the two.
        Operation::SetMemberRole | Operation::RemoveMembers => (People, Some(ManageMembers)),
        // One's own: the operation looks at whose it is.
        Operation::ReadMemberUsages => (PeopleAndKeys(Read), Some(Use)),
        Operation::ListInvites => (PeopleAndKeys(Read), Some(ManageMembers)),
        Operation::CreateInvites | Operation::RevokeInvite => (People, Some(ManageMembers)),
        Operation::AcceptInvite => (People, None),
        Operation::ReadAuditLog => (PeopleAndKeys(Read), Some(ManageMembers)),
        Operation::ListPlans => (PeopleAndKeys(Read), None),
        Operation::ReadBalance => (PeopleAndKeys(Read), Some(Use)),
        Operation::ReadPayments => (PeopleAndKeys(Read), Some(ManageBilling)),
        Operation::ReadUsages => (PeopleAndKeys(Read), Some(ViewAllUsage)),
        Operation::StartCheckout => (PeopleAndKeys(BillingWrite), Some(ManageBilling)),
        Operation::ListApiKeys => (PeopleAndKeys(Read), None),
        Operation::CreateApiKey => (People, None),
        // One's own, or one's organization's: the operations look at whose it is.
        Operation::UpdateApiKey | Operation::RotateApiKey => (People, None),
        // A key that leaked can be ended by whoever finds it.
        Operation::DeleteApiKey => (PeopleAndOwnKey, None),
        Operation::CreateOrganizationApiKey => (People, Some(ManageKeys)),
        Operation::ReadOrganizationKey => (PeopleAndKeys(Read), Some(Use)),
        Operation::RegenerateOrganizationKey => (People, Some(ManageKeys)),
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
        (Admits::Anyone, _)
        | (Admits::People | Admits::PeopleAndKeys(_) | Admits::PeopleAndOwnKey, Principal::Person { .. })
        | (Admits::PeopleAndOwnKey, Principal::Key { .. } | Principal::OrganizationKey { .. }) => true,
        (
            Admits::PeopleAndKeys(scope) | Admits::Keys(scope),
            Principal::Key { .. } | Principal::OrganizationKey { .. } | Principal::Service { .. },
        ) => actor.holds(scope.as_str()),
        _ => false,
    };
    if admitted { Ok(()) } else { Err(DomainError::from(&error::FORBIDDEN)) }
}

/// Whether it was a short while ago that the person showed who it is: what is dangerous asks for it,
/// so that a browser left open, or a stolen token, is not enough.
///
/// # Errors
/// `recent_sign_in_required`.
pub(crate) fn recently_proved(core: &Core, actor: &Actor) -> Result<()> {
    match actor.principal {
        Principal::Person { proved_at, .. }
            if proved_at.distance(core.db.reader().now()) <= core.recent_sign_in =>
        {
            Ok(())
        }
        _ => Err(DomainError::from(&error::RECENT_SIGN_IN_REQUIRED)),
    }
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
/// `forbidden` for a key of another account, and for an organization's own without `billing:write` where
/// it is about money; `insufficient_permissions` for a role that may not.
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
            Principal::OrganizationKey { .. } if actor.account == account => match rule(operation) {
                // What is the owner's to see and to do is no admin's by way of a key.
                (_, Some(Permission::ManageBilling)) if !actor.holds(Scope::BillingWrite.as_str()) => {
                    Err(DomainError::from(&error::FORBIDDEN))
                }
                _ => Ok((account, None)),
            },
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
        Account::Personal(owner) if owner == user => {
            is_welcome(core, reader, user).await?.then_some(Standing::PersonalAccount)
        }
        Account::Personal(_) => None,
        Account::Organization(_) if !is_welcome(core, reader, user).await? => None,
        Account::Organization(organization) => {
            core.members.of(reader, organization, user).await?.map(|membership| match membership.role {
                Role::Member => Standing::Member,
                Role::Admin => Standing::Admin,
                Role::Owner => Standing::Owner,
            })
        }
    })
}

/// Whether the person is there and is not suspended.
async fn is_welcome(core: &Core, reader: Reader<'_>, user: UserId) -> Result<bool> {
    Ok(core.users.by_id(reader, user).await?.is_some_and(|user| user.suspended_at.is_none()))
}

/// The person, locked; `otherwise` when it is not there any more, and any other failure as it is:
/// nobody is signed out because the database was busy.
///
/// # Errors
/// `otherwise`; when the database refuses.
pub(crate) async fn lock_person(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    lock: PersonLock,
    otherwise: &Code,
) -> Result<User> {
    let locked = core.users.lock(tx, user, lock).await;
    locked.map_err(|error| if error.is(&USER_NOT_FOUND) { DomainError::from(otherwise) } else { error })
}

//! The operations about who somebody is and whom they work with.

use std::collections::BTreeMap;

use bursar_identity::{EmailAddress, UserChange};
use bursar_kernel::{Account, Clock as _, Result, Secret};
use bursar_operations::{
    InviteTo, MagicSignIn, Operation, Origin, UpdateOrganization, accept_invite, begin_second_factor,
    change_email, change_password, confirm_second_factor, create_invites, delete_organization, delete_user,
    end_session, list_sessions, remove_members, remove_second_factor, renew_recovery_codes,
    request_email_change, request_email_verification, request_magic_link, request_password_reset,
    reset_password, revoke_invite, set_account_plan, set_member_role, set_provider_keys, sign_in_by_link,
    step_up, suspend_user, update_organization, update_profile, verify_email,
};
use bursar_orgs_and_membership::{ProviderName, RemoteConfig, Role};
use bursar_testkit::world::{Owner, PASSWORD, World, totp};

use super::Prepared;

const OTHER_PASSWORD: &str = "quite another horse battery";
const NEW_EMAIL: &str = "moved@example.com";

pub(super) async fn prepare(prepared: &mut Prepared, world: &World, owner: &Owner, operation: Operation) {
    let (core, actor, origin) = (&world.core, &owner.person.actor, &Origin::default());
    let email = &owner.person.email;
    match operation {
        Operation::ResetPassword => {
            request_password_reset(core, origin, email).await.unwrap();
            prepared.token = world.mailed_token(email).await;
        }
        Operation::VerifyEmail => prepared.token = world.mailed_token(email).await,
        Operation::ChangeEmail => {
            request_email_change(core, actor, EmailAddress::parse(NEW_EMAIL).unwrap()).await.unwrap();
            prepared.token = world.mailed_token(NEW_EMAIL).await;
        }
        Operation::SignInByLink => {
            request_magic_link(core, origin, email).await.unwrap();
            prepared.token = world.mailed_token(email).await;
        }
        Operation::ConfirmSecondFactor => {
            let enrolment = begin_second_factor(core, actor).await.unwrap();
            prepared.totp = totp(enrolment.secret_base32.expose(), world.test.clock.now());
        }
        Operation::RenewRecoveryCodes | Operation::RemoveSecondFactor => {
            let enrolment = begin_second_factor(core, actor).await.unwrap();
            let code = totp(enrolment.secret_base32.expose(), world.test.clock.now());
            let codes = confirm_second_factor(core, actor, &code).await.unwrap();
            prepared.totp.clone_from(codes[0].expose());
        }
        Operation::EndSession => {
            prepared.session = Some(list_sessions(core, actor).await.unwrap()[0].session.id);
        }
        Operation::DeleteUser => {
            // What goes with a person, and what holds without it.
            world.member(owner, "grace", Role::Owner).await;
            world.key(&owner.person).await;
        }
        Operation::DeleteOrganization | Operation::SetMemberRole | Operation::RemoveMembers => {
            prepared.member = Some(world.member(owner, "grace", Role::Member).await.1);
        }
        Operation::RevokeInvite => prepared.invite = Some(invite(world, owner).await.unwrap()),
        Operation::AcceptInvite => {
            let guest = InviteTo { email: EmailAddress::parse(email).unwrap(), role: Role::Member };
            let other = world.owner("host").await;
            create_invites(core, &other.person.actor, other.organization, vec![guest]).await.unwrap();
            prepared.token = world.mailed_token(email).await;
        }
        Operation::PublishPlans => {
            world.test.execute("DELETE FROM plans_version").await.unwrap();
        }
        _ => {}
    }
    world.settle().await;
}

async fn invite(world: &World, owner: &Owner) -> Result<bursar_orgs_and_membership::InviteId> {
    let to = InviteTo { email: EmailAddress::parse("guest@example.com")?, role: Role::Member };
    let made = create_invites(&world.core, &owner.person.actor, owner.organization, vec![to]).await?;
    Ok(made[0].id)
}

pub(super) async fn run(
    prepared: &Prepared,
    world: &World,
    owner: &Owner,
    operation: Operation,
) -> Result<()> {
    let (core, actor, origin) = (&world.core, &owner.person.actor, &Origin::default());
    let (organization, email) = (owner.organization, &owner.person.email);
    let password = || Secret::new(PASSWORD.to_owned());
    match operation {
        Operation::UpdateProfile => {
            let change = UserChange { display_name: Some("Another".to_owned()), ..UserChange::default() };
            update_profile(core, actor, change).await.map(drop)
        }
        Operation::DeleteUser => delete_user(core, actor).await,
        Operation::RequestPasswordReset => request_password_reset(core, origin, email).await,
        Operation::ResetPassword => {
            reset_password(core, origin, &prepared.token, OTHER_PASSWORD.to_owned()).await
        }
        Operation::ChangePassword => {
            change_password(core, actor, password(), OTHER_PASSWORD.to_owned()).await
        }
        Operation::RequestEmailVerification => request_email_verification(core, actor).await,
        Operation::VerifyEmail => verify_email(core, origin, &prepared.token).await,
        Operation::RequestEmailChange => {
            request_email_change(core, actor, EmailAddress::parse(NEW_EMAIL)?).await
        }
        Operation::ChangeEmail => change_email(core, origin, &prepared.token).await,
        Operation::RequestMagicLink => request_magic_link(core, origin, email).await,
        Operation::SignInByLink => {
            let shown = MagicSignIn { token: Secret::new(prepared.token.clone()), code: None };
            sign_in_by_link(core, origin, shown).await.map(drop)
        }
        Operation::BeginSecondFactor => begin_second_factor(core, actor).await.map(drop),
        Operation::ConfirmSecondFactor => confirm_second_factor(core, actor, &prepared.totp).await.map(drop),
        Operation::RenewRecoveryCodes => renew_recovery_codes(core, actor).await.map(drop),
        Operation::RemoveSecondFactor => remove_second_factor(core, actor, &prepared.totp).await,
        Operation::EndSession => end_session(core, actor, prepared.session.unwrap()).await,
        Operation::StepUp => step_up(core, actor, password(), None).await,
        Operation::UpdateOrganization => {
            let document = RemoteConfig::check(r#"{"version":"v1"}"#.to_owned())?.config;
            let change =
                UpdateOrganization { default_remote_config: Some(document), ..UpdateOrganization::default() };
            update_organization(core, actor, organization, change).await.map(drop)
        }
        Operation::DeleteOrganization => delete_organization(core, actor, organization).await,
        Operation::SetProviderKeys => {
            let key = Some(Secret::new("sk-1".to_owned()));
            let keys = BTreeMap::from([(ProviderName::new("litellm")?, key)]);
            set_provider_keys(core, actor, organization, keys).await.map(drop)
        }
        Operation::SetMemberRole => {
            set_member_role(core, actor, organization, prepared.member.unwrap(), Role::Owner).await.map(drop)
        }
        Operation::RemoveMembers => {
            remove_members(core, actor, organization, &[prepared.member.unwrap()]).await
        }
        Operation::CreateInvites => invite(world, owner).await.map(drop),
        Operation::RevokeInvite => revoke_invite(core, actor, organization, prepared.invite.unwrap()).await,
        Operation::AcceptInvite => accept_invite(core, actor, &prepared.token).await.map(drop),
        Operation::SuspendUser => suspend_user(core, owner.person.user, true).await,
        Operation::PublishPlans => core.prepare().await,
        Operation::SetAccountPlan => {
            set_account_plan(core, Account::Organization(organization), "team", Some(5)).await.map(drop)
        }
        _ => unreachable!("{operation} is run elsewhere"),
    }
}

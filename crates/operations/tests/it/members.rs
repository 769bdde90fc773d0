//! Members, invites and seats: who may what, and what holds however many ask at once.

use bursar_identity::EmailAddress;
use bursar_kernel::{Account, DomainError, Page, Result};
use bursar_operations::{
    InviteTo, accept_invite, count_invites, create_invites, delete_organization, list_invites, list_members,
    read_organization, read_profile, remove_members, revoke_invite, set_account_plan, set_member_role,
};
use bursar_orgs_and_membership::{INVITE_LIFETIME, Invite, Role};
use bursar_testkit::{
    for_each_engine,
    world::{Owner, World},
};
use tokio::task::JoinSet;

fn to(name: &str, role: Role) -> InviteTo {
    InviteTo { email: EmailAddress::parse(&format!("{name}@example.com")).unwrap(), role }
}

async fn invite(world: &World, by: &Owner, to: Vec<InviteTo>) -> Result<Vec<Invite>> {
    create_invites(&world.core, &by.person.actor, by.organization, to).await
}

fn code<T>(outcome: Result<T>) -> &'static str {
    outcome.err().map_or("ok", |error| error.code())
}

/// So many at once, each with its own outcome: how often each code came.
async fn at_once<F>(calls: impl IntoIterator<Item = F>) -> std::collections::BTreeMap<&'static str, usize>
where
    F: Future<Output = Result<(), DomainError>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for call in calls {
        tasks.spawn(call);
    }
    let mut codes = std::collections::BTreeMap::new();
    while let Some(outcome) = tasks.join_next().await {
        *codes.entry(code(outcome.unwrap())).or_default() += 1;
    }
    codes
}

#[tokio::test]
async fn one_invite_that_is_accepted_sixty_four_times_at_once_makes_one_member() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let grace = world.person("grace").await;
        invite(&world, &ada, vec![to("grace", Role::Member)]).await.unwrap();
        let token = world.mailed_token(&grace.email).await;
        let calls = (0..64).map(|_| {
            let (core, actor, token) = (world.core.clone(), grace.actor.clone(), token.clone());
            async move { accept_invite(&core, &actor, &token).await.map(drop) }
        });
        // The same person again is answered the same.
        assert_eq!(at_once(calls).await, [("ok", 64)].into());
        assert_eq!(world.test.number("SELECT COUNT(*) FROM orgs_membership").await, 2);
        let rows = "SELECT COUNT(*) FROM kernel_audit WHERE operation = 'accept_invite'";
        assert_eq!(world.test.number(rows).await, 1);
    })
    .await;
}

#[tokio::test]
async fn the_last_seat_is_given_once_however_many_ask_for_it() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        // Free: three seats, of which ada has one and a pending invite holds another.
        invite(&world, &ada, vec![to("first", Role::Member)]).await.unwrap();
        let calls = (0..64).map(|nth| {
            let (core, actor, organization) =
                (world.core.clone(), ada.person.actor.clone(), ada.organization);
            async move {
                let guests = vec![to(&format!("guest{nth}"), Role::Member)];
                create_invites(&core, &actor, organization, guests).await.map(drop)
            }
        });
        assert_eq!(at_once(calls).await, [("no_seats_available", 63), ("ok", 1)].into());
        assert_eq!(count_invites(&world.core, &ada.person.actor, ada.organization).await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn two_owners_who_demote_one_another_leave_an_owner() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let (olga, olgas) = world.member(&ada, "olga", Role::Owner).await;
        let core = &world.core;
        let adas =
            core.members.of(core.db.reader(), ada.organization, ada.person.user).await.unwrap().unwrap();
        let organization = ada.organization;
        let demote = |actor: bursar_operations::Actor, member| {
            let core = world.core.clone();
            async move { set_member_role(&core, &actor, organization, member, Role::Member).await.map(drop) }
        };
        let codes =
            at_once([demote(ada.person.actor.clone(), olgas), demote(olga.actor.clone(), adas.id)]).await;
        assert_eq!(codes["ok"], 1, "{codes:?}");
        let owners = "SELECT COUNT(*) FROM orgs_membership WHERE role = 'owner'";
        assert_eq!(world.test.number(owners).await, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_removed_is_refused_at_the_next_request_and_so_is_its_key() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let (mut grace, member) = world.member(&ada, "grace", Role::Admin).await;
        let core = &world.core;
        bursar_operations::switch_account(core, &grace.actor, Some(ada.organization)).await.unwrap();
        grace.actor = world.actor(&grace.access_token).await;
        let key = world.key_of_scopes(&grace, &[bursar_api_keys::Scope::Read]).await;
        let by_key = world.key_actor(&key).await;
        read_organization(core, &by_key, ada.organization).await.unwrap();

        remove_members(core, &ada.person.actor, ada.organization, &[member]).await.unwrap();
        assert_eq!(
            code(read_organization(core, &grace.actor, ada.organization).await),
            "organization_not_found"
        );
        let shown = bursar_operations::Credential::ApiKey(key.secret.clone());
        let refused =
            bursar_operations::authenticate(core, Some(&shown), bursar_operations::Origin::default());
        assert_eq!(code(refused.await), "invalid_api_key");
        let profile = read_profile(core, &world.actor(&grace.access_token).await).await.unwrap();
        assert!(profile.organizations.is_empty());
        assert_eq!(profile.active_account, Account::Personal(grace.user));
        // The seat is free: on the plan of three, another one fits.
        set_account_plan(core, Account::Organization(ada.organization), "free", None).await.unwrap();
        invite(&world, &ada, vec![to("one", Role::Member), to("two", Role::Member)]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn members_are_removed_all_or_none_and_the_last_owner_stays() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let (_, grace) = world.member(&ada, "grace", Role::Member).await;
        let (admin, admins) = world.member(&ada, "alan", Role::Admin).await;
        let core = &world.core;
        let (actor, organization) = (&ada.person.actor, ada.organization);
        let everybody = list_members(core, actor, organization, Page::new(None, None)).await.unwrap();
        let adas = everybody.items.iter().find(|it| it.membership.user == ada.person.user).unwrap();
        let adas = adas.membership.id;
        let before = world.test.dump().await;
        let unknown = bursar_orgs_and_membership::MembershipId::from_uuid(uuid::Uuid::nil());
        for (by, members, expected) in [
            (actor, vec![grace, unknown], "member_not_found"),
            (actor, vec![grace, adas], "last_owner"),
            (&admin.actor, vec![grace, adas], "insufficient_permissions"),
            (&admin.actor, vec![admins], "insufficient_permissions"),
        ] {
            assert_eq!(code(remove_members(core, by, organization, &members).await), expected);
        }
        for (by, member, role, expected) in [
            (&admin.actor, grace, Role::Admin, "insufficient_permissions"),
            (&admin.actor, admins, Role::Member, "insufficient_permissions"),
            (&admin.actor, adas, Role::Member, "insufficient_permissions"),
            (actor, adas, Role::Member, "last_owner"),
            (actor, unknown, Role::Member, "member_not_found"),
        ] {
            let outcome = set_member_role(core, by, organization, member, role).await;
            assert_eq!(code(outcome), expected, "{role}");
        }
        assert_eq!(world.test.dump().await, before);
        remove_members(core, actor, organization, &[grace, admins]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_was_revoked_or_has_expired_or_is_anothers_opens_nothing() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let core = &world.core;
        let (grace, eve) = (world.person("grace").await, world.person("eve").await);
        let made = invite(&world, &ada, vec![to("grace", Role::Member)]).await.unwrap();
        let token = world.mailed_token(&grace.email).await;
        assert_eq!(code(accept_invite(core, &eve.actor, &token).await), "invite_other_email");
        assert_eq!(code(accept_invite(core, &grace.actor, "unknown").await), "invite_not_found");
        assert_eq!(code(invite(&world, &ada, vec![to("Grace", Role::Member)]).await), "invite_pending");

        revoke_invite(core, &ada.person.actor, ada.organization, made[0].id).await.unwrap();
        assert_eq!(code(accept_invite(core, &grace.actor, &token).await), "invite_gone");
        let again = revoke_invite(core, &ada.person.actor, ada.organization, made[0].id).await;
        assert_eq!(code(again), "invite_gone");

        invite(&world, &ada, vec![to("grace", Role::Member)]).await.unwrap();
        let token = world.mailed_token(&grace.email).await;
        world.test.clock.advance(INVITE_LIFETIME);
        assert_eq!(code(accept_invite(core, &grace.actor, &token).await), "invite_gone");
        assert_eq!(count_invites(core, &ada.person.actor, ada.organization).await.unwrap(), 0);

        // A third one is good, and used up by it.
        let made = invite(&world, &ada, vec![to("grace", Role::Admin)]).await.unwrap();
        let token = world.mailed_token(&grace.email).await;
        let joined = accept_invite(core, &grace.actor, &token).await.unwrap();
        assert_eq!((joined.organization, joined.role), (ada.organization, Role::Admin));
        let revoked = revoke_invite(core, &ada.person.actor, ada.organization, made[0].id).await;
        assert_eq!(code(revoked), "invite_accepted");
        assert_eq!(code(invite(&world, &ada, vec![to("grace", Role::Member)]).await), "already_member");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_asked_in_when_one_of_them_cannot_be() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let (admin, _) = world.member(&ada, "alan", Role::Admin).await;
        let before = world.test.dump().await;
        let mixed = vec![to("one", Role::Member), to("alan", Role::Member)];
        assert_eq!(code(invite(&world, &ada, mixed).await), "already_member");
        let above = vec![to("one", Role::Member), to("two", Role::Admin)];
        let outcome = create_invites(&world.core, &admin.actor, ada.organization, above).await;
        assert_eq!(code(outcome), "insufficient_permissions");
        assert_eq!(world.test.dump().await, before);
        assert!(list_invites(&world.core, &ada.person.actor, ada.organization).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_is_gone_for_everybody_and_its_invites_open_nothing() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let (grace, _) = world.member(&ada, "grace", Role::Member).await;
        let eve = world.person("eve").await;
        invite(&world, &ada, vec![to("eve", Role::Member)]).await.unwrap();
        let token = world.mailed_token(&eve.email).await;
        let key = world.key(&ada.person).await;
        let core = &world.core;
        delete_organization(core, &ada.person.actor, ada.organization).await.unwrap();
        for actor in [&ada.person.actor, &grace.actor] {
            assert_eq!(
                code(read_organization(core, actor, ada.organization).await),
                "organization_not_found"
            );
            assert!(read_profile(core, actor).await.unwrap().organizations.is_empty());
        }
        assert_eq!(code(accept_invite(core, &eve.actor, &token).await), "invite_not_found");
        let shown = bursar_operations::Credential::ApiKey(key.secret.clone());
        let refused =
            bursar_operations::authenticate(core, Some(&shown), bursar_operations::Origin::default());
        assert_eq!(code(refused.await), "invalid_api_key");
    })
    .await;
}

#[tokio::test]
async fn an_invite_is_as_good_as_who_sent_it() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let (alan, alans) = world.member(&ada, "alan", Role::Admin).await;
        let core = &world.core;
        let guests = vec![to("guest", Role::Member)];
        create_invites(core, &alan.actor, ada.organization, guests).await.unwrap();
        let token = world.mailed_token("guest@example.com").await;
        let guest = world.person("guest").await;
        remove_members(core, &ada.person.actor, ada.organization, &[alans]).await.unwrap();
        assert_eq!(code(accept_invite(core, &guest.actor, &token).await), "invite_gone");
    })
    .await;
}

#[tokio::test]
async fn asking_an_owner_in_needs_a_recent_sign_in() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let mut ada = world.owner("ada").await;
        let origin = bursar_operations::Origin::default();
        world.test.clock.advance(std::time::Duration::from_hours(13));
        let renewed = bursar_operations::refresh_session(&world.core, &origin, &ada.person.refresh_token)
            .await
            .unwrap();
        ada.person.actor = world.actor(renewed.access_token.expose()).await;
        let owner = vec![to("mallory", Role::Owner)];
        assert_eq!(code(invite(&world, &ada, owner).await), "recent_sign_in_required");
        invite(&world, &ada, vec![to("grace", Role::Admin)]).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whoever_goes_while_joining_leaves_no_member_behind() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        world.make_room(&ada).await;
        for nth in 0..8 {
            let name = format!("guest{nth}");
            let guest = world.person(&name).await;
            invite(&world, &ada, vec![to(&name, Role::Member)]).await.unwrap();
            let token = world.mailed_token(&guest.email).await;
            let (core, actor) = (world.core.clone(), guest.actor.clone());
            let going = {
                let (core, actor) = (core.clone(), actor.clone());
                tokio::spawn(async move { bursar_operations::delete_user(&core, &actor).await })
            };
            let joining = tokio::spawn(async move { accept_invite(&core, &actor, &token).await.map(drop) });
            going.await.unwrap().unwrap();
            // Either it had joined before and left, or there was nobody to join.
            let outcome = code(joining.await.unwrap());
            assert!(
                ["ok", "not_authenticated", "invite_gone", "invite_not_found"].contains(&outcome),
                "{outcome}"
            );
        }
        assert_eq!(world.test.number("SELECT COUNT(*) FROM orgs_membership").await, 1);
    })
    .await;
}

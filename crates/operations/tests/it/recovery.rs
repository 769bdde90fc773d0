//! What proves somebody, when it is lost and when it is changed; and a person who goes.

use std::time::Duration;

use bursar_identity::{EmailAddress, FactorState};
use bursar_kernel::{Clock as _, Result, Secret};
use bursar_operations::{
    Credential, GrantCode, MagicSignIn, Origin, RedeemCode, SignIn, authenticate, begin_second_factor,
    change_email, change_password, confirm_second_factor, create_api_key, delete_organization, delete_user,
    end_session, grant_code, list_sessions, open_cookie_session, read_second_factor, redeem_code,
    refresh_session, request_email_change, request_magic_link, request_password_reset, reset_password,
    sign_in, sign_in_by_link, step_up, verify_email,
};
use bursar_orgs_and_membership::Role;
use bursar_testkit::{
    for_each_engine,
    world::{PASSWORD, Person, World, totp},
};

const OTHER_PASSWORD: &str = "quite another horse battery";

fn code<T>(outcome: Result<T>) -> &'static str {
    outcome.err().map_or("ok", |error| error.code())
}

fn typed(email: &str, password: &str, totp: Option<&str>) -> SignIn {
    SignIn {
        email: email.to_owned(),
        password: Secret::new(password.to_owned()),
        code: totp.map(|code| Secret::new(code.to_owned())),
    }
}

async fn try_sign_in(world: &World, email: &str, password: &str, totp: Option<&str>) -> &'static str {
    code(sign_in(&world.core, &Origin::default(), typed(email, password, totp)).await)
}

/// Somebody signs in with a browser.
async fn cookie_of(world: &World, person: &Person) -> Secret<String> {
    let typed = typed(&person.email, PASSWORD, None);
    open_cookie_session(&world.core, &Origin::default(), typed).await.unwrap().1
}

/// What a client shows, to whom the person behind the cookie granted a code.
async fn granted_code(world: &World, cookie: Secret<String>) -> RedeemCode {
    let clicker =
        authenticate(&world.core, Some(&Credential::Cookie(cookie)), Origin::default()).await.unwrap();
    let redirect_uri = "http://127.0.0.1:4000/callback".to_owned();
    let grant = GrantCode { redirect_uri: redirect_uri.clone(), code_challenge: None };
    let code = grant_code(&world.core, &clicker, grant).await.unwrap().expose().clone();
    RedeemCode { code, redirect_uri, code_verifier: None }
}

async fn is_in(world: &World, person: &Person) -> bool {
    let shown = Credential::Token(Secret::new(person.access_token.clone()));
    authenticate(&world.core, Some(&shown), Origin::default()).await.is_ok()
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_mailed_link_and_everybody_else_is_out() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.person("ada").await;
        let (core, origin) = (&world.core, &Origin::default());
        request_password_reset(core, origin, "ADA@example.com").await.unwrap();
        let token = world.mailed_token(&ada.email).await;
        let easy = reset_password(core, origin, &token, "password1".to_owned()).await.unwrap_err();
        assert_eq!((easy.code(), easy.get("field")), ("invalid_field", Some("password")));
        // A refused password has not used the link up.
        reset_password(core, origin, &token, OTHER_PASSWORD.to_owned()).await.unwrap();
        let again = reset_password(core, origin, &token, OTHER_PASSWORD.to_owned()).await;
        assert_eq!(code(again), "link_invalid");
        assert!(!is_in(&world, &ada).await, "the old sessions have ended");
        let refreshed = refresh_session(core, origin, &ada.refresh_token).await;
        assert_eq!(code(refreshed), "invalid_grant");
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, None).await, "invalid_sign_in");
        assert_eq!(try_sign_in(&world, &ada.email, OTHER_PASSWORD, None).await, "ok");
        assert_eq!(world.mailed_subjects(&ada.email).await.len(), 3, "welcome, link, and that it was done");
    })
    .await;
}

#[tokio::test]
async fn whether_somebody_has_an_address_is_told_to_its_mailbox_alone() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (core, origin) = (&world.core, &Origin::default());
        world.person("ada").await;
        world.settle().await;
        let rows = async || {
            let audit = world.test.number("SELECT COUNT(*) FROM kernel_audit").await;
            (audit, world.test.number("SELECT COUNT(*) FROM kernel_outbox").await)
        };
        let (audit, outbox) = rows().await;
        // The same is written for both: the answer takes the same time.
        for (nth, email) in (1..).zip(["nobody@example.com", "ada@example.com"]) {
            request_password_reset(core, origin, email).await.unwrap();
            request_magic_link(core, origin, email).await.unwrap();
            assert_eq!(rows().await, (audit + 2 * nth, outbox + 2 * nth));
        }
        for email in ["no address", ""] {
            request_password_reset(core, origin, email).await.unwrap();
        }
        assert_eq!(world.mailed_subjects("nobody@example.com").await, Vec::<String>::new());
        assert_eq!(world.mailed_subjects("ada@example.com").await.len(), 3, "welcome, and both links");
    })
    .await;
}

#[tokio::test]
async fn a_link_is_good_for_its_time_and_the_newest_one_alone() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.person("ada").await;
        let (core, origin) = (&world.core, &Origin::default());
        let by_link = |token: String| async move {
            let shown = MagicSignIn { token: Secret::new(token), code: None };
            code(sign_in_by_link(core, origin, shown).await)
        };
        request_magic_link(core, origin, &ada.email).await.unwrap();
        let first = world.mailed_token(&ada.email).await;
        request_magic_link(core, origin, &ada.email).await.unwrap();
        let second = world.mailed_token(&ada.email).await;
        assert_eq!(by_link(first).await, "link_invalid");
        assert_eq!(by_link(second.clone()).await, "ok");
        assert_eq!(by_link(second).await, "link_invalid");
        request_magic_link(core, origin, &ada.email).await.unwrap();
        let late = world.mailed_token(&ada.email).await;
        // A link of one kind is none of another.
        assert_eq!(code(verify_email(core, origin, &late).await), "link_invalid");
        world.test.clock.advance(Duration::from_mins(15));
        assert_eq!(by_link(late).await, "link_invalid");
    })
    .await;
}

#[tokio::test]
async fn an_address_changes_when_its_mailbox_says_so_and_the_old_one_is_told() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (ada, eve) = (world.person("ada").await, world.person("eve").await);
        let (core, origin) = (&world.core, &Origin::default());
        // An address that somebody has gets no link.
        let taken = EmailAddress::parse(&eve.email).unwrap();
        let mails = world.mailed_subjects(&eve.email).await.len();
        request_email_change(core, &ada.actor, taken).await.unwrap();
        assert_eq!(world.mailed_subjects(&eve.email).await.len(), mails);

        let new = EmailAddress::parse("lovelace@example.com").unwrap();
        request_email_change(core, &ada.actor, new).await.unwrap();
        let token = world.mailed_token("lovelace@example.com").await;
        assert_eq!(try_sign_in(&world, "lovelace@example.com", PASSWORD, None).await, "invalid_sign_in");
        change_email(core, origin, &token).await.unwrap();
        assert_eq!(try_sign_in(&world, "lovelace@example.com", PASSWORD, None).await, "ok");
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, None).await, "invalid_sign_in");
        assert_eq!(world.mailed_subjects(&ada.email).await.len(), 2, "welcome, and that it was changed");
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_is_asked_for_from_its_first_code_on() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.person("ada").await;
        let core = &world.core;
        let enrolment = begin_second_factor(core, &ada.actor).await.unwrap();
        let secret = enrolment.secret_base32.expose();
        let now = || totp(secret, world.test.clock.now());
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, None).await, "ok", "nothing asks for it yet");
        assert_eq!(code(confirm_second_factor(core, &ada.actor, "000000").await), "wrong_code");
        let codes = confirm_second_factor(core, &ada.actor, &now()).await.unwrap();
        assert!(matches!(
            read_second_factor(core, &ada.actor).await.unwrap(),
            FactorState::On { recovery_codes_left: 10, .. }
        ));

        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, None).await, "totp_required");
        assert_eq!(try_sign_in(&world, &ada.email, "wrong", None).await, "invalid_sign_in");
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, Some(&now())).await, "wrong_code", "used up");
        world.test.clock.advance(Duration::from_secs(30));
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, Some(&now())).await, "ok");
        let recovery = codes[3].expose();
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, Some(recovery)).await, "ok");
        assert_eq!(try_sign_in(&world, &ada.email, PASSWORD, Some(recovery)).await, "wrong_code");
        // A mailed link is no way round it, and a wrong code does not use the link up.
        request_magic_link(core, &Origin::default(), &ada.email).await.unwrap();
        let token = world.mailed_token(&ada.email).await;
        let by_link = |totp: Option<String>| {
            let shown = MagicSignIn { token: Secret::new(token.clone()), code: totp.map(Secret::new) };
            async move { code(sign_in_by_link(core, &Origin::default(), shown).await) }
        };
        assert_eq!(by_link(None).await, "totp_required");
        assert_eq!(by_link(Some("123456".to_owned())).await, "wrong_code");
        assert_eq!(by_link(Some(codes[4].expose().clone())).await, "ok");
    })
    .await;
}

#[tokio::test]
async fn what_is_dangerous_asks_for_a_sign_in_that_is_not_long_ago() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let mut ada = world.owner("ada").await;
        let (_, grace) = world.member(&ada, "grace", Role::Member).await;
        world.test.clock.advance(Duration::from_mins(59) + Duration::from_hours(11));
        // The access token has ended; the session has not.
        let renewed =
            refresh_session(&world.core, &Origin::default(), &ada.person.refresh_token).await.unwrap();
        world.test.clock.advance(Duration::from_mins(2));
        ada.person.actor = world.actor(renewed.access_token.expose()).await;
        let (core, actor) = (&world.core, &ada.person.actor);
        let key = || bursar_operations::CreateApiKey::named(bursar_api_keys::KeyName::new("late").unwrap());
        let before = world.test.dump().await;
        let required = "recent_sign_in_required";
        assert_eq!(code(create_api_key(core, actor, key()).await), required);
        assert_eq!(code(delete_user(core, actor).await), required);
        assert_eq!(code(delete_organization(core, actor, ada.organization).await), required);
        let hand_over =
            bursar_operations::set_member_role(core, actor, ada.organization, grace, Role::Owner).await;
        assert_eq!(code(hand_over), required);
        assert_eq!(code(begin_second_factor(core, actor).await), required);
        let wrong = step_up(core, actor, Secret::new("wrong".to_owned()), None).await;
        assert_eq!(code(wrong), "wrong_password");
        assert_eq!(world.test.dump().await, before);

        step_up(core, actor, Secret::new(PASSWORD.to_owned()), None).await.unwrap();
        let actor = world.actor(renewed.access_token.expose()).await;
        create_api_key(core, &actor, key()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_every_other_session_and_a_session_can_be_ended_by_itself() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.person("ada").await;
        let core = &world.core;
        let other = sign_in(core, &Origin::default(), typed(&ada.email, PASSWORD, None)).await.unwrap();
        let sessions = list_sessions(core, &ada.actor).await.unwrap();
        assert_eq!(sessions.iter().filter(|session| session.is_this_one).count(), 1);
        let others = sessions.iter().find(|session| !session.is_this_one).unwrap().session.id;
        end_session(core, &ada.actor, others).await.unwrap();
        assert_eq!(code(end_session(core, &ada.actor, others).await), "session_not_found");
        let shown = Credential::Token(other.access_token.clone());
        assert!(authenticate(core, Some(&shown), Origin::default()).await.is_err());

        let third = sign_in(core, &Origin::default(), typed(&ada.email, PASSWORD, None)).await.unwrap();
        let wrong =
            change_password(core, &ada.actor, Secret::new("no".to_owned()), OTHER_PASSWORD.to_owned());
        assert_eq!(code(wrong.await), "wrong_password");
        change_password(core, &ada.actor, Secret::new(PASSWORD.to_owned()), OTHER_PASSWORD.to_owned())
            .await
            .unwrap();
        let shown = Credential::Token(third.access_token.clone());
        assert!(authenticate(core, Some(&shown), Origin::default()).await.is_err());
        assert!(is_in(&world, &ada).await, "this one stays");
    })
    .await;
}

#[tokio::test]
async fn a_person_who_goes_leaves_no_credential_and_nothing_personal() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.funded_org("ada", 5_000).await;
        let (grace, _) = world.member(&ada, "grace", Role::Member).await;
        let key = world.key(&ada.person).await;
        let core = &world.core;
        let refused = delete_user(core, &ada.person.actor).await.unwrap_err();
        assert_eq!(refused.code(), "sole_owner");

        let members = core.members.of_user(core.db.reader(), grace.user).await.unwrap();
        let graces = members[0].membership.id;
        bursar_operations::set_member_role(core, &ada.person.actor, ada.organization, graces, Role::Owner)
            .await
            .unwrap();
        delete_user(core, &ada.person.actor).await.unwrap();

        assert!(!is_in(&world, &ada.person).await);
        let shown = Credential::ApiKey(key.secret.clone());
        assert_eq!(code(authenticate(core, Some(&shown), Origin::default()).await), "invalid_api_key");
        let refreshed = refresh_session(core, &Origin::default(), &ada.person.refresh_token).await;
        assert_eq!(code(refreshed), "invalid_grant");
        assert_eq!(try_sign_in(&world, &ada.person.email, PASSWORD, None).await, "invalid_sign_in");
        // The farewell goes out, and is then forgotten too.
        assert!(world.mailed_subjects(&ada.person.email).await.len() >= 2);
        world.test.execute("DELETE FROM notifications_sandbox_mail").await.unwrap();
        let dump = world.test.dump().await;
        assert!(!dump.contains(&ada.person.email), "the address is nowhere");
        assert!(
            dump.contains(&ada.person.user.uuid().simple().to_string())
                || dump.contains(&ada.person.user.uuid().to_string())
                || dump.to_lowercase().contains(&ada.person.user.uuid().simple().to_string())
        );
        // What she bought is still the organization's.
        let account = bursar_kernel::Account::Organization(ada.organization);
        let grace_now = world.actor(&grace.access_token).await;
        let balance = bursar_operations::read_balance(core, &grace_now, account).await.unwrap();
        assert_eq!(balance.micros(), 50_000_000);
        // The address is free for somebody new, who is somebody else.
        let again = world.person("ada").await;
        assert_ne!(again.user, ada.person.user);
    })
    .await;
}

#[tokio::test]
async fn a_code_carries_the_age_of_the_sign_in_that_granted_it() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.person("ada").await;
        let core = &world.core;
        let cookie = cookie_of(&world, &ada).await;
        world.test.clock.advance(Duration::from_hours(13));
        let redeem = granted_code(&world, cookie).await;
        let client = redeem_code(core, &Origin::default(), redeem).await.unwrap();
        let client = world.actor(client.access_token.expose()).await;
        assert_eq!(code(delete_user(core, &client).await), "recent_sign_in_required");
    })
    .await;
}

#[tokio::test]
async fn whoever_registered_an_address_that_is_anothers_is_out_when_its_owner_comes() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        // Eve, under ada's address and with a password and a key of her own.
        let eve = world.person("ada").await;
        let key = world.key(&eve).await;
        let core = &world.core;
        request_magic_link(core, &Origin::default(), &eve.email).await.unwrap();
        let token = world.mailed_token(&eve.email).await;
        let shown = MagicSignIn { token: Secret::new(token), code: None };
        sign_in_by_link(core, &Origin::default(), shown).await.unwrap();
        assert!(!is_in(&world, &eve).await);
        assert_eq!(try_sign_in(&world, &eve.email, PASSWORD, None).await, "invalid_sign_in");
        let shown = Credential::ApiKey(key.secret.clone());
        assert_eq!(code(authenticate(core, Some(&shown), Origin::default()).await), "invalid_api_key");
    })
    .await;
}

#[tokio::test]
async fn nothing_lets_a_suspended_person_in_until_it_is_let_in_again() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.owner("ada").await;
        let core = &world.core;
        let key = world.key(&ada.person).await;
        world.key_actor(&key).await;
        request_magic_link(core, &Origin::default(), &ada.person.email).await.unwrap();
        let link = world.mailed_token(&ada.person.email).await;
        let by_key = || async {
            let shown = Credential::ApiKey(key.secret.clone());
            code(authenticate(core, Some(&shown), Origin::default()).await)
        };
        bursar_operations::suspend_user(core, ada.person.user, true).await.unwrap();
        assert!(!is_in(&world, &ada.person).await);
        assert_eq!(by_key().await, "invalid_api_key");
        assert_eq!(try_sign_in(&world, &ada.person.email, PASSWORD, None).await, "account_suspended");
        assert_eq!(try_sign_in(&world, &ada.person.email, "wrong", None).await, "invalid_sign_in");
        let shown = MagicSignIn { token: Secret::new(link), code: None };
        assert_eq!(code(sign_in_by_link(core, &Origin::default(), shown).await), "link_invalid");
        let refreshed = refresh_session(core, &Origin::default(), &ada.person.refresh_token).await;
        assert_eq!(code(refreshed), "invalid_grant");

        bursar_operations::suspend_user(core, ada.person.user, false).await.unwrap();
        assert_eq!(try_sign_in(&world, &ada.person.email, PASSWORD, None).await, "ok");
        assert_eq!(by_key().await, "ok");
    })
    .await;
}

#[tokio::test]
async fn a_code_that_was_granted_before_opens_nothing_for_a_suspended_person() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let ada = world.person("ada").await;
        let core = &world.core;
        let cookie = cookie_of(&world, &ada).await;
        let redeem = granted_code(&world, cookie).await;
        // The mark alone, as a node sees it that has the code in its hand at that moment.
        let mut tx = core.db.begin().await.unwrap();
        core.users.suspend(&mut tx, ada.user, true).await.unwrap();
        tx.commit().await.unwrap();
        let before = world.test.dump().await;
        let refused = redeem_code(core, &Origin::default(), redeem).await;
        assert_eq!(code(refused), "invalid_code");
        assert_eq!(world.test.dump().await, before);
    })
    .await;
}

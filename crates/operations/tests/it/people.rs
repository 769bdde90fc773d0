//! Signing up, in and out.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use bursar_identity::EmailAddress;
use bursar_kernel::Secret;
use bursar_operations::{
    Credential, GrantCode, Origin, RedeemCode, SignIn, SignOut, SignUp, authenticate, grant_code,
    published_keys, read_profile, redeem_code, refresh_session, rotate_signing_key, sign_in, sign_out,
    sign_up, switch_account, verify_email,
};
use bursar_testkit::{
    for_each_engine,
    world::{PASSWORD, World},
};

fn typed(email: &str, password: &str) -> SignIn {
    SignIn { email: email.to_owned(), password: Secret::new(password.to_owned()), code: None }
}

#[tokio::test]
async fn an_unknown_person_and_a_wrong_password_are_told_the_same_after_the_same_work() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let person = world.person("someone").await;
        let mut answers = Vec::new();
        for (email, password) in [
            ("nobody@example.com", PASSWORD),
            (person.email.as_str(), "wrong password"),
            ("no address", PASSWORD),
        ] {
            let before = world.core.passwords.hashes_run();
            let refused =
                sign_in(&world.core, &Origin::default(), typed(email, password)).await.err().unwrap();
            answers.push((refused.code(), refused.to_string(), world.core.passwords.hashes_run() - before));
        }
        let same = ("invalid_sign_in", "Invalid email or password".to_owned(), 1);
        assert_eq!(answers, [same.clone(), same.clone(), same]);
        // Case of an address does not matter.
        assert!(
            sign_in(&world.core, &Origin::default(), typed("SOMEONE@Example.com", PASSWORD)).await.is_ok()
        );
    })
    .await;
}

#[tokio::test]
async fn who_waits_to_sign_in_and_who_is_turned_away_asks_the_database_nothing() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (person, origin) = (world.person("someone").await, Origin::default());
        let passwords = &world.core.passwords;
        let turns = [passwords.turn().await.unwrap(), passwords.turn().await.unwrap()];
        let counted = || (world.test.db.faults().reads(), passwords.hashes_run());
        let (before, mut context) = (counted(), Context::from_waker(Waker::noop()));
        let mut first = pin!(sign_in(&world.core, &origin, typed(&person.email, PASSWORD)));
        assert!(first.as_mut().poll(&mut context).is_pending(), "it waits for its turn");
        let mut waiting = Vec::new();
        let turned_away = loop {
            let email = format!("nobody{}@example.com", waiting.len());
            let mut next = Box::pin(sign_in(&world.core, &origin, typed(&email, PASSWORD)));
            match next.as_mut().poll(&mut context) {
                Poll::Pending => waiting.push(next),
                Poll::Ready(outcome) => break outcome.err().unwrap(),
            }
        };
        assert_eq!((turned_away.code(), waiting.len()), ("sign_in_busy", 125));
        assert_eq!(counted(), before);
        drop(turns);
        assert!(first.await.is_ok(), "its turn has come");
    })
    .await;
}

#[tokio::test]
async fn a_failing_sign_up_leaves_nobody_and_a_taken_address_is_refused() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        world.person("someone").await;
        let before = world.test.dump().await;
        let again = SignUp {
            email: EmailAddress::parse("Someone@example.com").unwrap(),
            password: Secret::new(PASSWORD.to_owned()),
            display_name: None,
            organization: None,
        };
        let refused = sign_up(&world.core, &Origin::default(), again).await.err().unwrap();
        assert_eq!(refused.code(), "email_taken");
        assert_eq!(world.test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_its_whole_family() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let person = world.person("someone").await;
        let next = refresh_session(&world.core, &Origin::default(), &person.refresh_token).await.unwrap();
        let stolen =
            refresh_session(&world.core, &Origin::default(), &person.refresh_token).await.err().unwrap();
        assert_eq!(stolen.code(), "invalid_grant");
        let successor = refresh_session(&world.core, &Origin::default(), next.refresh_token.expose()).await;
        assert_eq!(successor.err().unwrap().code(), "invalid_grant");
        let credential = Credential::Token(next.access_token.clone());
        assert!(authenticate(&world.core, Some(&credential), Origin::default()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_access_token_at_once() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let person = world.person("someone").await;
        let other = sign_in(&world.core, &Origin::default(), typed(&person.email, PASSWORD)).await.unwrap();
        sign_out(&world.core, &person.actor, SignOut::Everywhere).await.unwrap();
        for token in [person.access_token, other.access_token.expose().clone()] {
            let credential = Credential::Token(Secret::new(token));
            assert!(authenticate(&world.core, Some(&credential), Origin::default()).await.is_err());
        }
        let refreshed = refresh_session(&world.core, &Origin::default(), other.refresh_token.expose()).await;
        assert_eq!(refreshed.err().unwrap().code(), "invalid_grant");
    })
    .await;
}

#[tokio::test]
async fn the_active_account_is_server_state_and_a_foreign_one_is_unknown() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let (owner, stranger) = (world.owner("owner").await, world.owner("stranger").await);
        let foreign = switch_account(&world.core, &stranger.person.actor, Some(owner.organization)).await;
        assert_eq!(foreign.unwrap_err().code(), "organization_not_found");
        let profile = read_profile(&world.core, &owner.person.actor).await.unwrap();
        assert!(profile.is_active(owner.organization));
        switch_account(&world.core, &owner.person.actor, None).await.unwrap();
        let profile = read_profile(&world.core, &owner.person.actor).await.unwrap();
        assert!(!profile.is_active(owner.organization));
    })
    .await;
}

#[tokio::test]
async fn a_code_lets_a_client_in_once_and_only_where_it_was_sent() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let person = world.person("someone").await;
        let mut clicker = person.actor.clone();
        if let bursar_identity::Principal::Person { by, .. } = &mut clicker.principal {
            *by = bursar_identity::PersonCredential::Cookie;
        }
        let redirect = "http://127.0.0.1:4000/callback";
        let grant = || GrantCode { redirect_uri: redirect.to_owned(), code_challenge: None };
        let redeem = |code: &str, to: &str| RedeemCode {
            code: code.to_owned(),
            redirect_uri: to.to_owned(),
            code_verifier: None,
        };
        let by_token = grant_code(&world.core, &person.actor, grant()).await.err().unwrap();
        assert_eq!(by_token.code(), "forbidden", "a token is no click");

        let code = grant_code(&world.core, &clicker, grant()).await.unwrap();
        let signed_in =
            redeem_code(&world.core, &Origin::default(), redeem(code.expose(), redirect)).await.unwrap();
        assert_eq!(signed_in.user.id, person.user);
        let again = redeem_code(&world.core, &Origin::default(), redeem(code.expose(), redirect)).await;
        assert_eq!(again.err().unwrap().code(), "invalid_code");

        let code = grant_code(&world.core, &clicker, grant()).await.unwrap();
        for to in ["http://127.0.0.1:4001/callback", redirect] {
            let refused = redeem_code(&world.core, &Origin::default(), redeem(code.expose(), to)).await;
            assert_eq!(refused.err().unwrap().code(), "invalid_code", "a wrong try uses it up");
        }

        let code = grant_code(&world.core, &clicker, grant()).await.unwrap();
        world.test.clock.advance(std::time::Duration::from_mins(1));
        let late = redeem_code(&world.core, &Origin::default(), redeem(code.expose(), redirect)).await;
        assert_eq!(late.err().unwrap().code(), "invalid_code");
    })
    .await;
}

#[tokio::test]
async fn where_mail_must_be_verified_signing_up_tells_nobody_who_has_an_address() {
    for_each_engine(|test| async move {
        let world = World::with(test, |assembly| assembly.requires_verified_email = true).await;
        let sign_up_as = |email: &str| SignUp {
            email: EmailAddress::parse(email).unwrap(),
            password: Secret::new(PASSWORD.to_owned()),
            display_name: None,
            organization: None,
        };
        let core = &world.core;
        let hashes = core.passwords.hashes_run();
        assert!(sign_up(core, &Origin::default(), sign_up_as("ada@example.com")).await.unwrap().is_none());
        let link = world.mailed_token("ada@example.com").await;
        let before = sign_in(core, &Origin::default(), typed("ada@example.com", PASSWORD)).await;
        assert_eq!(before.err().unwrap().code(), "email_not_verified");
        let guess = sign_in(core, &Origin::default(), typed("ada@example.com", "wrong")).await;
        assert_eq!(guess.err().unwrap().code(), "invalid_sign_in", "only a right password learns of it");
        // The same answer after the same work, and only the mailbox learns of it.
        let again = sign_up(core, &Origin::default(), sign_up_as("Ada@example.com")).await;
        assert!(again.unwrap().is_none());
        assert_eq!(core.passwords.hashes_run() - hashes, 4, "one for each question");
        world.settle().await;
        let mails = world.mailbox.list(core.db.reader(), 9).await.unwrap();
        assert!(mails.iter().any(|mail| mail.subject.contains("have an account")), "{}", mails.len());
        verify_email(core, &Origin::default(), &link).await.unwrap();
        assert!(sign_in(core, &Origin::default(), typed("ada@example.com", PASSWORD)).await.is_ok());
    })
    .await;
}

#[tokio::test]
async fn of_fifty_who_bring_one_code_at_once_one_is_let_in() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let person = world.person("someone").await;
        let mut clicker = person.actor.clone();
        if let bursar_identity::Principal::Person { by, .. } = &mut clicker.principal {
            *by = bursar_identity::PersonCredential::Cookie;
        }
        let redirect_uri = "http://127.0.0.1:4000/callback".to_owned();
        let command = GrantCode { redirect_uri: redirect_uri.clone(), code_challenge: None };
        let code = grant_code(&world.core, &clicker, command).await.unwrap();
        let tries = (0..50).map(|_| {
            let (core, redirect_uri) = (world.core.clone(), redirect_uri.clone());
            let code = code.expose().clone();
            tokio::spawn(async move {
                let command = RedeemCode { code, redirect_uri, code_verifier: None };
                redeem_code(&core, &Origin::default(), command).await.map(drop).map_err(|error| error.code())
            })
        });
        let mut outcomes = Vec::new();
        for tried in tries.collect::<Vec<_>>() {
            outcomes.push(tried.await.unwrap());
        }
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err("invalid_code")).count(), 49);
    })
    .await;
}

#[tokio::test]
async fn tokens_under_a_rotated_key_stay_good_and_new_ones_are_under_the_new_key() {
    for_each_engine(|test| async move {
        let world = World::new(test).await;
        let person = world.person("someone").await;
        let key = rotate_signing_key(&world.core).await.unwrap();
        // What is held in memory is at most a minute old.
        world.test.clock.advance(std::time::Duration::from_mins(1));
        let published = published_keys(&world.core).await.unwrap();
        assert!(published.len() == 2 && published.iter().any(|known| known.kid == key));
        let signed_in =
            sign_in(&world.core, &Origin::default(), typed(&person.email, PASSWORD)).await.unwrap();
        for token in [&person.access_token, signed_in.access_token.expose()] {
            let credential = Credential::Token(Secret::new(token.clone()));
            assert!(authenticate(&world.core, Some(&credential), Origin::default()).await.is_ok());
        }
    })
    .await;
}

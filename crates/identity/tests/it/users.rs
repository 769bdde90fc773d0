use std::time::Duration;

use bursar_identity::{NewUser, SeaUsers, User, UserChange, Users, error};
use bursar_kernel::{Result, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{committed_person, email, named, person};

async fn change(test: &TestDb, user: UserId, change: UserChange) -> Result<User> {
    let mut tx = test.db.begin().await.unwrap();
    let changed = SeaUsers.update(&mut tx, user, change).await;
    tx.commit().await.unwrap();
    changed
}

async fn by_id(test: &TestDb, user: UserId) -> User {
    SeaUsers.by_id(test.db.reader(), user).await.unwrap().unwrap()
}

async fn verify(test: &TestDb, user: UserId, address: &str) -> bool {
    let mut tx = test.db.begin().await.unwrap();
    let verified = SeaUsers.verify_email(&mut tx, user, &email(address)).await.unwrap();
    tx.commit().await.unwrap();
    verified
}

#[tokio::test]
async fn a_person_is_found_by_identifier_and_by_address_in_any_case() {
    for_each_engine(|test| async move {
        let made = committed_person(&test, "Ada@Example.com").await;
        assert_eq!(made.email.as_str(), "Ada@Example.com");
        assert_eq!(made.display_name, "Ada");
        assert_eq!((made.created_at, made.terms_accepted_at), (test.db.reader().now(), None));
        let reader = test.db.reader();
        assert_eq!(SeaUsers.by_id(reader, made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(SeaUsers.by_email(reader, &email("aDA@eXAMPLE.COM")).await.unwrap(), Some(made));
        assert_eq!(SeaUsers.by_email(reader, &email("eve@example.com")).await.unwrap(), None);
        assert_eq!(SeaUsers.by_id(reader, UserId::from_uuid(Uuid::nil())).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_one_persons_whatever_its_case() {
    for_each_engine(|test| async move {
        committed_person(&test, "ada@example.com").await;
        let mut tx = test.db.begin().await.unwrap();
        let refused = SeaUsers.create(&mut tx, named("ADA@example.com")).await.unwrap_err();
        assert!(refused.is(&error::EMAIL_TAKEN));
        assert_eq!(refused.to_string(), "Email already registered");
        // The transaction goes on: a refusal is no broken statement.
        person(&mut tx, "bob@example.com").await;
        tx.commit().await.unwrap();
        assert_eq!(test.number("SELECT count(*) FROM identity_user").await, 2);
    })
    .await;
}

#[tokio::test]
async fn of_many_who_register_one_address_at_once_one_gets_it() {
    for_each_engine(|test| async move {
        let mut tries = JoinSet::new();
        for _ in 0..16 {
            let db = test.db.clone();
            tries.spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let made = SeaUsers.create(&mut tx, named("ada@example.com")).await;
                if made.is_ok() {
                    tx.commit().await.unwrap();
                }
                made.map_err(|refused| refused.code())
            });
        }
        let outcomes = tries.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err("email_taken")).count(), 15);
        assert_eq!(test.number("SELECT count(*) FROM identity_user").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_refused_makes_nobody() {
    for_each_engine(|test| async move {
        let mut tx = test.db.begin().await.unwrap();
        let new = NewUser { email: email("ada@example.com"), display_name: Some("a\u{7}".to_owned()) };
        assert_eq!(SeaUsers.create(&mut tx, new).await.unwrap_err().code(), "invalid_field");
        tx.commit().await.unwrap();
        assert_eq!(test.number("SELECT count(*) FROM identity_user").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_first_acceptance_of_the_terms_is_kept() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await;
        let mut accepted = Vec::new();
        for _ in 0..2 {
            test.clock.advance(Duration::from_hours(1));
            let mut tx = test.db.begin().await.unwrap();
            accepted.push(SeaUsers.accept_terms(&mut tx, user.id).await.unwrap());
            tx.commit().await.unwrap();
        }
        let first = user.created_at.after(Duration::from_hours(1));
        assert_eq!((accepted[0].terms_accepted_at, accepted[0].updated_at), (Some(first), first));
        assert_eq!(accepted[0], accepted[1]);
        let mut tx = test.db.begin().await.unwrap();
        let nobody = UserId::from_uuid(Uuid::nil());
        assert!(SeaUsers.accept_terms(&mut tx, nobody).await.unwrap_err().is(&error::USER_NOT_FOUND));
    })
    .await;
}

#[tokio::test]
async fn a_person_changes_what_others_see_and_keeps_the_rest() {
    for_each_engine(|test| async move {
        let made = committed_person(&test, "ada@example.com").await;
        let bob = committed_person(&test, "bob@example.com").await;
        test.clock.advance(Duration::from_hours(1));
        let picture = "https://example.com/ada.png".to_owned();
        let all = UserChange {
            display_name: Some(" Ada Lovelace ".to_owned()),
            photo_url: Some(Some(picture.clone())),
            bench_consent: Some(true),
        };
        let changed = change(&test, made.id, all).await.unwrap();
        let expected = User {
            display_name: "Ada Lovelace".to_owned(),
            photo_url: Some(picture),
            bench_consent: Some(true),
            updated_at: made.created_at.after(Duration::from_hours(1)),
            ..made.clone()
        };
        assert_eq!(changed, expected);
        assert_eq!(by_id(&test, made.id).await, expected);
        let no_picture = UserChange { photo_url: Some(None), ..UserChange::default() };
        let changed = change(&test, made.id, no_picture).await.unwrap();
        assert_eq!(changed, User { photo_url: None, ..expected });
        assert_eq!(by_id(&test, bob.id).await, bob);
    })
    .await;
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_or_says_nothing_changes_nothing() {
    for_each_engine(|test| async move {
        let made = committed_person(&test, "ada@example.com").await;
        test.clock.advance(Duration::from_hours(1));
        let picture = UserChange {
            display_name: Some("Ada Lovelace".to_owned()),
            photo_url: Some(Some("http://example.com/ada.png".to_owned())),
            bench_consent: Some(true),
        };
        let name = UserChange { display_name: Some("  ".to_owned()), ..UserChange::default() };
        for (wrong, field) in [(picture, "photoUrl"), (name, "displayName")] {
            let refused = change(&test, made.id, wrong).await.unwrap_err();
            assert_eq!((refused.code(), refused.get("field")), ("invalid_field", Some(field)));
        }
        assert_eq!(change(&test, made.id, UserChange::default()).await.unwrap(), made);
        assert_eq!(by_id(&test, made.id).await, made);
        let nobody = UserId::from_uuid(Uuid::nil());
        for nothing in [UserChange::default(), UserChange { bench_consent: Some(true), ..Default::default() }]
        {
            assert!(change(&test, nobody, nothing).await.unwrap_err().is(&error::USER_NOT_FOUND));
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_moves_to_an_address_that_is_nobodys_and_has_shown_it_is_its_own() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await;
        let bob = committed_person(&test, "bob@example.com").await;
        test.clock.advance(Duration::from_hours(1));
        let mut tx = test.db.begin().await.unwrap();
        let refused = SeaUsers.set_email(&mut tx, ada.id, email("BOB@example.com")).await.unwrap_err();
        assert!(refused.is(&error::EMAIL_TAKEN));
        // The transaction goes on: a refusal is no broken statement.
        let moved = SeaUsers.set_email(&mut tx, ada.id, email("Countess@example.com")).await.unwrap();
        let nobody = UserId::from_uuid(Uuid::nil());
        let refused = SeaUsers.set_email(&mut tx, nobody, email("x@example.com")).await.unwrap_err();
        assert!(refused.is(&error::USER_NOT_FOUND));
        tx.commit().await.unwrap();
        let now = test.db.reader().now();
        assert_eq!((moved.email.as_str(), moved.email_verified_at), ("Countess@example.com", Some(now)));
        assert_eq!(SeaUsers.by_email(test.db.reader(), &email("ada@example.com")).await.unwrap(), None);
        let found = SeaUsers.by_email(test.db.reader(), &email("countess@example.com")).await.unwrap();
        assert_eq!(found, Some(moved));
        assert_eq!(by_id(&test, bob.id).await, bob);
        let mut tx = test.db.begin().await.unwrap();
        let respelled = SeaUsers.set_email(&mut tx, ada.id, email("COUNTESS@example.com")).await.unwrap();
        assert_eq!(respelled.email.as_str(), "COUNTESS@example.com", "one's own address is not taken");
        tx.commit().await.unwrap();
        committed_person(&test, "ada@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn of_many_who_move_to_one_address_at_once_one_gets_it() {
    for_each_engine(|test| async move {
        let mut people = Vec::new();
        for number in 0..16 {
            people.push(committed_person(&test, &format!("{number}@example.com")).await.id);
        }
        let mut tries = JoinSet::new();
        for person in people {
            let db = test.db.clone();
            tries.spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let moved = SeaUsers.set_email(&mut tx, person, email("ada@example.com")).await;
                if moved.is_ok() {
                    tx.commit().await.unwrap();
                }
                moved.map_err(|refused| refused.code())
            });
        }
        let outcomes = tries.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err("email_taken")).count(), 15);
    })
    .await;
}

#[tokio::test]
async fn an_address_is_verified_once_and_only_while_it_is_the_persons() {
    for_each_engine(|test| async move {
        let made = committed_person(&test, "Ada@example.com").await;
        assert_eq!(made.email_verified_at, None);
        assert!(!verify(&test, made.id, "old@example.com").await);
        assert_eq!(by_id(&test, made.id).await, made);
        let first = test.db.reader().now();
        for _ in 0..2 {
            assert!(verify(&test, made.id, "ada@EXAMPLE.com").await);
            assert_eq!(by_id(&test, made.id).await.email_verified_at, Some(first));
            test.clock.advance(Duration::from_hours(1));
        }
        assert!(!verify(&test, UserId::from_uuid(Uuid::nil()), "ada@example.com").await);
    })
    .await;
}

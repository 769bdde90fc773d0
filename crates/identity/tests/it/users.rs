use std::time::Duration;

use bursar_identity::{NewUser, SeaUsers, Users, error};
use bursar_kernel::UserId;
use bursar_testkit::for_each_engine;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{committed_person, email, named, person};

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

use std::time::Duration;

use bursar_identity::{
    ExternalIdentities, ExternalIdentity, KnownIdentity, PersonLock, SeaExternalIdentities, SeaUsers, Users,
    error,
};
use bursar_kernel::{Db, Result, UserId, external_digest};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::{assert_nowhere_in_clear, committed_person};

const ISSUER: &str = "https://issuer.example";
const SUBJECT: &str = "user_2vPq6zVqf0Ns4KkqTn8bMGpD8Yk";

async fn link(db: &Db, user: UserId, issuer: &str, subject: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let linked = SeaExternalIdentities.link(&mut tx, user, issuer, subject).await?;
    tx.commit().await?;
    Ok(linked)
}

async fn known(test: &TestDb, issuer: &str, subject: &str) -> KnownIdentity {
    SeaExternalIdentities.by_subject(test.db.reader(), issuer, subject).await.unwrap()
}

/// As callers do.
async fn delete(test: &TestDb, user: UserId) {
    let mut tx = test.db.begin().await.unwrap();
    SeaUsers.lock(&mut tx, user, PersonLock::Goes).await.unwrap();
    SeaExternalIdentities.forget(&mut tx, user).await.unwrap();
    assert!(SeaUsers.erase(&mut tx, user).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_subject_of_an_issuer_is_one_person_and_the_same_subject_of_another_issuer_is_not() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::Nobody);
        assert!(link(&test.db, ada, ISSUER, SUBJECT).await.unwrap());
        let linked_at = test.db.reader().now();
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::User(ada));
        for (issuer, subject) in [
            ("https://issuer.example/", SUBJECT),
            ("https://other.example", SUBJECT),
            (ISSUER, "user_2vpq6zvqf0ns4kkqtn8bmgpd8yk"),
            ("https://issuer.exampl", "euser_2vPq6zVqf0Ns4KkqTn8bMGpD8Yk"),
        ] {
            assert_eq!(known(&test, issuer, subject).await, KnownIdentity::Nobody, "{issuer} {subject}");
        }
        assert!(!link(&test.db, bob, ISSUER, SUBJECT).await.unwrap(), "it is somebody's");
        assert!(!link(&test.db, ada, ISSUER, SUBJECT).await.unwrap());
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::User(ada));

        test.clock.advance(Duration::from_secs(1));
        assert!(link(&test.db, ada, "https://other.example", SUBJECT).await.unwrap());
        let of_ada = SeaExternalIdentities.of_user(test.db.reader(), ada).await.unwrap();
        let second = test.db.reader().now();
        assert_eq!(
            of_ada,
            [
                ExternalIdentity {
                    issuer: ISSUER.to_owned(),
                    digest: external_digest(ISSUER, SUBJECT),
                    linked_at
                },
                ExternalIdentity {
                    issuer: "https://other.example".to_owned(),
                    digest: external_digest("https://other.example", SUBJECT),
                    linked_at: second,
                },
            ]
        );
        assert_eq!(SeaExternalIdentities.of_user(test.db.reader(), bob).await.unwrap(), []);
        assert_nowhere_in_clear(&test, SUBJECT).await;
    })
    .await;
}

#[tokio::test]
async fn of_30_who_link_one_subject_at_once_exactly_one_has_it() {
    for_each_engine(|test| async move {
        let mut tries = JoinSet::new();
        for number in 0..30 {
            let user = committed_person(&test, &format!("person{number}@example.com")).await.id;
            let db = test.db.clone();
            tries.spawn(async move { link(&db, user, ISSUER, SUBJECT).await.unwrap().then_some(user) });
        }
        let winners: Vec<_> = tries.join_all().await.into_iter().flatten().collect();
        let [winner] = winners.as_slice() else { panic!("{winners:?}") };
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::User(*winner));
        assert_eq!(test.number("SELECT count(*) FROM identity_external_identity").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_person_leaves_word_that_there_was_somebody_and_the_subject_may_come_again() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        assert!(link(&test.db, ada, ISSUER, SUBJECT).await.unwrap());
        assert!(link(&test.db, bob, ISSUER, "bob").await.unwrap());
        test.clock.advance(Duration::from_mins(1));
        let at = test.db.reader().now();
        delete(&test, ada).await;
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::Forgotten { at });
        assert_eq!(known(&test, ISSUER, "bob").await, KnownIdentity::User(bob), "another's stays");
        assert_eq!(SeaExternalIdentities.of_user(test.db.reader(), ada).await.unwrap(), []);

        test.clock.advance(Duration::from_mins(1));
        assert!(link(&test.db, bob, ISSUER, SUBJECT).await.unwrap());
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::User(bob));
        let linked_at = test.db.reader().now();
        let of_bob = SeaExternalIdentities.of_user(test.db.reader(), bob).await.unwrap();
        assert_eq!(
            of_bob.last(),
            Some(&ExternalIdentity {
                issuer: ISSUER.to_owned(),
                digest: external_digest(ISSUER, SUBJECT),
                linked_at
            })
        );
    })
    .await;
}

#[tokio::test]
async fn of_30_who_take_over_a_forgotten_subject_at_once_exactly_one_has_it() {
    for_each_engine(|test| async move {
        let gone = committed_person(&test, "gone@example.com").await.id;
        assert!(link(&test.db, gone, ISSUER, SUBJECT).await.unwrap());
        delete(&test, gone).await;
        let mut tries = JoinSet::new();
        for number in 0..30 {
            let user = committed_person(&test, &format!("person{number}@example.com")).await.id;
            let db = test.db.clone();
            tries.spawn(async move { link(&db, user, ISSUER, SUBJECT).await.unwrap().then_some(user) });
        }
        let winners: Vec<_> = tries.join_all().await.into_iter().flatten().collect();
        let [winner] = winners.as_slice() else { panic!("{winners:?}") };
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::User(*winner));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_linked_to_somebody_who_was_deleted() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        delete(&test, ada).await;
        let refused = link(&test.db, ada, ISSUER, SUBJECT).await.unwrap_err();
        assert!(refused.is(&error::USER_NOT_FOUND), "{refused:?}");
        assert_eq!(known(&test, ISSUER, SUBJECT).await, KnownIdentity::Nobody);
    })
    .await;
}

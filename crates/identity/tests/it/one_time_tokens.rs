use std::time::Duration;

use bursar_identity::{OneTimeTokens, SeaOneTimeTokens, TokenHolder, TokenPurpose};
use bursar_kernel::{Db, Secret, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::{MOMENT, assert_nowhere_in_clear, committed_person, email};

async fn issue(db: &Db, user: UserId, purpose: TokenPurpose, address: &str) -> Secret<String> {
    let mut tx = db.begin().await.unwrap();
    let token = SeaOneTimeTokens.issue(&mut tx, user, purpose, &email(address)).await.unwrap();
    tx.commit().await.unwrap();
    token
}

async fn peek(test: &TestDb, purpose: TokenPurpose, token: &str) -> Option<TokenHolder> {
    SeaOneTimeTokens.peek(test.db.reader(), purpose, token).await.unwrap()
}

async fn redeem(db: &Db, purpose: TokenPurpose, token: &str) -> Option<TokenHolder> {
    let mut tx = db.begin().await.unwrap();
    let holder = SeaOneTimeTokens.redeem(&mut tx, purpose, token).await.unwrap();
    tx.commit().await.unwrap();
    holder
}

#[tokio::test]
async fn a_link_is_good_once_for_what_it_was_made_for() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        for purpose in TokenPurpose::ALL {
            let token = issue(&test.db, user, *purpose, "New@example.com").await;
            assert_eq!(token.expose().len(), 43, "256 bits");
            assert_nowhere_in_clear(&test, token.expose()).await;
            for other in TokenPurpose::ALL.iter().filter(|other| *other != purpose) {
                assert_eq!(peek(&test, *other, token.expose()).await, None);
                assert_eq!(redeem(&test.db, *other, token.expose()).await, None);
            }
            let holder = TokenHolder { user, email: email("New@example.com") };
            let before = test.dump().await;
            for _ in 0..2 {
                assert_eq!(peek(&test, *purpose, token.expose()).await, Some(holder.clone()));
            }
            assert_eq!(test.dump().await, before, "a look uses nothing up");
            assert_eq!(redeem(&test.db, *purpose, token.expose()).await, Some(holder));
            assert_eq!(redeem(&test.db, *purpose, token.expose()).await, None);
            assert_eq!(peek(&test, *purpose, token.expose()).await, None);
        }
        assert!(!test.dump().await.contains("New@"), "an address goes with its link");
    })
    .await;
}

#[tokio::test]
async fn a_link_is_good_until_the_instant_its_purpose_says() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        for (purpose, minutes) in [
            (TokenPurpose::ResetPassword, 60),
            (TokenPurpose::VerifyEmail, 24 * 60),
            (TokenPurpose::ChangeEmail, 60),
            (TokenPurpose::MagicLink, 15),
        ] {
            let token = issue(&test.db, user, purpose, "ada@example.com").await;
            let ends = test.db.reader().now().after(Duration::from_mins(minutes));
            test.clock.set(ends.before(MOMENT));
            assert!(peek(&test, purpose, token.expose()).await.is_some());
            test.clock.set(ends);
            assert_eq!(peek(&test, purpose, token.expose()).await, None);
            assert_eq!(redeem(&test.db, purpose, token.expose()).await, None);
        }
    })
    .await;
}

#[tokio::test]
async fn the_newest_link_of_a_person_and_purpose_is_the_only_one() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        let reset = TokenPurpose::ResetPassword;
        let old = issue(&test.db, ada, reset, "ada@example.com").await;
        let of_bob = issue(&test.db, bob, reset, "bob@example.com").await;
        let verify = issue(&test.db, ada, TokenPurpose::VerifyEmail, "ada@example.com").await;
        let new = issue(&test.db, ada, reset, "ada@example.com").await;
        assert_eq!(redeem(&test.db, reset, old.expose()).await, None);
        assert!(peek(&test, TokenPurpose::VerifyEmail, verify.expose()).await.is_some());
        assert_eq!(redeem(&test.db, reset, new.expose()).await.unwrap().user, ada);
        assert_eq!(redeem(&test.db, reset, of_bob.expose()).await.unwrap().user, bob);
    })
    .await;
}

#[tokio::test]
async fn of_links_that_are_asked_for_at_once_one_is_good() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let mut asked = JoinSet::new();
        for _ in 0..16 {
            let db = test.db.clone();
            asked.spawn(async move { issue(&db, user, TokenPurpose::MagicLink, "ada@example.com").await });
        }
        let mut good = 0;
        for token in asked.join_all().await {
            good += usize::from(peek(&test, TokenPurpose::MagicLink, token.expose()).await.is_some());
        }
        assert_eq!(good, 1);
    })
    .await;
}

#[tokio::test]
async fn of_64_who_follow_one_link_at_once_exactly_one_succeeds() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let token = issue(&test.db, user, TokenPurpose::MagicLink, "ada@example.com").await;
        let mut tries = JoinSet::new();
        for _ in 0..64 {
            let (db, token) = (test.db.clone(), token.clone());
            tries.spawn(async move { redeem(&db, TokenPurpose::MagicLink, token.expose()).await });
        }
        let outcomes = tries.join_all().await;
        assert_eq!(outcomes.iter().filter(|holder| holder.is_some()).count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_redemption_that_is_rolled_back_uses_nothing_up() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let token = issue(&test.db, user, TokenPurpose::ResetPassword, "ada@example.com").await;
        let mut tx = test.db.begin().await.unwrap();
        let purpose = TokenPurpose::ResetPassword;
        assert!(SeaOneTimeTokens.redeem(&mut tx, purpose, token.expose()).await.unwrap().is_some());
        tx.rollback().await.unwrap();
        assert!(redeem(&test.db, purpose, token.expose()).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn what_is_no_token_is_nobodys_and_changes_nothing() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let purpose = TokenPurpose::ResetPassword;
        let token = issue(&test.db, user, purpose, "ada@example.com").await;
        let before = test.dump().await;
        let stored = test.texts("SELECT token_hash FROM identity_one_time_token").await.remove(0);
        let lower = token.expose().to_lowercase();
        for wrong in ["", "🦀", stored.as_str(), &lower, &"A".repeat(43), &"A".repeat(100_000)] {
            assert_eq!(peek(&test, purpose, wrong).await, None, "{wrong}");
            assert_eq!(redeem(&test.db, purpose, wrong).await, None, "{wrong}");
        }
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn an_address_in_an_expired_link_goes_with_the_next_link_of_anybody() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        issue(&test.db, ada, TokenPurpose::ChangeEmail, "countess@example.com").await;
        let kept = issue(&test.db, ada, TokenPurpose::VerifyEmail, "ada@example.com").await;
        test.clock.advance(Duration::from_hours(1));
        assert!(test.dump().await.contains("countess"));
        issue(&test.db, bob, TokenPurpose::MagicLink, "bob@example.com").await;
        assert!(!test.dump().await.contains("countess"));
        assert!(peek(&test, TokenPurpose::VerifyEmail, kept.expose()).await.is_some());
    })
    .await;
}

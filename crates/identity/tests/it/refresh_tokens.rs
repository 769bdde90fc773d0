use bursar_identity::{
    NewSession, REFRESH_TOKEN_LIFETIME, RefreshTokens, Rotation, SeaRefreshTokens, SeaSessions, Session,
    SessionKind, Sessions,
};
use bursar_kernel::{Db, Secret, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::{MOMENT, assert_nowhere_in_clear, committed_person};

async fn signed_in(test: &TestDb, user: UserId) -> (Session, Secret<String>) {
    let mut tx = test.db.begin().await.unwrap();
    let session = SeaSessions.open(&mut tx, NewSession::new(user, SessionKind::Token)).await.unwrap().session;
    let token = SeaRefreshTokens.issue(&mut tx, &session).await.unwrap();
    tx.commit().await.unwrap();
    (session, token)
}

async fn rotate(db: &Db, token: &str) -> Rotation {
    let mut tx = db.begin().await.unwrap();
    let rotation = SeaRefreshTokens.rotate(&mut tx, token).await.unwrap();
    tx.commit().await.unwrap();
    rotation
}

async fn rotated(db: &Db, token: &Secret<String>) -> (Session, Secret<String>) {
    match rotate(db, token.expose()).await {
        Rotation::Rotated { session, token } => (session, token),
        other => panic!("{other:?}"),
    }
}

async fn is_live(test: &TestDb, session: &Session) -> bool {
    SeaSessions.by_id(test.db.reader(), session.id).await.unwrap().is_some()
}

#[tokio::test]
async fn each_use_keeps_the_session_open_and_hands_out_the_next_token() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (opened, mut token) = signed_in(&test, user).await;
        for _ in 0..3 {
            assert_nowhere_in_clear(&test, token.expose()).await;
            test.clock.advance(REFRESH_TOKEN_LIFETIME.checked_sub(MOMENT).unwrap());
            let (session, next) = rotated(&test.db, &token).await;
            assert_eq!((session.id, session.user, session.created_at), (opened.id, user, opened.created_at));
            assert_eq!(session.expires_at, test.db.reader().now().after(REFRESH_TOKEN_LIFETIME));
            assert_ne!(next.expose(), token.expose());
            token = next;
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_that_comes_twice_ends_its_whole_family_and_no_other() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (session, stolen) = signed_in(&test, user).await;
        let (other_session, other) = signed_in(&test, user).await;
        let (_, second) = rotated(&test.db, &stolen).await;
        let (_, third) = rotated(&test.db, &second).await;
        match rotate(&test.db, stolen.expose()).await {
            Rotation::Reused { user: whose, session: which } => {
                assert_eq!((whose, which), (user, session.id));
            }
            unexpected => panic!("{unexpected:?}"),
        }
        assert!(!is_live(&test, &session).await);
        for token in [&stolen, &second, &third] {
            assert!(matches!(rotate(&test.db, token.expose()).await, Rotation::Unknown));
        }
        assert!(is_live(&test, &other_session).await);
        rotated(&test.db, &other).await;
    })
    .await;
}

#[tokio::test]
async fn a_reuse_that_is_rolled_back_ends_nothing() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (session, token) = signed_in(&test, user).await;
        let (_, next) = rotated(&test.db, &token).await;
        let before = test.dump().await;
        let mut tx = test.db.begin().await.unwrap();
        assert!(matches!(
            SeaRefreshTokens.rotate(&mut tx, token.expose()).await.unwrap(),
            Rotation::Reused { .. }
        ));
        tx.rollback().await.unwrap();
        assert_eq!(test.dump().await, before);
        assert!(is_live(&test, &session).await);
        rotated(&test.db, &next).await;
    })
    .await;
}

#[tokio::test]
async fn of_64_parallel_uses_of_one_token_exactly_one_succeeds() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (session, token) = signed_in(&test, user).await;
        let mut tries = JoinSet::new();
        for _ in 0..64 {
            let (db, token) = (test.db.clone(), token.clone());
            tries.spawn(async move { rotate(&db, token.expose()).await });
        }
        let outcomes = tries.join_all().await;
        let count = |wanted: fn(&Rotation) -> bool| outcomes.iter().filter(|outcome| wanted(outcome)).count();
        assert_eq!(count(|outcome| matches!(outcome, Rotation::Rotated { .. })), 1);
        assert_eq!(count(|outcome| matches!(outcome, Rotation::Reused { .. })), 1, "one ends the family");
        assert!(!is_live(&test, &session).await);
        assert_eq!(test.number("SELECT count(*) FROM identity_refresh_token").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_token_ends_with_its_session_however_that_ended() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (one, token_of_one) = signed_in(&test, user).await;
        let (_, token_of_other) = signed_in(&test, user).await;
        let mut tx = test.db.begin().await.unwrap();
        assert!(SeaSessions.end(&mut tx, user, one.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(matches!(rotate(&test.db, token_of_one.expose()).await, Rotation::Unknown));
        let mut tx = test.db.begin().await.unwrap();
        assert_eq!(SeaSessions.end_all(&mut tx, user).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert!(matches!(rotate(&test.db, token_of_other.expose()).await, Rotation::Unknown));
    })
    .await;
}

#[tokio::test]
async fn signing_out_wins_over_a_refresh_that_runs_beside_it() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        for _ in 0..16 {
            let (session, token) = signed_in(&test, user).await;
            let (db, id) = (test.db.clone(), session.id);
            let refresh = tokio::spawn(async move { rotate(&db, token.expose()).await });
            let mut tx = test.db.begin().await.unwrap();
            assert!(SeaSessions.end(&mut tx, user, id).await.unwrap());
            tx.commit().await.unwrap();
            if let Rotation::Rotated { token, .. } = refresh.await.unwrap() {
                assert!(matches!(rotate(&test.db, token.expose()).await, Rotation::Unknown));
            }
            assert!(!is_live(&test, &session).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_that_expired_or_never_was_is_unknown_and_changes_nothing() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (session, token) = signed_in(&test, user).await;
        let before = test.dump().await;
        let stored = test.texts("SELECT token_hash FROM identity_refresh_token").await.remove(0);
        for wrong in ["", "🦀", stored.as_str(), &"A".repeat(43), &"A".repeat(100_000)] {
            assert!(matches!(rotate(&test.db, wrong).await, Rotation::Unknown), "{wrong}");
        }
        test.clock.set(session.expires_at);
        assert!(matches!(rotate(&test.db, token.expose()).await, Rotation::Unknown));
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_family_keeps_no_token_that_has_expired() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (_, mut token) = signed_in(&test, user).await;
        for _ in 0..6 {
            test.clock.advance(REFRESH_TOKEN_LIFETIME / 2);
            token = rotated(&test.db, &token).await.1;
        }
        assert_eq!(test.number("SELECT count(*) FROM identity_refresh_token").await, 2);
    })
    .await;
}

use bursar_identity::{
    COOKIE_LIFETIME, OpenedSession, REFRESH_TOKEN_LIFETIME, SeaSessions, SessionKind, Sessions,
};
use bursar_kernel::UserId;
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::{MOMENT, assert_nowhere_in_clear, committed_person};

async fn open(test: &TestDb, user: UserId, kind: SessionKind) -> OpenedSession {
    let mut tx = test.db.begin().await.unwrap();
    let opened = SeaSessions.open(&mut tx, user, kind).await.unwrap();
    tx.commit().await.unwrap();
    opened
}

async fn is_live(test: &TestDb, opened: &OpenedSession) -> bool {
    let found = SeaSessions.by_id(test.db.reader(), opened.session.id).await.unwrap();
    if let Some(cookie) = &opened.cookie {
        let by_cookie = SeaSessions.by_cookie(test.db.reader(), cookie.expose()).await.unwrap();
        assert_eq!(by_cookie, found, "a session is live by its cookie exactly while it is by its identifier");
    }
    found.is_some_and(|found| found == opened.session)
}

#[tokio::test]
async fn a_cookie_opens_its_session_and_only_its_digest_is_kept() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let opened = open(&test, user, SessionKind::Cookie).await;
        assert!(is_live(&test, &opened).await);
        let cookie = opened.cookie.unwrap();
        assert_eq!(cookie.expose().len(), 43, "256 bits");
        assert_nowhere_in_clear(&test, cookie.expose()).await;
        let stored = test.texts("SELECT cookie_hash FROM identity_session").await.remove(0);
        for wrong in
            ["", "x", stored.as_str(), &cookie.expose().to_lowercase(), &format!("{} ", cookie.expose())]
        {
            assert_eq!(SeaSessions.by_cookie(test.db.reader(), wrong).await.unwrap(), None, "{wrong}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_of_tokens_has_no_cookie() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let opened = open(&test, user, SessionKind::Token).await;
        assert!(opened.cookie.is_none());
        assert!(is_live(&test, &opened).await);
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_by_itself_at_the_instant_it_says() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        for (kind, lifetime) in
            [(SessionKind::Cookie, COOKIE_LIFETIME), (SessionKind::Token, REFRESH_TOKEN_LIFETIME)]
        {
            let opened = open(&test, user, kind).await;
            assert_eq!(opened.session.expires_at, opened.session.created_at.after(lifetime));
            test.clock.set(opened.session.expires_at.before(MOMENT));
            assert!(is_live(&test, &opened).await);
            test.clock.set(opened.session.expires_at);
            assert!(!is_live(&test, &opened).await);
            let mut tx = test.db.begin().await.unwrap();
            assert!(!SeaSessions.end(&mut tx, user, opened.session.id).await.unwrap(), "it has ended");
        }
    })
    .await;
}

#[tokio::test]
async fn ending_a_session_ends_that_one_and_says_so_once() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let (ended, kept) =
            (open(&test, user, SessionKind::Cookie).await, open(&test, user, SessionKind::Cookie).await);
        let mut tx = test.db.begin().await.unwrap();
        assert!(SeaSessions.end(&mut tx, user, ended.session.id).await.unwrap());
        assert!(!SeaSessions.end(&mut tx, user, ended.session.id).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!is_live(&test, &ended).await);
        assert!(is_live(&test, &kept).await);
    })
    .await;
}

#[tokio::test]
async fn nobody_ends_a_strangers_session() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let eve = committed_person(&test, "eve@example.com").await.id;
        let opened = open(&test, ada, SessionKind::Token).await;
        let mut tx = test.db.begin().await.unwrap();
        assert!(!SeaSessions.end(&mut tx, eve, opened.session.id).await.unwrap());
        assert_eq!(SeaSessions.end_all(&mut tx, eve).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert!(is_live(&test, &opened).await);
    })
    .await;
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_live_session_of_the_person_once() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        let mut opened = Vec::new();
        for kind in [SessionKind::Cookie, SessionKind::Token, SessionKind::Cookie] {
            opened.push(open(&test, ada, kind).await);
        }
        let of_bob = open(&test, bob, SessionKind::Cookie).await;
        let mut endings = JoinSet::new();
        for _ in 0..8 {
            let db = test.db.clone();
            endings.spawn(async move {
                let mut tx = db.begin().await.unwrap();
                let ended = SeaSessions.end_all(&mut tx, ada).await.unwrap();
                tx.commit().await.unwrap();
                ended
            });
        }
        assert_eq!(endings.join_all().await.into_iter().sum::<u64>(), 3);
        for opened in &opened {
            assert!(!is_live(&test, opened).await);
        }
        assert!(is_live(&test, &of_bob).await);
    })
    .await;
}

use std::time::Duration;

use bursar_identity::{
    COOKIE_LIFETIME, MAX_LIVE_SESSIONS, NewSession, OpenedSession, REFRESH_TOKEN_LIFETIME, SeaSessions,
    Session, SessionId, SessionKind, Sessions,
};
use bursar_kernel::UserId;
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;

use crate::{MOMENT, assert_nowhere_in_clear, committed_person};

async fn open(test: &TestDb, user: UserId, kind: SessionKind) -> OpenedSession {
    let mut tx = test.db.begin().await.unwrap();
    let opened = SeaSessions.open(&mut tx, NewSession::new(user, kind)).await.unwrap();
    tx.commit().await.unwrap();
    opened
}

async fn listed(test: &TestDb, user: UserId) -> Vec<Session> {
    SeaSessions.of_user(test.db.reader(), user).await.unwrap()
}

async fn ids_listed(test: &TestDb, user: UserId) -> Vec<SessionId> {
    listed(test, user).await.into_iter().map(|session| session.id).collect()
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

#[tokio::test]
async fn a_person_sees_where_it_is_signed_in_the_newest_first() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        let first = open(&test, ada, SessionKind::Cookie).await.session;
        open(&test, bob, SessionKind::Cookie).await;
        test.clock.advance(Duration::from_hours(1));
        let new = NewSession {
            ip: Some("2001:db8::7".to_owned()),
            user_agent: Some(format!("Lynx\r\n{}", "x".repeat(1000))),
            ..NewSession::new(ada, SessionKind::Token)
        };
        let mut tx = test.db.begin().await.unwrap();
        let second = SeaSessions.open(&mut tx, new).await.unwrap().session;
        tx.commit().await.unwrap();
        assert_eq!(second.ip.as_deref(), Some("2001:db8::7"));
        assert_eq!(second.user_agent, Some(format!("Lynx{}", "x".repeat(252))));
        assert_eq!((first.ip.as_deref(), first.user_agent.as_deref()), (None, None));
        assert_eq!(listed(&test, ada).await, [second.clone(), first.clone()]);
        test.clock.set(first.expires_at);
        assert_eq!(listed(&test, ada).await, [second], "what has ended is not listed");
    })
    .await;
}

#[tokio::test]
async fn one_session_too_many_ends_the_oldest() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        let of_bob = open(&test, bob, SessionKind::Cookie).await;
        let mut opened = Vec::new();
        for _ in 0..MAX_LIVE_SESSIONS {
            test.clock.advance(MOMENT);
            opened.push(open(&test, ada, SessionKind::Cookie).await);
        }
        assert!(is_live(&test, &opened[0]).await);
        for ended in 0..3 {
            test.clock.advance(MOMENT);
            opened.push(open(&test, ada, SessionKind::Token).await);
            assert!(!is_live(&test, &opened[ended]).await);
            assert!(is_live(&test, &opened[ended + 1]).await);
        }
        let newest_first: Vec<_> = opened[3..].iter().rev().map(|opened| opened.session.id).collect();
        assert_eq!(ids_listed(&test, ada).await, newest_first);
        assert!(is_live(&test, &of_bob).await);
    })
    .await;
}

#[tokio::test]
async fn whoever_had_more_sessions_than_there_may_be_keeps_the_newest() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let ended = open(&test, user, SessionKind::Cookie).await;
        let mut tx = test.db.begin().await.unwrap();
        SeaSessions.end(&mut tx, user, ended.session.id).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..MAX_LIVE_SESSIONS + 3 {
            test.clock.advance(MOMENT);
            open(&test, user, SessionKind::Cookie).await;
        }
        // As it was before there was a limit.
        test.execute("UPDATE identity_session SET ended_at = NULL").await.unwrap();
        let newest = open(&test, user, SessionKind::Cookie).await;
        let live = test.number("SELECT count(*) FROM identity_session WHERE ended_at IS NULL").await;
        assert_eq!(live, 100);
        assert_eq!(ids_listed(&test, user).await[0], newest.session.id);
    })
    .await;
}

#[tokio::test]
async fn signing_out_elsewhere_ends_all_sessions_but_this_one() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await.id;
        let of_bob = open(&test, bob, SessionKind::Cookie).await;
        let other = open(&test, ada, SessionKind::Token).await;
        let kept = open(&test, ada, SessionKind::Cookie).await;
        open(&test, ada, SessionKind::Cookie).await;
        let mut tx = test.db.begin().await.unwrap();
        assert_eq!(SeaSessions.end_others(&mut tx, ada, kept.session.id).await.unwrap(), 2);
        assert_eq!(SeaSessions.end_others(&mut tx, ada, kept.session.id).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(listed(&test, ada).await, std::slice::from_ref(&kept.session));
        assert!(is_live(&test, &kept).await && is_live(&test, &of_bob).await);
        assert!(!is_live(&test, &other).await);
    })
    .await;
}

#[tokio::test]
async fn a_person_who_proves_itself_again_has_done_so_in_that_session_alone() {
    for_each_engine(|test| async move {
        let ada = committed_person(&test, "ada@example.com").await.id;
        let eve = committed_person(&test, "eve@example.com").await.id;
        let (one, other) =
            (open(&test, ada, SessionKind::Cookie).await, open(&test, ada, SessionKind::Token).await);
        assert_eq!(one.session.proved_at, one.session.created_at, "to sign in is a proof");
        test.clock.advance(Duration::from_hours(1));
        let now = test.db.reader().now();
        let mut tx = test.db.begin().await.unwrap();
        assert!(!SeaSessions.prove(&mut tx, eve, one.session.id).await.unwrap(), "not a stranger's");
        assert!(SeaSessions.prove(&mut tx, ada, one.session.id).await.unwrap());
        tx.commit().await.unwrap();
        let proved = SeaSessions.by_id(test.db.reader(), one.session.id).await.unwrap().unwrap();
        assert_eq!((proved.proved_at, proved.created_at), (now, one.session.created_at));
        assert_eq!(proved.expires_at, one.session.expires_at, "it lasts no longer for it");
        assert!(is_live(&test, &other).await, "the other one is as it was");
        test.clock.set(one.session.expires_at);
        let mut tx = test.db.begin().await.unwrap();
        assert!(!SeaSessions.prove(&mut tx, ada, one.session.id).await.unwrap(), "it has ended");
    })
    .await;
}

#[tokio::test]
async fn a_session_from_before_proofs_were_recorded_was_proved_when_it_was_opened() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let opened = open(&test, user, SessionKind::Cookie).await;
        test.clock.advance(Duration::from_hours(1));
        test.execute("UPDATE identity_session SET proved_at = NULL").await.unwrap();
        assert!(is_live(&test, &opened).await, "and is the same in everything");
    })
    .await;
}

use std::time::Duration;

use bursar_identity::{
    AuthorizationCodes, CodeRedemption, Credentials, ExternalIdentities, FactorState, KnownIdentity,
    MIN_MEMORY_KIB, NewAuthorizationCode, NewSession, OneTimeTokens, OpenedSession, Password, Passwords,
    RefreshTokens, Rotation, SeaAuthorizationCodes, SeaCredentials, SeaExternalIdentities, SeaOneTimeTokens,
    SeaRefreshTokens, SeaSecondFactors, SeaSessions, SeaUsers, SecondFactors, SessionKind, Sessions,
    TokenPurpose, UserChange, Users, error,
};
use bursar_kernel::{Db, MasterKey, Result, Sealer, Secret, Tx, UserId};
use bursar_testkit::{TestDb, for_each_engine, on_postgres};

use crate::{committed_person, email};

/// By which the people of these tests come too, known there by their address.
const ISSUER: &str = "https://issuer.example";

fn factors() -> SeaSecondFactors {
    SeaSecondFactors::new(Sealer::new(&MasterKey::from_bytes([1; 32]), &[]))
}

/// All that is done when somebody goes, in the order that the services ask for.
async fn delete(tx: &mut Tx, user: UserId) -> Result<bool> {
    SeaCredentials.forget(tx, user).await?;
    SeaOneTimeTokens.forget(tx, user).await?;
    SeaAuthorizationCodes.forget(tx, user).await?;
    SeaExternalIdentities.forget(tx, user).await?;
    factors().remove(tx, user).await?;
    let erased = SeaUsers.erase(tx, user).await?;
    SeaSessions.forget(tx, user).await?;
    Ok(erased)
}

async fn deleted(test: &TestDb, user: UserId) -> bool {
    let mut tx = test.db.begin().await.unwrap();
    let erased = delete(&mut tx, user).await.unwrap();
    tx.commit().await.unwrap();
    erased
}

/// Everything by which somebody can be let in.
struct Credited {
    cookie: OpenedSession,
    refresh: Secret<String>,
    code: Secret<String>,
    link: Secret<String>,
}

async fn credited(test: &TestDb, user: UserId, address: &str) -> Credited {
    let passwords = Passwords::new(1, MIN_MEMORY_KIB);
    let password = Password::new("correct horse".to_owned()).unwrap();
    let hash = passwords.hash(test.db.entropy().as_ref(), password).await.unwrap();
    let mut tx = test.db.begin().await.unwrap();
    SeaCredentials.set_password(&mut tx, user, &hash).await.unwrap();
    let new = NewSession {
        ip: Some("192.0.2.77".to_owned()),
        user_agent: Some("Lynx of Ada".to_owned()),
        ..NewSession::new(user, SessionKind::Cookie)
    };
    let cookie = SeaSessions.open(&mut tx, new.clone()).await.unwrap();
    let ended = SeaSessions.open(&mut tx, new).await.unwrap().session.id;
    assert!(SeaSessions.end(&mut tx, user, ended).await.unwrap());
    let opened = SeaSessions.open(&mut tx, NewSession::new(user, SessionKind::Token)).await.unwrap();
    let refresh = SeaRefreshTokens.issue(&mut tx, &opened.session).await.unwrap();
    let redirect_uri = "http://127.0.0.1:1/".to_owned();
    let new = NewAuthorizationCode { user, redirect_uri, code_challenge: None, proved_at: tx.now() };
    let code = SeaAuthorizationCodes.issue(&mut tx, new).await.unwrap();
    let link = SeaOneTimeTokens.issue(&mut tx, user, TokenPurpose::MagicLink, &email(address)).await.unwrap();
    factors().begin(&mut tx, user, "Bursar", address).await.unwrap();
    assert!(SeaExternalIdentities.link(&mut tx, user, ISSUER, address).await.unwrap());
    tx.commit().await.unwrap();
    Credited { cookie, refresh, code, link }
}

#[tokio::test]
async fn a_deleted_person_is_not_found_and_nothing_lets_it_in() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let bob = committed_person(&test, "bob@example.com").await;
        let Credited { cookie, refresh, code, link } = credited(&test, user, "ada@example.com").await;
        let of_bob = credited(&test, bob.id, "bob@example.com").await;
        assert!(deleted(&test, user).await);

        let reader = test.db.reader();
        assert_eq!(SeaUsers.by_id(reader, user).await.unwrap(), None);
        assert_eq!(SeaUsers.by_email(reader, &email("ada@example.com")).await.unwrap(), None);
        assert_eq!(SeaUsers.by_ids(reader, &[user, bob.id]).await.unwrap(), std::slice::from_ref(&bob));
        assert_eq!(SeaCredentials.password(reader, user).await.unwrap(), None);
        assert_eq!(SeaSessions.by_cookie(reader, cookie.cookie.unwrap().expose()).await.unwrap(), None);
        assert_eq!(SeaSessions.of_user(reader, user).await.unwrap(), []);
        assert_eq!(factors().state(reader, user).await.unwrap(), FactorState::Off);
        let known = SeaExternalIdentities.by_subject(reader, ISSUER, "ada@example.com").await.unwrap();
        assert_eq!(known, KnownIdentity::Forgotten { at: reader.now() });
        let mut tx = test.db.begin().await.unwrap();
        let rotation = SeaRefreshTokens.rotate(&mut tx, refresh.expose()).await.unwrap();
        assert!(matches!(rotation, Rotation::Unknown));
        let redemption =
            SeaAuthorizationCodes.redeem(&mut tx, code.expose(), "http://127.0.0.1:1/", None).await.unwrap();
        assert_eq!(redemption, CodeRedemption::Unknown);
        let followed =
            SeaOneTimeTokens.redeem(&mut tx, TokenPurpose::MagicLink, link.expose()).await.unwrap();
        assert_eq!(followed, None);

        let reader = test.db.reader();
        assert!(SeaCredentials.password(reader, bob.id).await.unwrap().is_some());
        let cookie = of_bob.cookie.cookie.unwrap();
        assert!(SeaSessions.by_cookie(reader, cookie.expose()).await.unwrap().is_some());
        assert_eq!(factors().state(reader, bob.id).await.unwrap(), FactorState::Pending);
        let known = SeaExternalIdentities.by_subject(reader, ISSUER, "bob@example.com").await.unwrap();
        assert_eq!(known, KnownIdentity::User(bob.id));
        let followed =
            SeaOneTimeTokens.peek(reader, TokenPurpose::MagicLink, of_bob.link.expose()).await.unwrap();
        assert!(followed.is_some());
    })
    .await;
}

#[tokio::test]
async fn nothing_personal_stays_and_the_address_is_free() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada.lovelace@example.com").await.id;
        credited(&test, user, "ada.lovelace@example.com").await;
        let mut tx = test.db.begin().await.unwrap();
        let change = UserChange {
            display_name: Some("Augusta".to_owned()),
            photo_url: Some(Some("https://example.com/countess.png".to_owned())),
            bench_consent: Some(true),
        };
        SeaUsers.update(&mut tx, user, change).await.unwrap();
        assert!(SeaUsers.verify_email(&mut tx, user, &email("ada.lovelace@example.com")).await.unwrap());
        tx.commit().await.unwrap();
        assert!(deleted(&test, user).await);
        let dump = test.dump().await;
        for personal in ["lovelace", "example.com", "Augusta", "countess", "192.0.2.77", "Lynx"] {
            assert!(!dump.contains(personal), "{personal} in {dump}");
        }
        let kept = test.texts("SELECT email FROM identity_user").await;
        assert_eq!(kept, [format!("{user}@erased.invalid")]);
        let consents =
            "SELECT count(*) FROM identity_user WHERE bench_consent IS NULL AND email_verified_at IS NULL";
        assert_eq!(test.number(consents).await, 1);
        let other = committed_person(&test, "ada.lovelace@example.com").await;
        assert_ne!(other.id, user);
    })
    .await;
}

#[tokio::test]
async fn somebody_is_deleted_once_and_for_good() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        assert!(deleted(&test, user).await);
        let before = test.dump().await;
        test.clock.advance(Duration::from_hours(1));
        assert!(!deleted(&test, user).await);
        let mut tx = test.db.begin().await.unwrap();
        let again = email("ada@example.com");
        let name = UserChange { display_name: Some("Ada".to_owned()), ..UserChange::default() };
        assert!(SeaUsers.update(&mut tx, user, name).await.unwrap_err().is(&error::USER_NOT_FOUND));
        assert!(
            SeaUsers.set_email(&mut tx, user, again.clone()).await.unwrap_err().is(&error::USER_NOT_FOUND)
        );
        assert!(SeaUsers.accept_terms(&mut tx, user).await.unwrap_err().is(&error::USER_NOT_FOUND));
        assert!(!SeaUsers.verify_email(&mut tx, user, &again).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn a_deletion_that_is_rolled_back_takes_nothing() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        credited(&test, user, "ada@example.com").await;
        let before = test.dump().await;
        let mut tx = test.db.begin().await.unwrap();
        assert!(delete(&mut tx, user).await.unwrap());
        tx.rollback().await.unwrap();
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_made_for_a_deleted_person() {
    for_each_engine(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let passwords = Passwords::new(1, MIN_MEMORY_KIB);
        let password = Password::new("correct horse".to_owned()).unwrap();
        let hash = passwords.hash(test.db.entropy().as_ref(), password).await.unwrap();
        assert!(deleted(&test, user).await);
        let before = test.dump().await;
        let address = email("ada@example.com");
        let mut tx = test.db.begin().await.unwrap();
        let opened = SeaSessions.open(&mut tx, NewSession::new(user, SessionKind::Cookie)).await;
        assert!(opened.unwrap_err().is(&error::USER_NOT_FOUND));
        let set = SeaCredentials.set_password(&mut tx, user, &hash).await;
        assert!(set.unwrap_err().is(&error::USER_NOT_FOUND));
        let issued = SeaOneTimeTokens.issue(&mut tx, user, TokenPurpose::ResetPassword, &address).await;
        assert!(issued.unwrap_err().is(&error::USER_NOT_FOUND));
        let begun = factors().begin(&mut tx, user, "Bursar", "ada").await;
        assert!(begun.unwrap_err().is(&error::USER_NOT_FOUND));
        tx.rollback().await.unwrap();
        assert_eq!(test.dump().await, before);
    })
    .await;
}

/// A sign-in as operations do it: the person is looked up, and then the session is opened.
async fn sign_in(db: &Db, address: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    let Some(user) = SeaUsers.by_email(tx.reader(), &email(address)).await? else {
        return Ok(());
    };
    SeaSessions.open(&mut tx, NewSession::new(user.id, SessionKind::Cookie)).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_sign_in_that_runs_beside_a_deletion_leaves_no_session_open() {
    for_each_engine(|test| async move {
        for number in 0..16 {
            let address = format!("{number}@example.com");
            let user = committed_person(&test, &address).await.id;
            let signing_in: Vec<_> = (0..4)
                .map(|_| {
                    let (db, address) = (test.db.clone(), address.clone());
                    tokio::spawn(async move { sign_in(&db, &address).await })
                })
                .collect();
            tokio::task::yield_now().await;
            assert!(deleted(&test, user).await);
            for outcome in signing_in {
                if let Err(refused) = outcome.await.unwrap() {
                    assert!(refused.is(&error::USER_NOT_FOUND), "{refused:?}");
                }
            }
            assert_eq!(SeaSessions.of_user(test.db.reader(), user).await.unwrap(), []);
        }
    })
    .await;
}

/// SQLite has one writer: there neither can be half done when the other begins.
#[tokio::test]
async fn a_sign_in_and_a_deletion_that_overlap_wait_for_each_other() {
    on_postgres(|test| async move {
        let user = committed_person(&test, "ada@example.com").await.id;
        let new = || NewSession::new(user, SessionKind::Cookie);
        let (mut first, mut deletion) = (test.db.begin().await.unwrap(), test.db.begin().await.unwrap());
        let mut second = test.db.begin().await.unwrap();
        SeaSessions.open(&mut first, new()).await.unwrap();
        let (erased, committed) = tokio::join!(delete(&mut deletion, user), first.commit());
        committed.unwrap();
        assert!(erased.unwrap());
        let (refused, committed) = tokio::join!(SeaSessions.open(&mut second, new()), deletion.commit());
        committed.unwrap();
        assert!(refused.unwrap_err().is(&error::USER_NOT_FOUND));
        second.rollback().await.unwrap();
        let live = "SELECT count(*) FROM identity_session WHERE ended_at IS NULL";
        assert_eq!(test.number(live).await, 0);
    })
    .await;
}

use bursar_identity::{Credentials, MIN_MEMORY_KIB, Password, PasswordHash, Passwords, SeaCredentials};
use bursar_kernel::{Secret, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use uuid::Uuid;

use crate::{assert_nowhere_in_clear, committed_person};

async fn hash(test: &TestDb, passwords: &Passwords, chosen: &str) -> PasswordHash {
    passwords.hash(test.db.entropy().as_ref(), Password::new(chosen.to_owned()).unwrap()).await.unwrap()
}

async fn set(test: &TestDb, user: UserId, hash: &PasswordHash) {
    let mut tx = test.db.begin().await.unwrap();
    SeaCredentials.set_password(&mut tx, user, hash).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_new_password_takes_the_place_of_the_old_one_and_neither_is_kept_in_clear() {
    for_each_engine(|test| async move {
        let passwords = Passwords::new(2, MIN_MEMORY_KIB);
        let user = committed_person(&test, "ada@example.com").await.id;
        assert_eq!(SeaCredentials.password(test.db.reader(), user).await.unwrap(), None);
        for text in ["correct horse", "battery staple"] {
            set(&test, user, &hash(&test, &passwords, text).await).await;
            assert_nowhere_in_clear(&test, text).await;
        }
        let known = SeaCredentials.password(test.db.reader(), user).await.unwrap();
        let is_right =
            async |text: &str| passwords.verify(known.as_ref(), Secret::new(text.to_owned())).await.unwrap();
        assert!(is_right("battery staple").await);
        assert!(!is_right("correct horse").await);
        assert_eq!(test.number("SELECT count(*) FROM identity_password").await, 1);
    })
    .await;
}

#[tokio::test]
async fn one_persons_password_is_not_anothers() {
    for_each_engine(|test| async move {
        let passwords = Passwords::new(2, MIN_MEMORY_KIB);
        let (ada, bob) = (
            committed_person(&test, "ada@example.com").await,
            committed_person(&test, "bob@example.com").await,
        );
        set(&test, ada.id, &hash(&test, &passwords, "correct horse").await).await;
        assert_eq!(SeaCredentials.password(test.db.reader(), bob.id).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn nobody_has_no_password() {
    for_each_engine(|test| async move {
        let hash = hash(&test, &Passwords::new(1, MIN_MEMORY_KIB), "correct horse").await;
        let mut tx = test.db.begin().await.unwrap();
        let nobody = UserId::from_uuid(Uuid::nil());
        assert!(SeaCredentials.set_password(&mut tx, nobody, &hash).await.is_err());
    })
    .await;
}

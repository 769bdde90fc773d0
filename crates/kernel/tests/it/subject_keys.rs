use bursar_kernel::{MasterKey, Sealer, SubjectKeys};
use bursar_testkit::for_each_engine;
use uuid::Uuid;

#[tokio::test]
async fn what_was_sealed_about_a_person_is_gone_with_the_persons_key() {
    for_each_engine(|test| async move {
        let keys = SubjectKeys::new(Sealer::new(&MasterKey::from_bytes([7; 32]), &[]));
        let (ada, grace) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut tx = test.db.begin().await.unwrap();
        let (first, second) = (
            keys.seal(&mut tx, ada, "ada@one").await.unwrap(),
            keys.seal(&mut tx, ada, "ada@two").await.unwrap(),
        );
        let other = keys.seal(&mut tx, grace, "grace@one").await.unwrap();
        tx.commit().await.unwrap();

        let opened = keys.open(test.db.reader(), ada, &first).await.unwrap();
        assert_eq!(opened.as_deref(), Some("ada@one"));
        assert!(
            keys.open(test.db.reader(), grace, &first).await.is_err(),
            "another person's key does not open it"
        );
        assert!(!test.dump().await.contains("ada@"));

        let mut tx = test.db.begin().await.unwrap();
        keys.destroy(&mut tx, ada).await.unwrap();
        tx.commit().await.unwrap();
        for sealed in [&first, &second] {
            assert_eq!(keys.open(test.db.reader(), ada, sealed).await.unwrap(), None);
        }
        let opened = keys.open(test.db.reader(), grace, &other).await.unwrap();
        assert_eq!(opened.as_deref(), Some("grace@one"));
    })
    .await;
}

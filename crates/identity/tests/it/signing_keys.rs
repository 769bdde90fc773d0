use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bursar_identity::{
    AccessClaims, AccessTokens, KeyRing, PublicKey, SeaSigningKeys, SessionId, SigningKey, SigningKeyId,
    SigningKeys, error,
};
use bursar_kernel::{MasterKey, Reader, Result, Sealer, Tx, UserId};
use bursar_testkit::{TestDb, for_each_engine};
use tokio::task::JoinSet;
use uuid::Uuid;

const HOUR: Duration = Duration::from_hours(1);
/// How long a transaction that was open at a rotation may go on signing.
const GRACE: Duration = Duration::from_mins(5);

fn keys() -> SeaSigningKeys {
    SeaSigningKeys::new(Sealer::new(&MasterKey::from_bytes([1; 32]), &[]), HOUR)
}

async fn ensure(test: &TestDb) -> SigningKey {
    let mut tx = test.db.begin().await.unwrap();
    keys().ensure(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    keys().current(test.db.reader()).await.unwrap()
}

async fn rotate(test: &TestDb) -> SigningKey {
    let mut tx = test.db.begin().await.unwrap();
    let key = keys().rotate(&mut tx).await.unwrap();
    tx.commit().await.unwrap();
    key
}

async fn published(test: &TestDb) -> Vec<SigningKeyId> {
    keys().published(test.db.reader()).await.unwrap().into_iter().map(|key| key.kid).collect()
}

fn tokens() -> AccessTokens {
    AccessTokens::new("https://bursar.example", "bursar", HOUR)
}

fn mint(test: &TestDb, key: &SigningKey) -> String {
    let now = test.db.reader().now();
    let claims = AccessClaims {
        user: UserId::from_uuid(Uuid::from_u128(1)),
        session: SessionId::from_uuid(Uuid::from_u128(2)),
        issued_at: now,
        expires_at: now.after(HOUR),
        organization: None,
        organization_role: None,
    };
    tokens().mint(key, &claims).unwrap()
}

#[tokio::test]
async fn many_nodes_that_start_at_once_make_one_key() {
    for_each_engine(|test| async move {
        let mut starts = JoinSet::new();
        for _ in 0..8 {
            let test = test.clone();
            starts.spawn(async move { ensure(&test).await.id() });
        }
        let mut found = starts.join_all().await;
        found.dedup();
        assert_eq!(found.len(), 1);
        assert_eq!(published(&test).await, found);
    })
    .await;
}

#[tokio::test]
async fn the_private_part_is_sealed_and_opens_under_its_master_key_alone() {
    for_each_engine(|test| async move {
        let key = ensure(&test).await;
        let sealed = test.texts("SELECT sealed_private_key FROM identity_signing_key").await.remove(0);
        assert!(sealed.starts_with("v1."));
        let stored = test.texts("SELECT public_key FROM identity_signing_key").await.remove(0);
        assert_eq!(stored, key.public().x);
        let stranger = Sealer::new(&MasterKey::from_bytes([2; 32]), &[]);
        assert!(SeaSigningKeys::new(stranger, HOUR).current(test.db.reader()).await.is_err());
        let renewed = Sealer::new(&MasterKey::from_bytes([2; 32]), &[MasterKey::from_bytes([1; 32])]);
        let opened = SeaSigningKeys::new(renewed, HOUR).current(test.db.reader()).await.unwrap();
        assert_eq!(opened.public(), key.public());
    })
    .await;
}

#[tokio::test]
async fn a_sealed_key_that_is_moved_to_another_row_does_not_open() {
    for_each_engine(|test| async move {
        ensure(&test).await;
        let stolen = test.texts("SELECT sealed_private_key FROM identity_signing_key").await.remove(0);
        rotate(&test).await;
        let moved = format!(
            "UPDATE identity_signing_key SET sealed_private_key = '{stolen}' WHERE state = 'current'"
        );
        assert_eq!(test.execute(&moved).await, Ok(1));
        assert!(keys().current(test.db.reader()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_retired_key_is_published_until_its_last_token_has_expired_and_signs_no_more() {
    for_each_engine(|test| async move {
        let old = ensure(&test).await;
        let token = mint(&test, &old);
        let new = rotate(&test).await;
        assert_ne!(new.id(), old.id());
        assert_eq!(keys().current(test.db.reader()).await.unwrap().id(), new.id());
        assert_eq!(published(&test).await, [new.id(), old.id()]);
        let private = "SELECT count(*) FROM identity_signing_key WHERE sealed_private_key IS NOT NULL";
        assert_eq!(test.number(private).await, 1, "a retired private key is erased");

        test.clock.advance(HOUR.checked_sub(Duration::from_secs(1)).unwrap());
        let known = keys().published(test.db.reader()).await.unwrap();
        assert!(tokens().verify(&known, &token, test.db.reader().now()).is_ok());
        test.clock.advance(GRACE + Duration::from_secs(1));
        assert_eq!(published(&test).await, [new.id()]);

        rotate(&test).await;
        assert_eq!(
            test.number("SELECT count(*) FROM identity_signing_key").await,
            2,
            "the oldest is forgotten"
        );
    })
    .await;
}

#[tokio::test]
async fn parallel_rotations_leave_one_key_that_signs() {
    for_each_engine(|test| async move {
        ensure(&test).await;
        let mut rotations = JoinSet::new();
        for _ in 0..8 {
            let test = test.clone();
            rotations.spawn(async move { rotate(&test).await.id() });
        }
        rotations.join_all().await;
        let current = "SELECT count(*) FROM identity_signing_key WHERE state = 'current'";
        assert_eq!(test.number(current).await, 1);
        keys().current(test.db.reader()).await.unwrap();
    })
    .await;
}

/// Counts how often the database is asked.
struct Counted {
    keys: SeaSigningKeys,
    reads: AtomicUsize,
}

#[async_trait::async_trait]
impl SigningKeys for Counted {
    async fn ensure(&self, tx: &mut Tx) -> Result<()> {
        self.keys.ensure(tx).await
    }

    async fn current(&self, reader: Reader<'_>) -> Result<SigningKey> {
        self.keys.current(reader).await
    }

    async fn published(&self, reader: Reader<'_>) -> Result<Vec<PublicKey>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.keys.published(reader).await
    }

    async fn rotate(&self, tx: &mut Tx) -> Result<SigningKey> {
        self.keys.rotate(tx).await
    }
}

fn ring() -> (Arc<Counted>, KeyRing) {
    let counted = Arc::new(Counted { keys: keys(), reads: AtomicUsize::new(0) });
    (counted.clone(), KeyRing::new(counted))
}

#[tokio::test]
async fn all_tokens_of_a_minute_cost_one_read() {
    for_each_engine(|test| async move {
        let (counted, ring) = ring();
        let token = mint(&test, &ensure(&test).await);
        for _ in 0..60 {
            ring.verify(test.db.reader(), &tokens(), &token).await.unwrap();
            test.clock.advance(Duration::from_millis(999));
        }
        assert_eq!(counted.reads.load(Ordering::SeqCst), 1);
        test.clock.advance(Duration::from_secs(1));
        ring.verify(test.db.reader(), &tokens(), &token).await.unwrap();
        assert_eq!(counted.reads.load(Ordering::SeqCst), 2, "a minute is how stale it may be");
    })
    .await;
}

#[tokio::test]
async fn a_key_of_another_node_is_found_by_its_first_token_and_invented_keys_cost_a_read_a_second() {
    for_each_engine(|test| async move {
        let (counted, ring) = ring();
        ring.verify(test.db.reader(), &tokens(), &mint(&test, &ensure(&test).await)).await.unwrap();
        test.clock.advance(Duration::from_secs(2));
        let new = rotate(&test).await;
        ring.verify(test.db.reader(), &tokens(), &mint(&test, &new)).await.unwrap();
        assert_eq!(counted.reads.load(Ordering::SeqCst), 2);

        let known = mint(&test, &new);
        let (_, rest) = known.split_once('.').unwrap();
        for number in 0..100_u128 {
            let kid = SigningKeyId::from_uuid(Uuid::from_u128(number));
            let header = format!(r#"{{"alg":"EdDSA","kid":"{kid}"}}"#);
            let header = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, header);
            let refused = ring.verify(test.db.reader(), &tokens(), &format!("{header}.{rest}")).await;
            assert!(refused.unwrap_err().is(&error::INVALID_TOKEN));
            test.clock.advance(Duration::from_millis(30));
        }
        assert!(counted.reads.load(Ordering::SeqCst) <= 5, "{:?}", counted.reads);
    })
    .await;
}

#[tokio::test]
async fn a_ring_that_was_asked_before_the_first_key_finds_it_at_once() {
    for_each_engine(|test| async move {
        let (_, ring) = ring();
        assert!(ring.published(test.db.reader()).await.unwrap().is_empty());
        let token = mint(&test, &ensure(&test).await);
        assert!(ring.verify(test.db.reader(), &tokens(), &token).await.is_ok());
    })
    .await;
}

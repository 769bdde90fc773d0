use std::time::Duration;

use bursar_api_keys::{
    ApiKeys, ForeignPrefix, Holder, ImportedKey, KeyHolder, KeyName, ParsedKey, Scope, ScopeSet, SeaApiKeys,
    is_of_prefixes,
};
use bursar_kernel::{Account, Db, Result};
use bursar_testkit::for_each_engine;

use crate::world::{Told, hash, held_by, organization, own, person, revoke};

const TEXT: &str = "tp-live.0123456789abcdef";

fn prefix() -> ForeignPrefix {
    ForeignPrefix::new("tp-").unwrap()
}

/// A key of the first person's, by its hash.
pub(crate) fn key(hash: Vec<u8>) -> ImportedKey {
    ImportedKey {
        account: Account::Personal(person(1)),
        holder: KeyHolder::Person(person(1)),
        name: KeyName::new("brought along").unwrap(),
        scopes: ScopeSet::of(&[Scope::Read]),
        expires_at: None,
        hash: hash.try_into().unwrap(),
        last_four: None,
    }
}

/// The key whose text is this.
fn key_of(text: &str) -> ImportedKey {
    let hash = ParsedKey::parse_among(text, &[prefix()]).unwrap().hash().to_vec();
    ImportedKey { last_four: Some(text[text.len() - 4..].to_owned()), ..key(hash) }
}

async fn import(db: &Db, keys: Vec<ImportedKey>) -> Result<u64> {
    let mut tx = db.begin().await?;
    let imported = SeaApiKeys::default().import(&mut tx, &prefix(), keys).await?;
    tx.commit().await?;
    Ok(imported)
}

/// What is known of who shows this text.
async fn found(db: &Db, text: &str) -> Option<bursar_api_keys::ApiKey> {
    let keys = SeaApiKeys::default();
    let prefixes = keys.foreign_prefixes(db.reader()).await.unwrap();
    let parsed = ParsedKey::parse_among(text, &prefixes)?;
    keys.by_hash(db.reader(), &parsed.hash()).await.unwrap()
}

#[tokio::test]
async fn a_key_that_was_brought_along_goes_on_being_used() {
    for_each_engine(|test| async move {
        assert_eq!(found(&test.db, TEXT).await, None, "before, it is no key at all");
        let told = Told::listening(&test.db);
        let end = test.db.reader().now().after(Duration::from_mins(1));
        let shared = ImportedKey {
            account: organization(1),
            holder: KeyHolder::Organization { creator: person(2) },
            expires_at: Some(end),
            ..key_of("tp-live.of the organization".replace(' ', "-").as_str())
        };
        let hash = shared.hash;
        assert_eq!(import(&test.db, vec![key_of(TEXT), shared]).await.unwrap(), 2);
        assert!(told.tags().iter().any(is_of_prefixes));

        let known = found(&test.db, TEXT).await.unwrap();
        assert_eq!(
            (known.account, known.holder),
            (Account::Personal(person(1)), KeyHolder::Person(person(1)))
        );
        assert_eq!((known.prefix.as_str(), known.last_four.as_str()), ("tp-", "cdef"));
        assert_eq!((known.scopes.clone(), known.enabled), (ScopeSet::of(&[Scope::Read]), true));
        assert_eq!(held_by(&test.db, Holder::Person(person(1))).await, [known]);
        let shared = SeaApiKeys::default().by_hash(test.db.reader(), &hash).await.unwrap().unwrap();
        assert_eq!((shared.account, shared.expires_at), (organization(1), Some(end)));
        assert_eq!(found(&test.db, &format!("{TEXT}x")).await, None, "a mistyped one is found nowhere");
    })
    .await;
}

#[tokio::test]
async fn an_import_can_be_repeated_and_counts_what_is_new() {
    for_each_engine(|test| async move {
        let other = ImportedKey { name: KeyName::new("other").unwrap(), ..key_of(TEXT) };
        assert_eq!(import(&test.db, vec![key_of(TEXT), other]).await.unwrap(), 1, "twice in one");
        let known = found(&test.db, TEXT).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        let another = key_of("tp-live.another-one-of-them");
        assert_eq!(import(&test.db, vec![key_of(TEXT), another]).await.unwrap(), 1);
        assert_eq!(found(&test.db, TEXT).await, Some(known.clone()), "it is left as it is");

        assert!(revoke(&test.db, &known).await);
        assert_eq!(import(&test.db, vec![key_of(TEXT)]).await.unwrap(), 0);
        assert!(found(&test.db, TEXT).await.unwrap().revoked_at.is_some(), "nothing brings it back");
        let prefixes = SeaApiKeys::default().foreign_prefixes(test.db.reader()).await.unwrap();
        assert_eq!(prefixes, [prefix()]);
    })
    .await;
}

#[tokio::test]
async fn an_imported_key_is_rotated_into_our_own_form_for_ever() {
    for_each_engine(|test| async move {
        import(&test.db, vec![key_of(TEXT)]).await.unwrap();
        let known = found(&test.db, TEXT).await.unwrap();
        let keys = SeaApiKeys::default();
        for _ in 0..2 {
            let mut tx = test.db.begin().await.unwrap();
            let rotated = keys.rotate(&mut tx, &known, Duration::ZERO).await.unwrap().unwrap();
            tx.commit().await.unwrap();
            assert_eq!((rotated.key.id, rotated.key.prefix.as_str()), (known.id, "sk"));
            assert!(ParsedKey::parse(rotated.secret.expose()).is_some());
            assert_eq!(found(&test.db, TEXT).await, None);
            assert_eq!(import(&test.db, vec![key_of(TEXT)]).await.unwrap(), 0);
            assert_eq!(found(&test.db, TEXT).await, None, "a second import does not bring it back");
        }
    })
    .await;
}

#[tokio::test]
async fn a_secret_of_ours_that_was_replaced_is_not_brought_back_by_an_import() {
    for_each_engine(|test| async move {
        let old = own(&test.db, person(2)).await;
        let mut tx = test.db.begin().await.unwrap();
        let keys = SeaApiKeys::default();
        keys.rotate(&mut tx, &old.key, Duration::from_secs(1)).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        assert_eq!(import(&test.db, vec![key(hash(&old).to_vec())]).await.unwrap(), 0);
        let known = keys.by_hash(test.db.reader(), &hash(&old)).await.unwrap().unwrap();
        assert_eq!(known.id, old.key.id);
    })
    .await;
}

#[tokio::test]
async fn an_import_with_one_bad_key_takes_none() {
    for_each_engine(|test| async move {
        let too_long = ImportedKey { last_four: Some(TEXT.to_owned()), ..key_of(TEXT) };
        let refused = import(&test.db, vec![key_of("tp-live.a-good-one-0"), too_long]).await.unwrap_err();
        assert_eq!(refused.get("field"), Some("lastFour"));
        assert!(!refused.to_string().contains(TEXT));
        let nobodys = ImportedKey { account: Account::DEPLOYMENT, ..key_of(TEXT) };
        assert_eq!(import(&test.db, vec![nobodys]).await.unwrap_err().code(), "internal");
        assert_eq!(SeaApiKeys::default().foreign_prefixes(test.db.reader()).await.unwrap(), []);
        assert_eq!(test.number("SELECT COUNT(*) FROM api_keys_key").await, 0);
    })
    .await;
}

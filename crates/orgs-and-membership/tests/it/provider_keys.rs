use std::collections::BTreeMap;

use bursar_kernel::{Db, MasterKey, OrganizationId, Result, Sealer, Secret};
use bursar_orgs_and_membership::{
    MAX_PROVIDER_KEYS, Organizations, ProviderKeys, ProviderName, SeaProviderKeys, error,
};
use bursar_testkit::for_each_engine;

use crate::world::{assert_nowhere_in_clear, delete, organization, organizations, person, provider_keys};

/// As callers do. An empty key is none.
async fn replace(db: &Db, id: OrganizationId, keys: &[(&str, &str)]) -> Result<()> {
    let keys = keys.iter().map(|(provider, key)| {
        let key = Some(*key).filter(|key| !key.is_empty()).map(|key| Secret::new(key.to_owned()));
        (ProviderName::new(provider).unwrap(), key)
    });
    let mut tx = db.begin().await?;
    organizations().lock(&mut tx, id).await?;
    provider_keys().replace(&mut tx, id, keys.collect()).await?;
    tx.commit().await
}

async fn keys(db: &Db, id: OrganizationId) -> Vec<(String, String)> {
    let keys: BTreeMap<_, _> = provider_keys().of(db.reader(), id).await.unwrap();
    keys.into_iter().map(|(provider, key)| (provider, key.expose().clone())).collect()
}

fn owned(keys: &[(&str, &str)]) -> Vec<(String, String)> {
    keys.iter().map(|(provider, key)| ((*provider).to_owned(), (*key).to_owned())).collect()
}

#[tokio::test]
async fn keys_are_set_replaced_and_removed_by_provider_and_the_others_stay() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        assert_eq!(keys(&test.db, acme.id).await, []);
        replace(&test.db, acme.id, &[("litellm", "sk-1"), ("anthropic", "sk-2")]).await.unwrap();
        replace(&test.db, other.id, &[("litellm", "sk-9")]).await.unwrap();
        assert_eq!(keys(&test.db, acme.id).await, owned(&[("anthropic", "sk-2"), ("litellm", "sk-1")]));

        replace(&test.db, acme.id, &[("litellm", "sk-3"), ("anthropic", ""), ("unknown", "")]).await.unwrap();
        assert_eq!(keys(&test.db, acme.id).await, owned(&[("litellm", "sk-3")]));
        replace(&test.db, acme.id, &[]).await.unwrap();
        assert_eq!(keys(&test.db, acme.id).await, owned(&[("litellm", "sk-3")]));
        assert_eq!(keys(&test.db, other.id).await, owned(&[("litellm", "sk-9")]));
    })
    .await;
}

#[tokio::test]
async fn a_key_lies_nowhere_in_clear_and_opens_under_its_own_name_only() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        replace(&test.db, acme.id, &[("litellm", "sk-hush-hush-hush-hush")]).await.unwrap();
        assert_nowhere_in_clear(&test, "sk-hush-hush-hush-hush").await;
        let stranger = SeaProviderKeys::new(Sealer::new(&MasterKey::from_bytes([2; 32]), &[]));
        assert_eq!(stranger.of(test.db.reader(), acme.id).await.unwrap_err().code(), "internal");
        assert_eq!(test.execute("UPDATE orgs_provider_key SET provider = 'openai'").await, Ok(1));
        assert_eq!(provider_keys().of(test.db.reader(), acme.id).await.unwrap_err().code(), "internal");
    })
    .await;
}

#[tokio::test]
async fn a_key_that_breaks_a_rule_changes_nothing() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        replace(&test.db, acme.id, &[("litellm", "sk-1")]).await.unwrap();
        let before = test.dump().await;
        let refused = replace(&test.db, acme.id, &[("a", "sk-2"), ("litellm", ""), ("z", "a\nb")]).await;
        assert_eq!(refused.unwrap_err().code(), "invalid_field");
        assert_eq!(test.dump().await, before);
    })
    .await;
}

#[tokio::test]
async fn an_organization_has_fifty_provider_keys_and_one_more_takes_anothers_place() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let names: Vec<_> = (0..MAX_PROVIDER_KEYS).map(|n| format!("provider-{n}")).collect();
        let fifty: Vec<_> = names.iter().map(|name| (name.as_str(), "sk-1")).collect();
        replace(&test.db, acme.id, &fifty).await.unwrap();
        let refused = replace(&test.db, acme.id, &[("one-more", "sk-2")]).await.unwrap_err();
        assert!(refused.is(&error::TOO_MANY_PROVIDER_KEYS), "{refused:?}");
        replace(&test.db, acme.id, &[("one-more", "sk-2"), ("provider-0", "")]).await.unwrap();
        replace(&test.db, acme.id, &[("one-more", "sk-3")]).await.unwrap();
        assert_eq!(keys(&test.db, acme.id).await.len(), MAX_PROVIDER_KEYS);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_organization_keeps_no_keys_and_others_keep_theirs() {
    for_each_engine(|test| async move {
        let (acme, _) = organization(&test.db, "Acme", person(1)).await;
        let (other, _) = organization(&test.db, "Other", person(1)).await;
        for id in [acme.id, other.id] {
            replace(&test.db, id, &[("litellm", "sk-1")]).await.unwrap();
        }
        delete(&test.db, acme.id).await;
        assert_eq!(test.number("SELECT count(*) FROM orgs_provider_key").await, 1);
        assert_eq!(keys(&test.db, other.id).await.len(), 1);
    })
    .await;
}

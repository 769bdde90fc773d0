use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use bursar_api_keys::{
    ApiKey, ApiKeys, CreatedKey, Holder, KeyHolder, KeyName, Networks, NewKey, ParsedKey, RevocationReason,
    SeaApiKeys, Standing, hash_of_tag,
};
use bursar_kernel::{Account, Cache, CacheTag, Db, OrganizationId, Result, UserId};
use uuid::Uuid;

/// The n-th person.
pub(crate) fn person(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

/// The n-th organization.
pub(crate) fn organization_id(n: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(n << 64))
}

/// The account of the n-th organization.
pub(crate) fn organization(n: u128) -> Account {
    Account::Organization(organization_id(n))
}

/// A key of a person on an account, without anything special.
pub(crate) fn new_key(account: Account, user: UserId) -> NewKey {
    NewKey {
        account,
        holder: KeyHolder::Person(user),
        name: KeyName::new("ci").unwrap(),
        scopes: Standing::Owner.defaults(),
        expires_at: None,
        networks: Networks::default(),
        per_minute: None,
        spend_limit: None,
    }
}

/// A key of the n-th organization's own, without anything special.
pub(crate) fn new_shared_key(n: u128, creator: UserId) -> NewKey {
    NewKey { holder: KeyHolder::Organization { creator }, ..new_key(organization(n), creator) }
}

/// A key of the deployment.
pub(crate) fn new_service_key() -> NewKey {
    NewKey { holder: KeyHolder::Deployment, ..new_key(Account::DEPLOYMENT, person(1)) }
}

/// Networks by their texts.
pub(crate) fn networks(texts: &[&str]) -> Networks {
    Networks::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
}

/// Makes a key and commits it.
pub(crate) async fn create(db: &Db, new: NewKey) -> Result<CreatedKey> {
    let mut tx = db.begin().await?;
    let made = SeaApiKeys::default().create(&mut tx, new).await?;
    tx.commit().await?;
    Ok(made)
}

/// Makes a person's key on their own account.
pub(crate) async fn own(db: &Db, user: UserId) -> CreatedKey {
    create(db, new_key(Account::Personal(user), user)).await.unwrap()
}

/// Ends a key and commits it.
pub(crate) async fn revoke(db: &Db, key: &ApiKey) -> bool {
    let mut tx = db.begin().await.unwrap();
    let reason = RevocationReason::new("lost").unwrap();
    let ended = SeaApiKeys::default().revoke(&mut tx, key, Some(reason)).await.unwrap();
    tx.commit().await.unwrap();
    ended
}

/// The keys in a holder's list.
pub(crate) async fn held_by(db: &Db, holder: Holder) -> Vec<ApiKey> {
    SeaApiKeys::default().held_by(db.reader(), holder).await.unwrap()
}

/// What is known of who shows this secret.
pub(crate) async fn shown(db: &Db, created: &CreatedKey) -> Option<ApiKey> {
    SeaApiKeys::default().by_hash(db.reader(), &hash(created)).await.unwrap()
}

/// By what a key's secret is found.
pub(crate) fn hash(created: &CreatedKey) -> [u8; 32] {
    ParsedKey::parse(created.secret.expose()).unwrap().hash()
}

/// Does many things at once, each in a task of its own.
pub(crate) async fn at_once<T, F>(times: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..times).map(|nth| tokio::spawn(task(nth))).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// A cache that writes down what it is told.
#[derive(Default)]
pub(crate) struct Told(Mutex<Vec<CacheTag>>);

impl Told {
    pub(crate) fn listening(db: &Db) -> Arc<Self> {
        let told = Arc::<Self>::default();
        db.register_cache(&(told.clone() as Arc<dyn Cache>));
        told
    }

    /// What was said since it was last asked.
    pub(crate) fn tags(&self) -> Vec<CacheTag> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    /// The hashes that it was said of, sorted.
    pub(crate) fn hashes(&self) -> Vec<[u8; 32]> {
        sorted(self.tags().iter().filter_map(hash_of_tag))
    }
}

/// Hashes, as [`Told::hashes`] answers them.
pub(crate) fn sorted(hashes: impl IntoIterator<Item = [u8; 32]>) -> Vec<[u8; 32]> {
    let mut hashes: Vec<_> = hashes.into_iter().collect();
    hashes.sort_unstable();
    hashes
}

impl Cache for Told {
    fn forget(&self, tag: &CacheTag) {
        self.0.lock().unwrap().push(tag.clone());
    }

    fn forget_all(&self) {}
}

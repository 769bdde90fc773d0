use bursar_api_keys::{ApiKeyId, ApiKeys, CreatedKey, KeyName, NewKey, SeaApiKeys, Standing};
use bursar_kernel::{Account, Db, OrganizationId, Result, UserId};
use uuid::Uuid;

/// The n-th person.
pub(crate) fn person(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

/// The n-th organization.
pub(crate) fn organization(n: u128) -> Account {
    Account::Organization(OrganizationId::from_uuid(Uuid::from_u128(n << 64)))
}

/// A key of a person on an account, without anything special.
pub(crate) fn new_key(account: Account, creator: UserId) -> NewKey {
    let name = KeyName::new("ci").unwrap();
    NewKey { account, creator, name, scopes: Standing::Owner.defaults(), expires_at: None }
}

/// Makes a key and commits it.
pub(crate) async fn create(db: &Db, new: NewKey) -> Result<CreatedKey> {
    let mut tx = db.begin().await?;
    let made = SeaApiKeys::default().create(&mut tx, new).await?;
    tx.commit().await?;
    Ok(made)
}

/// Makes a person's key on their own account.
pub(crate) async fn own(db: &Db, creator: UserId) -> CreatedKey {
    create(db, new_key(Account::Personal(creator), creator)).await.unwrap()
}

/// Ends a key and commits it.
pub(crate) async fn revoke(db: &Db, creator: UserId, id: ApiKeyId) -> bool {
    let mut tx = db.begin().await.unwrap();
    let ended = SeaApiKeys::default().revoke(&mut tx, creator, id).await.unwrap();
    tx.commit().await.unwrap();
    ended
}

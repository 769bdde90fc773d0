use std::sync::{Arc, Mutex};

use bursar_kernel::{Cache, CacheTag, Db, MasterKey, OrganizationId, Result, Sealer, Tx, UserId};
use bursar_orgs_and_membership::{
    Members, Membership, NewOrganization, Organization, OrganizationName, Organizations, Role, SeaMembers,
    SeaOrganizations, SeaProviderKeys,
};
use bursar_testkit::TestDb;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

fn sealer() -> Sealer {
    Sealer::new(&MasterKey::from_bytes([1; 32]), &[])
}

/// The service under test.
pub(crate) fn organizations() -> SeaOrganizations {
    SeaOrganizations::new(sealer())
}

/// The service under test.
pub(crate) fn provider_keys() -> SeaProviderKeys {
    SeaProviderKeys::new(sealer())
}

/// The n-th person.
pub(crate) fn person(n: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(n))
}

/// An organization that is not there.
pub(crate) fn unknown() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(404))
}

/// Makes an organization and commits it.
pub(crate) async fn organization(db: &Db, name: &str, creator: UserId) -> (Organization, Membership) {
    let mut tx = db.begin().await.unwrap();
    let made = create(&mut tx, name, creator).await;
    tx.commit().await.unwrap();
    made
}

/// Makes an organization within a transaction.
pub(crate) async fn create(tx: &mut Tx, name: &str, creator: UserId) -> (Organization, Membership) {
    let name = OrganizationName::new(name).unwrap();
    organizations().create(tx, NewOrganization { name, creator }).await.unwrap()
}

/// Deletes an organization.
pub(crate) async fn delete(db: &Db, id: OrganizationId) {
    try_delete(db, id).await.unwrap();
}

pub(crate) async fn try_delete(db: &Db, id: OrganizationId) -> Result<()> {
    let mut tx = db.begin().await?;
    organizations().delete(&mut tx, id).await?;
    tx.commit().await
}

/// Lets a person in, as callers do.
pub(crate) async fn add(db: &Db, id: OrganizationId, user: UserId, role: Role) -> Result<Membership> {
    let mut tx = db.begin().await?;
    organizations().lock(&mut tx, id).await?;
    let added = SeaMembers.add(&mut tx, id, user, role).await?;
    tx.commit().await?;
    Ok(added)
}

/// Ends a membership, by the row: also an owner's.
pub(crate) async fn remove(db: &Db, membership: &Membership) {
    let ids = [membership.organization.uuid(), membership.id.uuid()];
    execute(db, "DELETE FROM orgs_membership WHERE organization_id = $1 AND id = $2", ids).await;
}

async fn execute<const N: usize>(db: &Db, sql: &str, ids: [Uuid; N]) {
    let tx = db.begin().await.unwrap();
    let backend = tx.conn().get_database_backend();
    let statement = sea_orm::Statement::from_sql_and_values(backend, sql, ids.map(Into::into));
    assert_eq!(tx.conn().execute_raw(statement).await.unwrap().rows_affected(), 1);
    tx.commit().await.unwrap();
}

/// A cache that writes down what it is told to forget.
#[derive(Default)]
pub(crate) struct Told(Mutex<Vec<CacheTag>>);

impl Told {
    /// Told from now on.
    pub(crate) fn listening(db: &Db) -> Arc<Self> {
        let told = Arc::<Self>::default();
        db.register_cache(&(told.clone() as Arc<dyn Cache>));
        told
    }

    /// What it was told since it was last asked.
    pub(crate) fn tags(&self) -> Vec<CacheTag> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Cache for Told {
    fn forget(&self, tag: &CacheTag) {
        self.0.lock().unwrap().push(tag.clone());
    }

    fn forget_all(&self) {}
}

/// That no column of any row holds a secret, whole or in part.
pub(crate) async fn assert_nowhere_in_clear(test: &TestDb, secret: &str) {
    let dump = test.dump().await;
    assert!(!dump.is_empty());
    for part in [secret, &secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
        assert!(!dump.contains(part), "{part} in {dump}");
    }
}

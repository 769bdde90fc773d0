use bursar_kernel::{Account, AccountId, OrganizationId, UnixTimestamp, UserId};
use sea_orm::{Select, entity::prelude::*};

use crate::{
    key::{ApiKey, ApiKeyId},
    scope::ScopeSet,
};

bursar_kernel::text_enum! {
    /// What the account is that a key acts on.
    pub enum AccountKind {
        /// A person's own.
        Personal = "personal",
        /// An organization's.
        Organization = "organization",
    }
}

impl AccountKind {
    pub(crate) const fn of(account: Account) -> Self {
        match account {
            Account::Personal(_) => Self::Personal,
            Account::Organization(_) => Self::Organization,
        }
    }

    const fn account(self, id: AccountId) -> Account {
        match self {
            Self::Personal => Account::Personal(UserId::from_uuid(id.uuid())),
            Self::Organization => Account::Organization(OrganizationId::from_uuid(id.uuid())),
        }
    }
}

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys_key")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ApiKeyId,
    pub(crate) account_kind: AccountKind,
    pub(crate) creator_id: UserId,
    pub(crate) name: String,
    pub(crate) prefix: String,
    pub(crate) last_four: String,
    /// SHA-256 of the whole text.
    pub(crate) key_hash: Vec<u8>,
    pub(crate) scopes: ScopeSet,
    pub(crate) enabled: bool,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) last_used_at: Option<UnixTimestamp>,
    pub(crate) expires_at: Option<UnixTimestamp>,
    pub(crate) revoked_at: Option<UnixTimestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for ApiKey {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            account: row.account_kind.account(row.account_id),
            creator: row.creator_id,
            name: row.name,
            prefix: row.prefix,
            last_four: row.last_four,
            scopes: row.scopes,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            enabled: row.enabled,
        }
    }
}

/// A person's keys that were not revoked.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped(creator: UserId) -> Select<Entity> {
    Entity::find().filter(Column::CreatorId.eq(creator)).filter(Column::RevokedAt.is_null())
}

/// The one key of this hash: whoever can name it holds the key.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_hash(hash: &[u8; 32]) -> Select<Entity> {
    Entity::find().filter(Column::KeyHash.eq(hash.as_slice()))
}

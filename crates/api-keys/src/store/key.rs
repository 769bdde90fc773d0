use bursar_kernel::{Account, AccountId, Amount, OrganizationId, UnixTimestamp, UserId};
use sea_orm::{Condition, Select, entity::prelude::*};

use crate::{
    key::{ApiKey, ApiKeyId},
    key_holder::{Holder, KeyHolder},
    networks::Networks,
    scope::ScopeSet,
    spend_limit::{SpendLimit, SpendWindow},
};

bursar_kernel::text_enum! {
    /// What the account is that a key acts on.
    pub enum AccountKind {
        /// A person's own.
        Personal = "personal",
        /// An organization's, or the one that stands for the deployment.
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

bursar_kernel::text_enum! {
    /// What kind of holder a key has.
    pub enum HolderKind {
        /// The person who made it.
        Person = "person",
        /// The organization whose account it acts on.
        Organization = "organization",
        /// The deployment.
        Deployment = "deployment",
    }
}

impl HolderKind {
    pub(crate) const fn of(holder: KeyHolder) -> Self {
        match holder {
            KeyHolder::Person(_) => Self::Person,
            KeyHolder::Organization { .. } => Self::Organization,
            KeyHolder::Deployment => Self::Deployment,
        }
    }

    const fn holder(self, creator: UserId) -> KeyHolder {
        match self {
            Self::Person => KeyHolder::Person(creator),
            Self::Organization => KeyHolder::Organization { creator },
            Self::Deployment => KeyHolder::Deployment,
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
    /// Of a key of the deployment nobody: the nil identifier.
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
    pub(crate) holder: HolderKind,
    pub(crate) is_primary: bool,
    /// The whole text of a primary key that was not revoked.
    pub(crate) sealed_secret: Option<String>,
    pub(crate) networks: Networks,
    pub(crate) per_minute: Option<i64>,
    pub(crate) spend_limit_micros: Option<Amount>,
    pub(crate) spend_window: Option<SpendWindow>,
    /// The hash before the last rotation, if it had an overlap.
    pub(crate) previous_hash: Option<Vec<u8>>,
    pub(crate) previous_expires_at: Option<UnixTimestamp>,
    /// The hash under which the key was imported, if it was.
    pub(crate) imported_hash: Option<Vec<u8>>,
    pub(crate) revocation_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(crate) fn spend_limit(&self) -> Option<SpendLimit> {
        let (amount, window) = (self.spend_limit_micros?, self.spend_window?);
        Some(SpendLimit { amount, window })
    }

    /// As it is for who shows the secret of this hash.
    pub(crate) fn shown_by(self, hash: &[u8; 32]) -> ApiKey {
        let is_previous = self.key_hash != hash.as_slice();
        let overlap_end = self.previous_expires_at.filter(|_| is_previous);
        let mut key = ApiKey::from(self);
        if let Some(overlap_end) = overlap_end {
            key.expires_at = Some(key.expires_at.map_or(overlap_end, |own| own.min(overlap_end)));
        }
        key
    }
}

impl From<Model> for ApiKey {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            account: row.account_kind.account(row.account_id),
            holder: row.holder.holder(row.creator_id),
            spend_limit: row.spend_limit(),
            name: row.name,
            prefix: row.prefix,
            last_four: row.last_four,
            scopes: row.scopes,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            revocation_reason: row.revocation_reason,
            enabled: row.enabled,
            networks: row.networks,
            // A limit that cannot be one lets nothing through.
            per_minute: row.per_minute.map(|uses| u32::try_from(uses).unwrap_or(0)),
            is_primary: row.is_primary,
        }
    }
}

/// The keys that were not revoked.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_live() -> Select<Entity> {
    Entity::find().filter(Column::RevokedAt.is_null())
}

/// A holder's keys that were not revoked, an organization's primary one among them.
pub(crate) fn scoped(holder: Holder) -> Select<Entity> {
    scoped_to_live().filter(held_by(holder))
}

/// The one key of this hash, or of it before it was rotated: whoever can name it holds the key.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_hash(hash: &[u8; 32]) -> Select<Entity> {
    let (now, before) = (Column::KeyHash.eq(hash.as_slice()), Column::PreviousHash.eq(hash.as_slice()));
    Entity::find().filter(Condition::any().add(now).add(before))
}

/// The keys that had one of these hashes before they were rotated.
#[expect(clippy::disallowed_methods, reason = "a scope of this entity")]
pub(crate) fn scoped_to_previous(hashes: impl IntoIterator<Item = Vec<u8>>) -> Select<Entity> {
    Entity::find().filter(Column::PreviousHash.is_in(hashes))
}

/// Which rows are a holder's.
fn held_by(holder: Holder) -> Condition {
    let (kind, whose) = match holder {
        Holder::Person(user) => (HolderKind::Person, Column::CreatorId.eq(user)),
        Holder::Organization(organization) => {
            let account = Account::Organization(organization).id();
            (HolderKind::Organization, Column::AccountId.eq(account))
        }
        Holder::Deployment => (HolderKind::Deployment, Column::AccountId.eq(Account::DEPLOYMENT.id())),
    };
    Condition::all().add(whose).add(Column::Holder.eq(kind))
}

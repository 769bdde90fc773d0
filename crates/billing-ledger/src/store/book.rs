use bursar_kernel::{Account, AccountId, Amount, OrganizationId, Remainder, UnixTimestamp, UserId};
use sea_orm::entity::prelude::*;

use crate::book::Book;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_book")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: AccountId,
    pub(crate) account_kind: AccountKind,
    pub(crate) balance: Amount,
    pub(crate) held: Amount,
    pub(crate) outstanding: Amount,
    pub(crate) postpaid_limit: Amount,
    pub(crate) remainder_nanos: Remainder,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) updated_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

bursar_kernel::text_enum! {
    /// What an account is: its identifier alone does not say.
    pub enum AccountKind {
        /// A person's own.
        Personal = "personal",
        /// An organization's.
        Organization = "organization",
    }
}

impl From<Account> for AccountKind {
    fn from(account: Account) -> Self {
        match account {
            Account::Personal(_) => Self::Personal,
            Account::Organization(_) => Self::Organization,
        }
    }
}

impl From<Model> for Book {
    fn from(row: Model) -> Self {
        let uuid = row.account_id.uuid();
        Self {
            account: match row.account_kind {
                AccountKind::Personal => Account::Personal(UserId::from_uuid(uuid)),
                AccountKind::Organization => Account::Organization(OrganizationId::from_uuid(uuid)),
            },
            balance: row.balance,
            held: row.held,
            outstanding: row.outstanding,
            postpaid_limit: row.postpaid_limit,
            remainder: row.remainder_nanos,
            updated_at: row.updated_at,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
pub(crate) fn scoped(account: AccountId) -> Select<Entity> {
    Entity::find().filter(Column::AccountId.eq(account))
}

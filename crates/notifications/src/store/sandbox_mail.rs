use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};
use sea_orm::{
    QueryOrder, QuerySelect, Select,
    entity::prelude::*,
    sea_query::{OnConflict, Order, Query},
};

use crate::mail::MailId;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications_sandbox_mail")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: MailId,
    pub(crate) created_at: UnixTimestamp,
    pub(crate) sealed: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A mail under its seal.
pub(crate) type SealedMail = Model;

/// One row, or none and `false` when the mail is there.
pub(crate) async fn insert(tx: &Tx, row: SealedMail) -> Result<bool> {
    let inserted = Entity::insert(ActiveModel::from(row))
        .on_conflict(OnConflict::column(Column::Id).do_nothing().to_owned())
        .exec_without_returning(&tx.conn())
        .await?;
    Ok(inserted == 1)
}

/// Deletes all but the newest. Two that do so at once may leave one more until the next.
pub(crate) async fn keep_newest(tx: &Tx, count: u64) -> Result<()> {
    let mut newest = Query::select();
    newest
        .column(Column::Id)
        .from(Entity)
        .order_by(Column::CreatedAt, Order::Desc)
        .order_by(Column::Id, Order::Desc)
        .limit(count);
    Entity::delete_many().filter(Column::Id.not_in_subquery(newest)).exec(&tx.conn()).await?;
    Ok(())
}

/// The newest, newest first.
pub(crate) async fn newest(reader: Reader<'_>, limit: u64) -> Result<Vec<SealedMail>> {
    let newest = scoped().order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(limit);
    Ok(newest.all(reader.conn()).await?)
}

/// The mail of this identifier.
pub(crate) async fn load(reader: Reader<'_>, id: MailId) -> Result<Option<SealedMail>> {
    Ok(scoped().filter(Column::Id.eq(id)).one(reader.conn()).await?)
}

/// All of them: the mailbox belongs to whoever runs the server, and to no account.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped() -> Select<Entity> {
    Entity::find()
}

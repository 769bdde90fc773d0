use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};
use sea_orm::{entity::prelude::*, sea_query::OnConflict};

use crate::foreign_prefix::ForeignPrefix;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys_foreign_prefix")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) prefix: ForeignPrefix,
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All of them: they are the deployment's.
#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped() -> Select<Entity> {
    Entity::find()
}

/// In their order, which the engines' own differs from.
pub(crate) async fn all(reader: Reader<'_>) -> Result<Vec<ForeignPrefix>> {
    let mut prefixes: Vec<_> = scoped().all(reader.conn()).await?.into_iter().map(|row| row.prefix).collect();
    prefixes.sort();
    Ok(prefixes)
}

/// Notes one that may be known already.
pub(crate) async fn register(tx: &Tx, prefix: &ForeignPrefix) -> Result<()> {
    let row = Model { prefix: prefix.clone(), created_at: tx.now() };
    Entity::insert(ActiveModel::from(row))
        .on_conflict(OnConflict::column(Column::Prefix).do_nothing().to_owned())
        .exec_without_returning(&tx.conn())
        .await?;
    Ok(())
}

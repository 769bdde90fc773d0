use bursar_kernel::{Reader, Result, Tx, UnixTimestamp};
use sea_orm::{ActiveValue::Set, Select, entity::prelude::*, sea_query::OnConflict};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sandbox_secret")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) name: String,
    pub(crate) sealed: String,
    pub(crate) created_at: UnixTimestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The sealed form of a secret.
pub(crate) async fn load(reader: Reader<'_>, name: &str) -> Result<Option<String>> {
    Ok(scoped(name).one(reader.conn()).await?.map(|row| row.sealed))
}

/// One row, or none when the secret is there.
pub(crate) async fn insert(tx: &Tx, name: &str, sealed: &str) -> Result<()> {
    let row =
        ActiveModel { name: Set(name.to_owned()), sealed: Set(sealed.to_owned()), created_at: Set(tx.now()) };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
        .exec_without_returning(&tx.conn())
        .await?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the scope of this entity")]
fn scoped(name: &str) -> Select<Entity> {
    Entity::find().filter(Column::Name.eq(name))
}

use bursar_kernel::{AccountId, DomainError, Reader, Result, Tx};
use sea_orm::{
    EntityTrait, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use super::{
    account::{ActiveModel, Column, Entity, Model, scoped},
    version::{self, versions, with_id},
};
use crate::{
    account_plan::{AccountPlan, AccountPlans},
    catalogue::FREE,
    error,
    plan::{Plan, PlanId},
    seats::check_bought,
    terms::Interval,
};

/// More or fewer seats of the same version do not begin it anew.
const SINCE: &str = "CASE WHEN plans_account.plan_id = excluded.plan_id THEN plans_account.since \
                     ELSE excluded.since END";

/// [`AccountPlans`] in the database.
#[derive(Clone, Copy, Debug, Default)]
pub struct SeaAccountPlans;

#[async_trait::async_trait]
impl AccountPlans for SeaAccountPlans {
    async fn of(&self, reader: Reader<'_>, account: AccountId) -> Result<AccountPlan> {
        let set = scoped(account).find_also_related(version::Entity).one(reader.conn()).await?;
        match set {
            None => free(reader).await,
            Some((row, Some(version))) => of_row(&row, version),
            Some((row, None)) => Err(DomainError::internal(format!("{} is gone", row.plan_id))),
        }
    }

    async fn set(
        &self,
        tx: &mut Tx,
        account: AccountId,
        plan: PlanId,
        seats: Option<u32>,
    ) -> Result<AccountPlan> {
        let version = with_id(plan).one(&tx.conn()).await?;
        let version = version.ok_or_else(|| DomainError::from(&error::PLAN_NOT_FOUND))?;
        check_bought(Plan::try_from(version)?.terms.kind, seats)?;
        let row = Model {
            account_id: account,
            plan_id: plan,
            seats: seats.map(i64::from),
            since: tx.now(),
            updated_at: tx.now(),
        };
        let written = Entity::insert(ActiveModel::from(row))
            .on_conflict(
                OnConflict::column(Column::AccountId)
                    .value(Column::Since, Expr::cust(SINCE))
                    .update_columns([Column::PlanId, Column::Seats, Column::UpdatedAt])
                    .to_owned(),
            )
            .exec_without_returning(&tx.conn())
            .await?;
        if written != 1 {
            return Err(DomainError::internal(format!("setting a plan wrote {written} rows")));
        }
        self.of(tx.reader(), account).await
    }
}

fn of_row(row: &Model, version: version::Model) -> Result<AccountPlan> {
    Ok(AccountPlan {
        plan: Plan::try_from(version)?,
        seats: row.seats.map(u32::try_from).transpose().map_err(DomainError::internal)?,
        since: Some(row.since),
    })
}

/// What an account has that bought nothing. Also when it is sold no more: somebody always has it.
async fn free(reader: Reader<'_>) -> Result<AccountPlan> {
    let newest = versions(FREE, Interval::Monthly).order_by_desc(version::Column::Version);
    let row = newest.one(reader.conn()).await?;
    let row = row.ok_or_else(|| DomainError::internal(format!("no plan `{FREE}` was ever published")))?;
    Ok(AccountPlan { plan: Plan::try_from(row)?, seats: None, since: None })
}

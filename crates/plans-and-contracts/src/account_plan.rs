use bursar_kernel::{AccountId, Reader, Result, Tx, UnixTimestamp};

use crate::plan::{Plan, PlanId};

/// The plan that an account is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPlan {
    /// The version of the plan.
    pub plan: Plan,
    /// How many seats were bought; absent where none are sold.
    pub seats: Option<u32>,
    /// Since when it is on this version; absent when none was ever set and it is on the free one.
    pub since: Option<UnixTimestamp>,
}

/// Which account is on which plan.
#[async_trait::async_trait]
pub trait AccountPlans: Send + Sync {
    /// The plan of an account: the one that was set, else the newest version of the free one.
    ///
    /// # Errors
    /// When the database cannot be read, or no catalogue was ever published.
    async fn of(&self, reader: Reader<'_>, account: AccountId) -> Result<AccountPlan>;

    /// Puts an account on a version of a plan, also one that is sold no more: one row. Whether the
    /// plan is for such an account is the caller's to know.
    ///
    /// # Errors
    /// `plan_not_found`; `invalid_field` for `seats` when seats are sold and there is not at least
    /// one, or when there are some and none are sold.
    async fn set(
        &self,
        tx: &mut Tx,
        account: AccountId,
        plan: PlanId,
        seats: Option<u32>,
    ) -> Result<AccountPlan>;
}

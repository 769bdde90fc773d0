//! Plans: what can be bought, and which account is on which.

use bursar_identity::Actor;
use bursar_kernel::{Account, DomainError, Result};
use bursar_plans_and_contracts::{AccountPlan, Interval, Limit, Plan, PlanKind, error::PLAN_NOT_FOUND};
use serde_json::json;

use crate::{
    audited::{Audited, DEPLOYMENT},
    authorize::admit,
    core::Core,
    operation::Operation,
    remembered::plan_tag,
};

/// Which plans are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanKindFilter {
    /// Those that a person buys.
    Individual,
    /// Those that an organization buys.
    Teams,
}

/// The plans that can be bought, in the catalogue's order. What is agreed on by contract is not
/// among them.
///
/// # Errors
/// `forbidden` for a key without the scope `read`.
pub async fn list_plans(core: &Core, actor: &Actor, kind: Option<PlanKindFilter>) -> Result<Vec<Plan>> {
    admit(actor, Operation::ListPlans)?;
    let mut plans = core.plans.active(core.db.reader()).await?;
    plans.retain(|plan| match plan.terms.kind {
        PlanKind::Contract => false,
        PlanKind::Individual => kind != Some(PlanKindFilter::Teams),
        PlanKind::Flat | PlanKind::PerSeat => kind != Some(PlanKindFilter::Individual),
    });
    Ok(plans)
}

/// Requests a minute that an account may make of the APIs that limit by plan, by its plan of at most
/// ten seconds ago.
///
/// # Errors
/// When the database cannot be read.
pub async fn requests_per_minute(core: &Core, account: Account) -> Result<Limit> {
    let plan = core.remembered_plan(core.db.reader(), account.id()).await?;
    Ok(core.catalogue.requests_per_minute(&plan.plan.key))
}

/// Makes what the catalogue ships the plans that can be bought. What was bought stays as it was.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn publish_plans(core: &Core) -> Result<()> {
    let mut tx = core.db.begin().await?;
    let rows = core.plans.publish(&mut tx, &core.catalogue).await?;
    if rows > 0 {
        let after = json!({ "rows": rows }).to_string();
        Audited::system()
            .write(&mut tx, Operation::PublishPlans, DEPLOYMENT, "catalogue", Some(after))
            .await?;
    }
    tx.commit().await
}

/// Puts an account on a plan by hand, from the command line of the deployment: the newest version,
/// by the month.
///
/// # Errors
/// `plan_not_found`; `invalid_field` for seats that the plan does not have or needs.
pub async fn set_account_plan(
    core: &Core,
    account: Account,
    plan: &str,
    seats: Option<u32>,
) -> Result<AccountPlan> {
    let mut tx = core.db.begin().await?;
    let known = core.plans.current(tx.reader(), plan, Interval::Monthly).await?;
    let known = known.ok_or_else(|| DomainError::from(&PLAN_NOT_FOUND))?;
    // Everybody can go back to the plan that costs nothing.
    let is_for_people = known.terms.kind == PlanKind::Individual;
    if known.price_cents > 0 && is_for_people == account.organization().is_some() {
        return Err(DomainError::invalid("plan", "is not for this kind of account"));
    }
    if let Account::Organization(organization) = account {
        core.organizations.lock(&mut tx, organization).await?;
    }
    let before = core.account_plans.of(tx.reader(), account.id()).await?;
    let set = core.account_plans.set(&mut tx, account.id(), known.id, seats).await?;
    let told = |plan: &AccountPlan| json!({ "plan": plan.plan.key, "seats": plan.seats });
    tx.invalidate(plan_tag(account.id())).await?;
    Audited::system()
        .before(&told(&before))
        .write(&mut tx, Operation::SetAccountPlan, account.id(), account, Some(told(&set).to_string()))
        .await?;
    tx.commit().await?;
    Ok(set)
}

use bursar_kernel::{AccountId, Db, Result};
use bursar_plans_and_contracts::{
    AccountPlan, AccountPlans, Catalogue, Interval, Plan, Plans, SeaAccountPlans, SeaPlans,
};
use uuid::Uuid;

/// One plan of each kind. The lines are counted by the tests of the catalogue.
pub(crate) const CATALOGUE: &str = r#"[[plan]]
key = "free"
name = "Free"
description = "For trying things out"
kind = "flat"
monthly_cents = 0
features = ["audit_logs"]

[plan.limits]
agents = 3
members = 3
workspaces = 20
rows_per_workspace = 500
api_calls = 10_000
webhook_deliveries = 1_000
messages = 1_000
logs_per_month = 1_000
log_retention_days = 7

[[plan]]
key = "team"
name = "Team"
description = "For teams"
kind = "per_seat"
monthly_cents = 2_000
features = ["sso", "webhooks"]

[plan.limits]
agents = 10
members = "seats"
workspaces = 200
rows_per_workspace = 5_000
api_calls = 100_000
webhook_deliveries = 10_000
messages = 25_000
logs_per_month = 50_000
log_retention_days = -1

[[plan]]
key = "pass"
name = "Pass"
description = "For one person"
kind = "individual"
monthly_cents = 999
features = []

[[plan]]
key = "enterprise"
name = "Enterprise"
description = "For terms of their own"
kind = "contract"
features = ["sla"]

[plan.limits]
agents = -1
members = -1
workspaces = -1
rows_per_workspace = -1
api_calls = -1
webhook_deliveries = -1
messages = -1
logs_per_month = -1
log_retention_days = 365
"#;

/// The catalogue above, with one thing changed.
pub(crate) fn with(from: &str, to: &str) -> Catalogue {
    assert!(CATALOGUE.contains(from), "{from}");
    Catalogue::parse(&CATALOGUE.replace(from, to)).unwrap()
}

/// The catalogue above, without one of its plans.
pub(crate) fn without(key: &str) -> Catalogue {
    let name = format!("key = \"{key}\"\n");
    let plans = CATALOGUE.split("[[plan]]\n").filter(|plan| !plan.is_empty() && !plan.starts_with(&name));
    Catalogue::parse(&plans.map(|plan| format!("[[plan]]\n{plan}")).collect::<String>()).unwrap()
}

/// The catalogue above.
pub(crate) fn catalogue() -> Catalogue {
    Catalogue::parse(CATALOGUE).unwrap()
}

/// Publishes a catalogue and commits it.
pub(crate) async fn publish(db: &Db, catalogue: &Catalogue) -> Result<u64> {
    let mut tx = db.begin().await?;
    let rows = SeaPlans.publish(&mut tx, catalogue).await?;
    tx.commit().await?;
    Ok(rows)
}

/// The version that is sold now.
pub(crate) async fn current(db: &Db, key: &str, interval: Interval) -> Plan {
    SeaPlans.current(db.reader(), key, interval).await.unwrap().unwrap()
}

/// The n-th account.
pub(crate) fn account(n: u128) -> AccountId {
    AccountId::from_uuid(Uuid::from_u128(n))
}

/// The plan of an account.
pub(crate) async fn plan_of(db: &Db, account: AccountId) -> AccountPlan {
    SeaAccountPlans.of(db.reader(), account).await.unwrap()
}

/// Puts an account on a plan and commits it.
pub(crate) async fn set(db: &Db, account: AccountId, plan: &Plan, seats: Option<u32>) -> Result<AccountPlan> {
    let mut tx = db.begin().await?;
    let set = SeaAccountPlans.set(&mut tx, account, plan.id, seats).await?;
    tx.commit().await?;
    Ok(set)
}

use std::{net::IpAddr, sync::Arc};

use bursar_api_keys::{ApiKey, KeyHolder, Scope, ScopeSet, ShownFrom, Spent, Verdict, effective, judge};
use bursar_identity::{Actor, Principal};
use bursar_kernel::{Amount, DomainError, Quota, Reader, Result};
use bursar_plans_and_contracts::AccountPlan;

use crate::{authorize::admit, core::Core, operation::Operation};

/// A million USD: no single use costs more, and sums stay far from what can be written down.
const MAX_COST: Amount = Amount::from_micros(1_000_000_000_000);

/// A key that a product was shown, and what its holder wants to do.
pub struct VerifyApiKey {
    /// The key's whole text.
    pub key: String,
    /// Scopes that it must hold; words that are no scope of ours are held by no key.
    pub permissions: Vec<String>,
    /// What its holder is about to spend: it is taken from what the key may spend.
    pub cost: Option<Amount>,
    /// From where it was shown to the product. A key that is bound to networks is refused without.
    pub ip: Option<IpAddr>,
}

impl VerifyApiKey {
    /// One of which nothing is asked but whether it is good.
    #[must_use]
    pub const fn shown(key: String) -> Self {
        Self { key, permissions: Vec::new(), cost: None, ip: None }
    }
}

/// Whether a key is good.
pub struct Verification {
    /// What is to be said of it.
    pub verdict: Verdict,
    /// The key, unless it is unknown to the caller.
    pub key: Option<VerifiedKey>,
}

/// What a product may know of a key that was shown to it.
pub struct VerifiedKey {
    /// The key.
    pub key: Arc<ApiKey>,
    /// What it may do now.
    pub scopes: ScopeSet,
    /// The plan of its account, as it was at most ten seconds ago.
    pub plan: Arc<AccountPlan>,
    /// How often it may still be used, where that is limited.
    pub quota: Option<Quota>,
    /// What it may still spend, where that is limited: at most a second old where nothing was spent
    /// by this very question.
    pub remaining: Option<Amount>,
    /// What is left in its account, at most a second ago.
    pub balance: Amount,
}

/// Says whether a key is good, and whose it is; counts the use, and takes the cost, when it is. A key
/// of another account is answered like one that does not exist, but for a service of the deployment.
///
/// # Errors
/// `forbidden` without the scope `keys:verify`; `invalid_field` for a cost that is none;
/// `database_unavailable` rather than a wrong answer.
pub async fn verify_api_key(core: &Core, actor: &Actor, command: VerifyApiKey) -> Result<Verification> {
    admit(actor, Operation::VerifyApiKey)?;
    if command.cost.is_some_and(|cost| cost < Amount::ZERO || cost > MAX_COST) {
        return Err(DomainError::invalid("cost", "must be 0 to 1000000 USD"));
    }
    let not_found = Verification { verdict: Verdict::NotFound, key: None };
    let Some(parsed) = core.parse_key(&command.key).await? else { return Ok(not_found) };
    let reader = core.db.reader();
    let Some(key) = core.remembered_key(reader, parsed.hash()).await? else { return Ok(not_found) };
    if !is_told(actor, &key) {
        return Ok(not_found);
    }
    // A key whose creator has left the account is as good as ended.
    let Some(standing) = core.remembered_standing_of(reader, &key).await? else {
        return Ok(Verification { verdict: Verdict::Revoked, key: None });
    };
    let scopes = effective(standing, &key.scopes);
    let mut verdict = by_its_state(&command, &key, reader, &scopes);
    // Before anything is counted or taken: what fails after that would be taken again.
    let balance = core.remembered_balance(reader, key.account.id()).await?;
    let plan = core.remembered_plan(reader, key.account.id()).await?;
    let quota = match key.per_minute {
        Some(per_minute) if verdict == Verdict::Valid => {
            Some(core.key_rates().take(key.id, per_minute, reader.now()))
        }
        _ => None,
    };
    if quota.is_some_and(|quota| !quota.passed()) {
        verdict = Verdict::RateLimited;
    }
    let remaining = match verdict {
        Verdict::Valid => spend(core, reader, &key, command.cost).await?,
        _ => Spending::default(),
    };
    if remaining.exceeded {
        verdict = Verdict::UsageExceeded;
    }
    if verdict == Verdict::Valid {
        core.key_used(key.id, reader.now());
    }
    let known = VerifiedKey { key, scopes, plan, quota, remaining: remaining.left, balance };
    Ok(Verification { verdict, key: Some(known) })
}

/// Keys of the deployment itself are nobody's business.
fn is_told(actor: &Actor, key: &ApiKey) -> bool {
    let is_service = matches!(actor.principal, Principal::Service { .. });
    key.holder != KeyHolder::Deployment && (is_service || key.account == actor.account)
}

fn by_its_state(command: &VerifyApiKey, key: &ApiKey, reader: Reader<'_>, scopes: &ScopeSet) -> Verdict {
    let from = ShownFrom::Address(command.ip);
    let wanted: Option<Vec<Scope>> = command.permissions.iter().map(|word| Scope::parse(word)).collect();
    match wanted {
        Some(wanted) => judge(key, reader.now(), from, &wanted, scopes),
        None => match judge(key, reader.now(), from, &[], scopes) {
            Verdict::Valid => Verdict::InsufficientPermissions,
            refused => refused,
        },
    }
}

#[derive(Default)]
struct Spending {
    left: Option<Amount>,
    exceeded: bool,
}

/// Takes what is to be spent, in a transaction of its own; without a cost, only looks whether
/// anything may be spent.
async fn spend(core: &Core, reader: Reader<'_>, key: &ApiKey, cost: Option<Amount>) -> Result<Spending> {
    if let Some(cost) = cost.filter(|cost| *cost > Amount::ZERO) {
        let mut tx = core.db.begin().await?;
        let spent = core.key_spending.spend(&mut tx, key, cost).await?;
        tx.invalidate_here(crate::remembered::spending_tag(key.id));
        tx.commit().await?;
        return Ok(match spent {
            Spent::Taken { left } => Spending { left, exceeded: false },
            Spent::Exceeded { left } => Spending { left: Some(left), exceeded: true },
        });
    }
    let Some(limit) = key.spend_limit else { return Ok(Spending::default()) };
    let spent = core.remembered_spending(reader, key).await?;
    let left = limit.amount.minus(spent)?;
    Ok(Spending { left: Some(left.max(Amount::ZERO)), exceeded: left <= Amount::ZERO })
}

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bursar_identity::{Actor, User};
use bursar_kernel::{OrganizationId, Result, UnixTimestamp, UserId};
use bursar_usage_metering::{SummaryRow, UsageSums};

use crate::{authorize::on_organization, core::Core, operation::Operation, usage::people_of};

/// What an organization used in some days.
pub struct Metrics {
    /// All of it.
    pub totals: UsageSums,
    /// How many people used anything.
    pub active_members: u64,
    /// By day, operation, kind of model and model.
    pub daily: Vec<SummaryRow>,
    /// By person, most credits first; nothing for usage that is nobody's.
    pub members: Vec<(Option<UserId>, Option<User>, UsageSums)>,
    /// By model, most credits first.
    pub models: Vec<(String, UsageSums)>,
}

/// What an organization used from the day `from` up to and with the day `to` (both at midnight UTC).
/// Its cost does not grow with history: it is answered from rollups.
///
/// # Errors
/// `organization_not_found`; `insufficient_permissions` for a plain member.
pub async fn read_metrics(
    core: &Core,
    actor: &Actor,
    organization: OrganizationId,
    from: UnixTimestamp,
    to: UnixTimestamp,
) -> Result<Metrics> {
    let reader = core.db.reader();
    let (account, _) = on_organization(core, reader, actor, Operation::ReadMetrics, organization).await?;
    let end = to.after(Duration::from_hours(24));
    let rows = core.usage_summaries.daily(reader, account.id(), from, end).await?;
    let mut totals = UsageSums::default();
    let mut daily: BTreeMap<(UnixTimestamp, String, String, String), UsageSums> = BTreeMap::new();
    let mut members: BTreeMap<Option<UserId>, UsageSums> = BTreeMap::new();
    let mut models: BTreeMap<String, UsageSums> = BTreeMap::new();
    for row in rows {
        totals.add(row.sums)?;
        members.entry(row.user).or_default().add(row.sums)?;
        models.entry(row.model.clone()).or_default().add(row.sums)?;
        daily.entry((row.day, row.operation, row.model_type, row.model)).or_default().add(row.sums)?;
    }
    let users: BTreeSet<UserId> = members.keys().copied().flatten().collect();
    let people = people_of(core, reader, account, &users.iter().copied().collect::<Vec<_>>()).await?;
    let people: BTreeMap<UserId, User> = people.into_iter().map(|user| (user.id, user)).collect();
    let daily = daily
        .into_iter()
        .map(|((day, operation, model_type, model), sums)| SummaryRow {
            day,
            operation,
            model_type,
            model,
            user: None,
            sums,
        })
        .collect();
    let mut members: Vec<_> = members
        .into_iter()
        .map(|(user, sums)| (user, user.and_then(|user| people.get(&user).cloned()), sums))
        .collect();
    members.sort_by_key(|(_, _, sums)| std::cmp::Reverse(sums.credits_used));
    let mut models: Vec<_> = models.into_iter().collect();
    models.sort_by_key(|(_, sums)| std::cmp::Reverse(sums.credits_used));
    Ok(Metrics { totals, active_members: users.len() as u64, daily, members, models })
}

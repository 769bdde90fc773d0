use std::collections::{BTreeMap, BTreeSet};

use bursar_api_keys::ApiKeyId;
use bursar_billing_ledger::{Charge, LockedBooks, PostingKind};
use bursar_kernel::{
    Account, AccountId, Amount, DomainError, Idempotency, Recorded, Result, Tx, UserId, codes,
};
use bursar_usage_metering::{EventKey, NewUsage, Rated, UsageEvent, UsageId, rate};
use serde::{Deserialize, Serialize};

use super::{
    Accepted, Admitted,
    decide::{Fresh, decide},
};
use crate::core::Services;

/// What becomes of a command.
pub(super) enum Decision {
    /// This is its answer.
    Answer(Result<Accepted>),
    /// It repeats a request of this very transaction, and is answered from its record in the next.
    Later,
}

/// What answers a request again.
#[derive(Serialize, Deserialize)]
struct Outcome {
    accepted: u64,
    duplicates: u64,
}

/// Records commands in one transaction: books are locked in the order of their identifiers,
/// everything is decided in memory under those locks, and each table is written by one statement.
/// A command that is refused is answered alone; the others go on.
///
/// # Errors
/// When the transaction as a whole fails; then nothing was recorded.
pub(super) async fn record(services: &Services, commands: &[&Admitted]) -> Result<Vec<Decision>> {
    let mut tx = services.db.begin().await?;
    let mut decisions = replay(&mut tx, commands).await?;
    let open: Vec<usize> = (0..commands.len()).filter(|&index| decisions[index].is_none()).collect();

    let events = || open.iter().flat_map(|&index| &commands[index].events);
    let accounts: BTreeSet<Account> = events().map(|event| event.subject.account).collect();
    let accounts: Vec<Account> = accounts.into_iter().collect();
    let mut books = services.ledger.lock(&mut tx, &accounts).await?;
    let keys: BTreeSet<EventKey> = events().map(UsageEvent::key).collect();
    let keys: Vec<EventKey> = keys.into_iter().collect();
    let mut known = services.usage_events.known(&mut tx, &keys).await?;

    let mut rows = Vec::new();
    let mut outcomes = Vec::new();
    for index in open {
        let command = commands[index];
        let answer = match decide(command, &mut known, tx.now()) {
            Ok(fresh) => {
                rows.extend(charge(services, &tx, &mut books, command, &fresh)?);
                let accepted = u64::try_from(fresh.events.len()).unwrap_or(u64::MAX);
                outcomes.push((index, Outcome { accepted, duplicates: fresh.duplicates }));
                Ok(Accepted { accepted, duplicates: fresh.duplicates, replayed: false })
            }
            Err(refused) => Err(refused),
        };
        decisions[index] = Some(Decision::Answer(answer));
    }

    services.ledger.write(&mut tx, books).await?;
    charge_keys(services, &mut tx, &rows).await?;
    services.usage_events.record(&mut tx, rows).await?;
    for (index, outcome) in &outcomes {
        if let Some(scope) = &commands[*index].idempotency {
            let outcome = serde_json::to_string(outcome).map_err(DomainError::internal)?;
            Idempotency::finish(&mut tx, scope, &outcome).await?;
        }
    }
    // A refused request keeps no record of its key: it may come again, corrected.
    forget_refused(&mut tx, commands, &decisions).await?;
    tx.commit().await?;
    Ok(decisions.into_iter().map(|decision| decision.unwrap_or(Decision::Later)).collect())
}

/// Adds what was charged to what the keys spent that it was attributed to.
async fn charge_keys(services: &Services, tx: &mut Tx, rows: &[NewUsage]) -> Result<()> {
    let mut by_key: BTreeMap<(ApiKeyId, AccountId), Amount> = BTreeMap::new();
    for row in rows {
        if let Some(key) = row.event.api_key {
            let key = (ApiKeyId::from_uuid(key), row.event.subject.account.id());
            let spent = by_key.entry(key).or_insert(Amount::ZERO);
            *spent = spent.plus(row.charged)?;
        }
    }
    if by_key.is_empty() {
        return Ok(());
    }
    let charged: Vec<_> = by_key.into_iter().map(|((key, account), amount)| (account, key, amount)).collect();
    services.key_spending.charged(tx, &charged).await?;
    for (_, key, _) in charged {
        tx.invalidate_here(crate::remembered::spending_tag(key));
    }
    Ok(())
}

/// Answers what was answered before. Keys are taken in order, so that two nodes never wait for
/// each other.
async fn replay(tx: &mut Tx, commands: &[&Admitted]) -> Result<Vec<Option<Decision>>> {
    let mut decisions: Vec<Option<Decision>> = commands.iter().map(|_| None).collect();
    let mut keyed: Vec<(usize, _)> = commands
        .iter()
        .enumerate()
        .filter_map(|(index, command)| command.idempotency.as_ref().map(|scope| (index, scope)))
        .collect();
    keyed.sort_by(|(_, one), (_, other)| one.order().cmp(&other.order()));
    for (index, scope) in keyed {
        decisions[index] = match Idempotency::begin(tx, scope).await {
            Ok(Recorded::New) => None,
            Ok(Recorded::Done(outcome)) => {
                let Outcome { accepted, duplicates } =
                    serde_json::from_str(&outcome).map_err(DomainError::internal)?;
                Some(Decision::Answer(Ok(Accepted { accepted, duplicates, replayed: true })))
            }
            // Only this transaction can have begun it: another's is waited for.
            Err(error) if error.is(&codes::IDEMPOTENCY_IN_PROGRESS) => Some(Decision::Later),
            Err(error) if error.is(&codes::IDEMPOTENCY_KEY_REUSED) => Some(Decision::Answer(Err(error))),
            Err(error) => return Err(error),
        };
    }
    Ok(decisions)
}

async fn forget_refused(tx: &mut Tx, commands: &[&Admitted], decisions: &[Option<Decision>]) -> Result<()> {
    for (command, decision) in commands.iter().zip(decisions) {
        if let (Some(scope), Some(Decision::Answer(Err(error)))) = (&command.idempotency, decision)
            && !error.is(&codes::IDEMPOTENCY_KEY_REUSED)
        {
            Idempotency::forget(tx, scope).await?;
        }
    }
    Ok(())
}

/// Rates the new events of a command and charges them: one posting for each account and source of
/// traffic.
fn charge(
    services: &Services,
    tx: &Tx,
    books: &mut LockedBooks,
    command: &Admitted,
    fresh: &Fresh<'_>,
) -> Result<Vec<NewUsage>> {
    let mut groups: BTreeMap<(Account, &str), Vec<(&UsageEvent, Rated)>> = BTreeMap::new();
    for event in &fresh.events {
        let rated = rate(&services.prices, &event.payload)?;
        if rated.unpriced {
            metrics::counter!("bursar_usage_unpriced_events_total").increment(1);
        }
        groups.entry((event.subject.account, event.traffic_source())).or_default().push((event, rated));
    }
    let mut rows = Vec::with_capacity(fresh.events.len());
    for ((account, traffic_source), events) in groups {
        let first = UsageId::from_uuid(tx.id());
        let costs = events.iter().map(|(_, rated)| rated.nanos()).collect::<Result<Vec<_>>>()?;
        let charged = books.charge(Charge {
            account,
            kind: PostingKind::Usage,
            reference: format!("usage:{first}"),
            costs,
            tokens: events.iter().map(|(event, _)| event.tokens()).sum(),
            traffic_source: Some(traffic_source.to_owned()),
            description: format!("{} events", events.len()),
            actor: command.actor.clone(),
        })?;
        for (position, ((event, rated), amount)) in events.into_iter().zip(charged.amounts).enumerate() {
            rows.push(NewUsage {
                id: if position == 0 { first } else { UsageId::from_uuid(tx.id()) },
                user: user_of(event, command.reporter),
                event: event.clone(),
                rated,
                charged: amount,
                posting: charged.posting.map(bursar_billing_ledger::PostingId::uuid),
            });
        }
    }
    Ok(rows)
}

/// Whose usage it was: the person that the subject names, the owner of a personal account, or who
/// the reporting key belongs to.
fn user_of(event: &UsageEvent, reporter: Option<UserId>) -> Option<UserId> {
    let named = event.subject.detail.as_deref().and_then(|detail| detail.parse().ok());
    match event.subject.account {
        Account::Personal(owner) => Some(owner),
        Account::Organization(_) => named.or(reporter),
    }
}

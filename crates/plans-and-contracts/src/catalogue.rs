use std::{collections::BTreeMap, ops::Range};

use bursar_kernel::Result;
use serde::Deserialize;
use toml::{Spanned, Value};

use crate::{
    limits::{Limit, Limits, MemberLimit},
    source::Source,
    terms::{PlanKind, PlanTerms},
};

/// The plan of every account that bought none.
pub(crate) const FREE: &str = "free";
/// No plan costs more than a million dollars a month, so that a year's price still fits 32 bits.
const MAX_MONTHLY_CENTS: i64 = 100_000_000;
/// How the file says that there is no limit.
const UNLIMITED: i64 = -1;
/// How the file says that there are as many members as seats.
const SEATS: &str = "seats";

/// The plans, as they are sold from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    plans: Vec<PlanTerms>,
    /// No part of what is bought: it applies to old versions as it is now.
    requests_per_minute: BTreeMap<String, Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    plan: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: Spanned<String>,
    name: Spanned<String>,
    description: Spanned<String>,
    kind: Spanned<String>,
    monthly_cents: Option<Spanned<i64>>,
    features: Vec<Spanned<String>>,
    active: Option<bool>,
    requests_per_minute: Option<Spanned<i64>>,
    limits: Option<Spanned<LimitsEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitsEntry {
    agents: Spanned<i64>,
    members: Spanned<Value>,
    workspaces: Spanned<i64>,
    rows_per_workspace: Spanned<i64>,
    api_calls: Spanned<i64>,
    webhook_deliveries: Spanned<i64>,
    messages: Spanned<i64>,
    logs_per_month: Spanned<i64>,
    log_retention_days: Spanned<i64>,
}

impl Catalogue {
    /// Reads `plans.toml` and checks all of it.
    ///
    /// # Errors
    /// The first fault: the sentence says its line and the rule (`plans.toml line 12: …`), and so do
    /// the values `line` and `rule`.
    pub fn parse(text: &str) -> Result<Self> {
        let source = Source::new(text);
        let file: File = source.read()?;
        let mut plans: Vec<PlanTerms> = Vec::new();
        let mut requests_per_minute = BTreeMap::new();
        for entry in file.plan {
            let span = entry.key.span();
            let requests = entry.requests_per_minute.as_ref();
            let requests =
                requests.map(|number| limit(&source, number.span(), *number.get_ref())).transpose()?;
            let terms = terms(&source, entry)?;
            if plans.iter().any(|plan| plan.key == terms.key) {
                return Err(source.fault(span, format!("there is a plan `{}` already", terms.key)));
            }
            requests_per_minute.insert(terms.key.clone(), requests.unwrap_or(Limit::Unlimited));
            plans.push(terms);
        }
        if plans.iter().all(|plan| plan.key != FREE) {
            return Err(source.fault(0..0, format!("there must be a plan `{FREE}`")));
        }
        Ok(Self { plans, requests_per_minute })
    }

    /// All of them, in the order of the file.
    #[must_use]
    pub fn plans(&self) -> &[PlanTerms] {
        &self.plans
    }

    /// The plan of this key.
    #[must_use]
    pub fn plan(&self, key: &str) -> Option<&PlanTerms> {
        self.plans.iter().find(|plan| plan.key == key)
    }

    /// Requests a minute that an account on the plan of this key may make of the APIs that limit by
    /// plan; of a plan that is in the catalogue no more, as many as on the free one.
    #[must_use]
    pub fn requests_per_minute(&self, key: &str) -> Limit {
        let known = self.requests_per_minute.get(key).or_else(|| self.requests_per_minute.get(FREE));
        known.copied().unwrap_or(Limit::Unlimited)
    }
}

fn terms(source: &Source<'_>, entry: Entry) -> Result<PlanTerms> {
    if !is_snake_case(entry.key.get_ref()) {
        return Err(source.fault(entry.key.span(), "a key is words of a-z and 0-9 with _ between"));
    }
    for (text, what) in [(&entry.name, "name"), (&entry.description, "description")] {
        if text.get_ref().trim().is_empty() {
            return Err(source.fault(text.span(), format!("a plan needs a {what}")));
        }
    }
    let kind = PlanKind::parse(entry.kind.get_ref()).ok_or_else(|| {
        let rule = format!("`{}` is not flat, per_seat, individual or contract", entry.kind.get_ref());
        source.fault(entry.kind.span(), rule)
    })?;
    let monthly_cents = price(source, &entry, kind)?;
    let limits = match (kind, &entry.limits) {
        (PlanKind::Individual, None) => None,
        (PlanKind::Individual, Some(limits)) => {
            return Err(source.fault(limits.span(), "an individual plan has no limits"));
        }
        (_, None) => return Err(source.fault(entry.kind.span(), format!("a {kind} plan needs limits"))),
        (_, Some(entry)) => Some(limits(source, entry.get_ref(), kind)?),
    };
    let is_active = entry.active.unwrap_or(true);
    Ok(PlanTerms {
        features: features(source, entry.features)?,
        key: entry.key.into_inner(),
        name: entry.name.into_inner(),
        description: entry.description.into_inner(),
        kind,
        monthly_cents,
        limits,
        is_active,
    })
}

fn price(source: &Source<'_>, entry: &Entry, kind: PlanKind) -> Result<Option<i64>> {
    let is_free = entry.key.get_ref() == FREE;
    if is_free && kind != PlanKind::Flat {
        return Err(source.fault(entry.kind.span(), format!("the plan `{FREE}` is flat")));
    }
    match (kind, &entry.monthly_cents) {
        (PlanKind::Contract, None) => Ok(None),
        (PlanKind::Contract, Some(cents)) => {
            Err(source.fault(cents.span(), "a contract says its own price: leave monthly_cents out"))
        }
        (_, None) => Err(source.fault(entry.kind.span(), format!("a {kind} plan needs monthly_cents"))),
        (_, Some(cents)) if is_free && *cents.get_ref() != 0 => {
            Err(source.fault(cents.span(), format!("the plan `{FREE}` costs 0")))
        }
        (_, Some(cents)) if (0..=MAX_MONTHLY_CENTS).contains(cents.get_ref()) => Ok(Some(*cents.get_ref())),
        (_, Some(cents)) => {
            let rule = format!("`{}` is not a price from 0 to {MAX_MONTHLY_CENTS} cents", cents.get_ref());
            Err(source.fault(cents.span(), rule))
        }
    }
}

fn limits(source: &Source<'_>, entry: &LimitsEntry, kind: PlanKind) -> Result<Limits> {
    let limit = |value: &Spanned<i64>| limit(source, value.span(), *value.get_ref());
    Ok(Limits {
        agents: limit(&entry.agents)?,
        members: members(source, &entry.members, kind)?,
        workspaces: limit(&entry.workspaces)?,
        rows_per_workspace: limit(&entry.rows_per_workspace)?,
        api_calls: limit(&entry.api_calls)?,
        webhook_deliveries: limit(&entry.webhook_deliveries)?,
        messages: limit(&entry.messages)?,
        logs_per_month: limit(&entry.logs_per_month)?,
        log_retention_days: limit(&entry.log_retention_days)?,
    })
}

fn limit(source: &Source<'_>, span: Range<usize>, number: i64) -> Result<Limit> {
    match (number, u64::try_from(number)) {
        (UNLIMITED, _) => Ok(Limit::Unlimited),
        (_, Ok(most)) => Ok(Limit::AtMost(most)),
        (_, Err(_)) => {
            let rule = format!("`{number}` is no limit: 0 or more, or {UNLIMITED} for none");
            Err(source.fault(span, rule))
        }
    }
}

/// Seats are bought where they are sold, and nowhere else do members go by them.
fn members(source: &Source<'_>, value: &Spanned<Value>, kind: PlanKind) -> Result<MemberLimit> {
    let fault = |rule: String| Err(source.fault(value.span(), rule));
    match (value.get_ref(), kind) {
        (Value::String(word), PlanKind::PerSeat) if word == SEATS => Ok(MemberLimit::Seats),
        (Value::String(word), _) if word == SEATS => {
            fault(format!("a {kind} plan sells no seats: members is a number"))
        }
        (_, PlanKind::PerSeat) => fault(format!("a {kind} plan has as many members as `{SEATS}`")),
        (Value::Integer(number), _) => Ok(match limit(source, value.span(), *number)? {
            Limit::Unlimited => MemberLimit::Unlimited,
            Limit::AtMost(most) => MemberLimit::AtMost(most),
        }),
        _ => fault(format!("members is a whole number or `{SEATS}`")),
    }
}

fn features(source: &Source<'_>, words: Vec<Spanned<String>>) -> Result<Vec<String>> {
    let mut features: Vec<String> = Vec::new();
    for word in words {
        let span = word.span();
        let word = word.into_inner();
        if !is_snake_case(&word) {
            return Err(source.fault(span, format!("`{word}` is not words of a-z and 0-9 with _ between")));
        }
        if features.contains(&word) {
            return Err(source.fault(span, format!("`{word}` stands twice")));
        }
        features.push(word);
    }
    Ok(features)
}

fn is_snake_case(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.split('_').all(is_word)
}

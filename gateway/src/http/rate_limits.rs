//! How often a caller may ask: each request is counted once, by who was recognized, or by the
//! address where nobody was. Each node counts for itself.

use std::{
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bursar_kernel::{AccountId, Clock, DomainError, Quota, Result, UnixTimestamp, subscriber};
use bursar_operations::{Actor, Core, RateCounters, error::RATE_LIMITED, requests_per_minute};
use bursar_plans_and_contracts::Limit;
use uuid::Uuid;

use super::family::Family;
use crate::config::Limits;

/// Callers, and addresses, within two minutes: 20 MiB.
const CAPACITY: u64 = 100_000;

/// The counters of this node.
pub struct RateLimits {
    limits: Limits,
    clock: Arc<dyn Clock>,
    /// By who acts, and whether on the platform, which has a limit of its own.
    callers: RateCounters<(bool, &'static str, Option<Uuid>)>,
    /// By the account whose plan says how often.
    accounts: RateCounters<AccountId>,
    addresses: RateCounters<IpAddr>,
}

/// What a request was counted as, for the headers of its answer.
#[derive(Clone, Debug, Default)]
pub struct Counted(Arc<OnceLock<Seen>>);

#[derive(Clone, Copy, Debug)]
struct Seen {
    policy: &'static str,
    quota: Quota,
    at: UnixTimestamp,
}

impl RateLimits {
    /// Of a node that goes by these limits.
    #[must_use]
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        Self {
            limits,
            clock,
            callers: RateCounters::new(CAPACITY),
            accounts: RateCounters::new(CAPACITY),
            addresses: RateCounters::new(CAPACITY),
        }
    }

    /// Counts a request of somebody who was recognized.
    ///
    /// # Errors
    /// `rate_limited`, with `retry_after_seconds`; when the plan cannot be read.
    pub async fn count_caller(
        &self,
        core: &Core,
        family: Family,
        actor: &Actor,
        counted: &Counted,
    ) -> Result<()> {
        let now = self.clock.now();
        if family == Family::Organization {
            let Limit::AtMost(most) = requests_per_minute(core, actor.account).await? else { return Ok(()) };
            let per_minute = u32::try_from(most).unwrap_or(u32::MAX);
            return counted.note("plan", self.accounts.take(actor.account.id(), per_minute, now), now);
        }
        let is_platform = family == Family::Platform;
        let limit = if is_platform { self.limits.per_platform_caller } else { self.limits.per_caller };
        let Some(per_minute) = limit else { return Ok(()) };
        let who = actor.audit();
        counted.note("caller", self.callers.take((is_platform, who.kind, who.id), per_minute, now), now)
    }

    /// Counts a request of nobody who was recognized, unless it was counted before. An unknown address
    /// has no limit.
    ///
    /// # Errors
    /// `rate_limited`, with `retry_after_seconds`.
    pub fn count_address(&self, ip: Option<IpAddr>, counted: &Counted) -> Result<()> {
        let (Some(ip), Some(per_minute)) = (ip, self.limits.per_ip) else { return Ok(()) };
        if counted.0.get().is_some() {
            return Ok(());
        }
        let now = self.clock.now();
        counted.note("address", self.addresses.take(subscriber(ip), per_minute, now), now)
    }
}

/// Whether requests of a family are counted by address where they show nothing. Payment providers call
/// from few addresses and prove themselves by a signature; pages have limits where they cost.
#[must_use]
pub const fn counts_addresses(family: Family) -> bool {
    !matches!(family, Family::Webhooks | Family::Site)
}

impl Counted {
    fn note(&self, policy: &'static str, quota: Quota, at: UnixTimestamp) -> Result<()> {
        // Of several, the first: a request is counted once.
        let _ = self.0.set(Seen { policy, quota, at });
        if quota.passed() {
            return Ok(());
        }
        Err(DomainError::from(&RATE_LIMITED).param("retry_after_seconds", quota.retry_after_seconds()))
    }

    /// Says in the answer how the caller stands: `RateLimit-Policy` and `RateLimit`
    /// (draft-ietf-httpapi-ratelimit-headers-10), and the family's own.
    pub fn tell(&self, family: Family, headers: &mut HeaderMap) {
        let Some(Seen { policy, quota, at }) = self.0.get().copied() else { return };
        let whole_in_seconds = quota.whole_in_seconds();
        let window_seconds = quota.window.as_secs();
        let texts = [
            ("ratelimit-policy", format!("\"{policy}\";q={};w={window_seconds}", quota.limit)),
            ("ratelimit", format!("\"{policy}\";r={};t={whole_in_seconds}", quota.remaining)),
        ];
        for (name, text) in texts {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if family == Family::Organization {
            let reset = at.after(quota.whole_in).seconds();
            for (name, number) in [
                ("x-ratelimit-limit", i64::from(quota.limit)),
                ("x-ratelimit-remaining", i64::from(quota.remaining)),
                ("x-ratelimit-reset", reset),
            ] {
                headers.insert(HeaderName::from_static(name), HeaderValue::from(number));
            }
        }
    }
}

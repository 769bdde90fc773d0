use std::{
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use bursar_kernel::{CellCounter, CellRate, Clock, DomainError, Result, UnixTimestamp, UserId, subscriber};

use crate::error;

/// Counters of one kind: 512 KiB, so that whoever tries from however many addresses takes no
/// memory. Two keys share a counter with a chance of one in 65 536, and then share a limit.
const COUNTERS: usize = 1 << 16;

/// What may be had in an hour.
#[derive(Clone, Copy, Debug)]
pub struct HourlyLimits {
    /// Mails that one address of the network can cause.
    pub mails_per_ip: u32,
    /// Mails that one mailbox can be made to get.
    pub mails_per_address: u32,
    /// Codes of a second factor that can be tried for one person: of a million, with three good
    /// ones at any time.
    pub codes_per_person: u32,
}

impl Default for HourlyLimits {
    fn default() -> Self {
        Self { mails_per_ip: 30, mails_per_address: 5, codes_per_person: 20 }
    }
}

/// How often somebody may try to sign in, by address and by account, and how often somebody may
/// have mail sent: asked before any password is hashed and any mail is written. Per node.
pub struct SignInLimits {
    per_ip: Limit,
    per_account: Limit,
    mail_per_ip: Limit,
    mail_per_address: Limit,
    codes_per_person: Limit,
    clock: Arc<dyn Clock>,
}

impl SignInLimits {
    /// So many tries a minute, at least one, evenly refilled; the rest by the hour.
    #[must_use]
    pub fn new(
        per_ip_per_minute: u32,
        per_account_per_minute: u32,
        hourly: HourlyLimits,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
        Self {
            per_ip: Limit::new(per_ip_per_minute, minute),
            per_account: Limit::new(per_account_per_minute, minute),
            mail_per_ip: Limit::new(hourly.mails_per_ip, hour),
            mail_per_address: Limit::new(hourly.mails_per_address, hour),
            codes_per_person: Limit::new(hourly.codes_per_person, hour),
            clock,
        }
    }

    /// Counts a try from `ip`, where it is known, at the account behind `account_key` (the folded
    /// address that was typed, whether anybody has it or not).
    ///
    /// # Errors
    /// `too_many_tries`, with `retry_after_seconds`.
    pub fn check(&self, ip: Option<IpAddr>, account_key: &str) -> Result<()> {
        self.check_ip(ip)?;
        let now = self.clock.now();
        self.per_account.take(account_key, now)
    }

    /// Counts a try from `ip`, where it is known, that names nobody.
    ///
    /// # Errors
    /// `too_many_tries`, with `retry_after_seconds`.
    pub fn check_ip(&self, ip: Option<IpAddr>) -> Result<()> {
        ip.map_or(Ok(()), |ip| self.per_ip.take(&subscriber(ip), self.clock.now()))
    }

    /// Counts a mail that somebody at `ip`, where it is known, has sent to the folded address
    /// `address_key`, whether anybody has it or not: 30 and 5 at once, and as many in each hour
    /// that follows.
    ///
    /// # Errors
    /// `too_many_tries`, with `retry_after_seconds`.
    pub fn check_mail(&self, ip: Option<IpAddr>, address_key: &str) -> Result<()> {
        let now = self.clock.now();
        if let Some(ip) = ip {
            self.mail_per_ip.take(&subscriber(ip), now)?;
        }
        self.mail_per_address.take(address_key, now)
    }

    /// Counts a code of a second factor that is tried for a person.
    ///
    /// # Errors
    /// `too_many_tries`, with `retry_after_seconds`.
    pub fn check_code(&self, user: UserId) -> Result<()> {
        self.codes_per_person.take(&user, self.clock.now())
    }
}

/// A rate for whoever comes, each by the counter that its key falls on.
struct Limit {
    rate: CellRate,
    hasher: RandomState,
    counters: Box<[CellCounter]>,
}

impl Limit {
    fn new(tries: u32, window: Duration) -> Self {
        Self {
            rate: CellRate::new(tries, window),
            hasher: RandomState::new(),
            counters: (0..COUNTERS).map(|_| CellCounter::default()).collect(),
        }
    }

    fn take<K: Hash + ?Sized>(&self, key: &K, now: UnixTimestamp) -> Result<()> {
        let [low, high, ..] = self.hasher.hash_one(key).to_le_bytes();
        let counter = &self.counters[usize::from(u16::from_le_bytes([low, high]))];
        let quota = self.rate.take(counter, now);
        if quota.passed() {
            return Ok(());
        }
        let seconds = quota.retry_after_seconds();
        Err(DomainError::from(&error::TOO_MANY_TRIES).param("retry_after_seconds", seconds))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        net::Ipv4Addr,
        sync::atomic::{AtomicI64, Ordering},
    };

    use super::*;

    struct Hand(AtomicI64);

    impl Hand {
        fn advance(&self, duration: Duration) {
            self.0.fetch_add(i64::try_from(duration.as_micros()).unwrap(), Ordering::Relaxed);
        }
    }

    impl Clock for Hand {
        fn now(&self) -> UnixTimestamp {
            UnixTimestamp::from_micros(self.0.load(Ordering::Relaxed))
        }
    }

    fn limits(per_ip: u32, per_account: u32) -> (Arc<Hand>, SignInLimits) {
        let clock = Arc::new(Hand(AtomicI64::new(1_790_000_000_000_000)));
        (clock.clone(), SignInLimits::new(per_ip, per_account, HourlyLimits::default(), clock))
    }

    fn ip(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    #[test]
    fn codes_of_one_person_are_not_guessed_however_long_somebody_tries() {
        let (clock, limits) = limits(1000, 1000);
        let (ada, eve) =
            (UserId::from_uuid(uuid::Uuid::from_u128(1)), UserId::from_uuid(uuid::Uuid::from_u128(2)));
        for _ in 0..20 {
            limits.check_code(ada).unwrap();
        }
        assert!(limits.check_code(ada).unwrap_err().is(&error::TOO_MANY_TRIES));
        limits.check_code(eve).unwrap();
        clock.advance(Duration::from_mins(3));
        limits.check_code(ada).unwrap();
        assert!(limits.check_code(ada).is_err());
    }

    #[test]
    fn one_account_is_guarded_from_however_many_addresses() {
        let (_, limits) = limits(1000, 3);
        for last in 0..3 {
            limits.check(Some(ip(last)), "ada@example.com").unwrap();
        }
        let refused = limits.check(Some(ip(9)), "ada@example.com").unwrap_err();
        assert!(refused.is(&error::TOO_MANY_TRIES));
        assert!(limits.check(Some(ip(9)), "eve@example.com").is_ok());
    }

    #[test]
    fn one_address_is_limited_over_however_many_accounts() {
        let (_, limits) = limits(5, 1000);
        for number in 0..5 {
            limits.check(Some(ip(1)), &format!("{number}@example.com")).unwrap();
        }
        assert!(limits.check(Some(ip(1)), "6@example.com").is_err());
        assert!(limits.check(Some(ip(2)), "6@example.com").is_ok());
        assert!(limits.check(None, "6@example.com").is_ok(), "an unknown address has no limit of its own");
    }

    #[test]
    fn whoever_waits_as_long_as_told_may_try_again() {
        let (clock, limits) = limits(1000, 7);
        for _ in 0..7 {
            limits.check(None, "ada").unwrap();
        }
        for _ in 0..20 {
            let refused = limits.check(None, "ada").unwrap_err();
            let seconds = refused.get("retry_after_seconds").unwrap().parse().unwrap();
            assert!((1..=60).contains(&seconds), "{seconds}");
            clock.advance(Duration::from_secs(seconds));
            limits.check(None, "ada").unwrap();
        }
        clock.advance(Duration::from_mins(1));
        for _ in 0..7 {
            limits.check(None, "ada").unwrap();
        }
    }

    #[test]
    fn one_mailbox_gets_five_mails_and_then_one_every_twelve_minutes() {
        let (clock, limits) = limits(1, 1);
        for last in 0..5 {
            limits.check_mail(Some(ip(last)), "ada@example.com").unwrap();
        }
        let refused = limits.check_mail(Some(ip(9)), "ada@example.com").unwrap_err();
        assert!(refused.is(&error::TOO_MANY_TRIES));
        assert_eq!(refused.get("retry_after_seconds"), Some("721"));
        assert!(limits.check(Some(ip(1)), "ada@example.com").is_ok(), "a mail is no try to sign in");
        clock.advance(Duration::from_mins(12));
        limits.check_mail(None, "ada@example.com").unwrap();
        assert!(limits.check_mail(None, "ada@example.com").is_err());
    }

    #[test]
    fn one_ip_causes_thirty_mails_however_many_mailboxes_it_names() {
        let (_, limits) = limits(1, 1);
        for number in 0..30 {
            limits.check_mail(Some(ip(1)), &format!("{number}@example.com")).unwrap();
        }
        assert!(limits.check_mail(Some(ip(1)), "31@example.com").is_err());
        assert!(limits.check_mail(Some(ip(2)), "31@example.com").is_ok());
    }

    #[test]
    fn a_subscriber_of_ipv6_has_one_limit_and_not_as_many_as_addresses() {
        let (_, limits) = limits(1, 1000);
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        limits.check(address("2001:db8:1:2::1"), "a").unwrap();
        assert!(limits.check(address("2001:db8:1:2:ffff::9"), "b").is_err());
        assert!(limits.check(address("2001:db8:1:3::1"), "c").is_ok());
        limits.check(address("192.0.2.7"), "d").unwrap();
        assert!(limits.check(address("::ffff:192.0.2.7"), "e").is_err(), "a mapped address is the same one");
    }

    #[test]
    fn parallel_tries_pass_exactly_as_often_as_allowed() {
        let (_, limits) = limits(1000, 10);
        let passed = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..50).filter(|_| limits.check(None, "ada").is_ok()).count()))
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(passed, 10);
    }
}

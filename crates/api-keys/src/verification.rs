use std::net::IpAddr;

use bursar_kernel::UnixTimestamp;

use crate::{
    key::ApiKey,
    scope::{Scope, ScopeSet},
};

bursar_kernel::text_enum! {
    /// What is to be said of a key that was shown.
    pub enum Verdict {
        /// It may do what is wanted.
        Valid = "VALID",
        /// There is none.
        NotFound = "NOT_FOUND",
        /// Its time is over.
        Expired = "EXPIRED",
        /// It was ended.
        Revoked = "REVOKED",
        /// It is switched off for now.
        Disabled = "DISABLED",
        /// It was used too often.
        RateLimited = "RATE_LIMITED",
        /// It lacks a scope that is wanted.
        InsufficientPermissions = "INSUFFICIENT_PERMISSIONS",
        /// It has spent what it may spend.
        UsageExceeded = "USAGE_EXCEEDED",
        /// It was shown from an address that it may not be used from.
        ForbiddenIp = "FORBIDDEN_IP",
    }
}

/// From where a key was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownFrom {
    /// It was not shown: it is only looked at, as in a list.
    Anywhere,
    /// From this address, if it is known.
    Address(Option<IpAddr>),
}

/// Judges a known key by its own state: the most lasting reason against it comes first. How often it
/// was used and what it spent are found out elsewhere, once nothing else speaks against it.
#[must_use]
pub fn judge(
    key: &ApiKey,
    now: UnixTimestamp,
    from: ShownFrom,
    wanted: &[Scope],
    effective: &ScopeSet,
) -> Verdict {
    let is_permitted = match from {
        ShownFrom::Anywhere => true,
        ShownFrom::Address(address) => key.networks.permit(address),
    };
    if key.revoked_at.is_some() {
        Verdict::Revoked
    } else if key.expires_at.is_some_and(|end| end <= now) {
        Verdict::Expired
    } else if !key.enabled {
        Verdict::Disabled
    } else if !is_permitted {
        Verdict::ForbiddenIp
    } else if !effective.holds_all(&ScopeSet::of(wanted)) {
        Verdict::InsufficientPermissions
    } else {
        Verdict::Valid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::Networks;

    const fn at(micros: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(micros)
    }

    fn key(expires_at: Option<i64>, revoked_at: Option<i64>, enabled: bool) -> ApiKey {
        let (expires_at, revoked_at) = (expires_at.map(at), revoked_at.map(at));
        ApiKey { expires_at, revoked_at, enabled, ..ApiKey::example() }
    }

    fn bound(key: ApiKey) -> ApiKey {
        ApiKey { networks: Networks::parse(&["192.0.2.0/24".to_owned()]).unwrap(), ..key }
    }

    #[test]
    fn the_most_lasting_reason_against_a_key_is_named() {
        let (read, none) = (ScopeSet::of(&[Scope::Read]), ScopeSet::default());
        let unknown = ShownFrom::Address(None);
        for (key, effective, verdict) in [
            (key(None, None, true), &read, Verdict::Valid),
            (key(Some(101), None, true), &read, Verdict::Valid),
            (key(Some(100), None, true), &read, Verdict::Expired),
            (bound(key(Some(99), Some(50), false)), &none, Verdict::Revoked),
            (bound(key(Some(99), None, false)), &none, Verdict::Expired),
            (bound(key(None, None, false)), &none, Verdict::Disabled),
            (bound(key(None, None, true)), &none, Verdict::ForbiddenIp),
            (key(None, None, true), &none, Verdict::InsufficientPermissions),
        ] {
            assert_eq!(judge(&key, at(100), unknown, &[Scope::Read], effective), verdict, "{key:?}");
        }
    }

    #[test]
    fn a_key_that_is_bound_to_networks_is_good_from_there_alone() {
        let key = bound(key(None, None, true));
        let verdict = |from| judge(&key, at(0), from, &[], &ScopeSet::default());
        assert_eq!(verdict(ShownFrom::Address(Some("192.0.2.7".parse().unwrap()))), Verdict::Valid);
        assert_eq!(verdict(ShownFrom::Address(Some("::ffff:192.0.2.7".parse().unwrap()))), Verdict::Valid);
        assert_eq!(verdict(ShownFrom::Address(Some("198.51.100.1".parse().unwrap()))), Verdict::ForbiddenIp);
        assert_eq!(verdict(ShownFrom::Address(None)), Verdict::ForbiddenIp);
        assert_eq!(verdict(ShownFrom::Anywhere), Verdict::Valid, "it is not shown");
    }

    #[test]
    fn the_effective_scopes_count_and_not_those_that_are_stored() {
        let key = key(None, None, true);
        let effective = ScopeSet::of(&[Scope::Read]);
        let from = ShownFrom::Anywhere;
        assert_eq!(judge(&key, at(0), from, &[], &ScopeSet::default()), Verdict::Valid, "nothing is wanted");
        let wanted = [Scope::Read, Scope::UsageWrite];
        assert_eq!(judge(&key, at(0), from, &wanted, &effective), Verdict::InsufficientPermissions);
    }
}

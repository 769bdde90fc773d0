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

/// Judges a known key by its own state: the most lasting reason against it comes first.
#[must_use]
pub fn judge(key: &ApiKey, now: UnixTimestamp, wanted: &[Scope], effective: &ScopeSet) -> Verdict {
    if key.revoked_at.is_some() {
        Verdict::Revoked
    } else if key.expires_at.is_some_and(|end| end <= now) {
        Verdict::Expired
    } else if !key.enabled {
        Verdict::Disabled
    } else if !effective.holds_all(&ScopeSet::of(wanted)) {
        Verdict::InsufficientPermissions
    } else {
        Verdict::Valid
    }
}

#[cfg(test)]
mod tests {
    use bursar_kernel::{Account, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::key::ApiKeyId;

    const fn at(micros: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(micros)
    }

    fn key(expires_at: Option<i64>, revoked_at: Option<i64>, enabled: bool) -> ApiKey {
        let user = UserId::from_uuid(Uuid::nil());
        ApiKey {
            id: ApiKeyId::from_uuid(Uuid::nil()),
            account: Account::Personal(user),
            creator: user,
            name: "ci".to_owned(),
            prefix: "sk".to_owned(),
            last_four: "abcd".to_owned(),
            scopes: ScopeSet::ALL,
            created_at: at(0),
            last_used_at: None,
            expires_at: expires_at.map(at),
            revoked_at: revoked_at.map(at),
            enabled,
        }
    }

    #[test]
    fn the_most_lasting_reason_against_a_key_is_named() {
        let (read, none) = (ScopeSet::of(&[Scope::Read]), ScopeSet::default());
        for (key, effective, verdict) in [
            (key(None, None, true), &read, Verdict::Valid),
            (key(Some(101), None, true), &read, Verdict::Valid),
            (key(Some(100), None, true), &read, Verdict::Expired),
            (key(Some(99), Some(50), false), &none, Verdict::Revoked),
            (key(Some(99), None, false), &none, Verdict::Expired),
            (key(None, None, false), &none, Verdict::Disabled),
            (key(None, None, true), &none, Verdict::InsufficientPermissions),
        ] {
            assert_eq!(judge(&key, at(100), &[Scope::Read], effective), verdict, "{key:?}");
        }
    }

    #[test]
    fn the_effective_scopes_count_and_not_those_that_are_stored() {
        let key = key(None, None, true);
        let effective = ScopeSet::of(&[Scope::Read]);
        assert_eq!(judge(&key, at(0), &[], &ScopeSet::default()), Verdict::Valid, "nothing is wanted");
        let wanted = [Scope::Read, Scope::UsageWrite];
        assert_eq!(judge(&key, at(0), &wanted, &effective), Verdict::InsufficientPermissions);
    }
}

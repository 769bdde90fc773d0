use bursar_kernel::{DomainError, Result, UnixTimestamp};

use crate::{
    key::{ApiKey, KeyName, check_expiry, check_per_minute},
    networks::Networks,
    scope::ScopeSet,
    spend_limit::SpendLimit,
};

/// What to change of a key; what is absent stays, and `Some(None)` takes a limit away.
#[derive(Clone, Debug, Default)]
#[expect(clippy::option_option, reason = "a limit is left, taken away or replaced")]
pub struct KeyChange {
    /// What to call it.
    pub name: Option<KeyName>,
    /// What it may do.
    pub scopes: Option<ScopeSet>,
    /// From when on it is refused.
    pub expires_at: Option<Option<UnixTimestamp>>,
    /// Whether it is switched on.
    pub enabled: Option<bool>,
    /// From where it may be used.
    pub networks: Option<Networks>,
    /// How often it may be used in a minute.
    pub per_minute: Option<Option<u32>>,
    /// What it may spend.
    pub spend_limit: Option<Option<SpendLimit>>,
}

impl KeyChange {
    /// Whether the key could then do anything that it cannot do now. A limit in another window is
    /// taken for wider, since neither holds the other.
    #[must_use]
    pub fn widens(&self, key: &ApiKey) -> bool {
        let scopes = self.scopes.as_ref().is_some_and(|scopes| !key.scopes.holds_all(scopes));
        let expiry = loosens(self.expires_at, key.expires_at, |new, old| new <= old);
        let enabled = self.enabled == Some(true) && !key.enabled;
        let networks = self.networks.as_ref().is_some_and(|networks| !networks.are_within(&key.networks));
        let rate = loosens(self.per_minute, key.per_minute, |new, old| new <= old);
        let spending = loosens(self.spend_limit, key.spend_limit, |new, old| {
            new.window == old.window && new.amount <= old.amount
        });
        scopes || expiry || enabled || networks || rate || spending
    }

    /// # Errors
    /// `invalid_field` for what no key can be changed to.
    pub(crate) fn check(&self, now: UnixTimestamp) -> Result<(), DomainError> {
        check_expiry(self.expires_at.flatten(), now)?;
        check_per_minute(self.per_minute.flatten())?;
        self.spend_limit.flatten().map_or(Ok(()), |limit| limit.checked().map(|_| ()))
    }
}

/// Whether a limit is given up for one that is not as tight.
#[expect(clippy::option_option, reason = "a limit is left, taken away or replaced")]
fn loosens<T>(change: Option<Option<T>>, now: Option<T>, is_as_tight: impl FnOnce(T, T) -> bool) -> bool {
    match (change, now) {
        (None, _) | (Some(_), None) => false,
        (Some(None), Some(_)) => true,
        (Some(Some(new)), Some(old)) => !is_as_tight(new, old),
    }
}

#[cfg(test)]
mod tests {
    use bursar_kernel::Amount;

    use super::*;
    use crate::{scope::Scope, spend_limit::SpendWindow};

    fn networks(texts: &[&str]) -> Networks {
        Networks::parse(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    const fn at(micros: i64) -> UnixTimestamp {
        UnixTimestamp::from_micros(micros)
    }

    const fn spend(micros: i64, window: SpendWindow) -> SpendLimit {
        SpendLimit { amount: Amount::from_micros(micros), window }
    }

    /// A key that is limited in every way.
    fn limited() -> ApiKey {
        ApiKey {
            scopes: ScopeSet::of(&[Scope::Read, Scope::UsageWrite]),
            expires_at: Some(at(100)),
            networks: networks(&["10.0.0.0/8", "2001:db8::/32"]),
            per_minute: Some(60),
            spend_limit: Some(spend(1000, SpendWindow::Day)),
            enabled: false,
            ..ApiKey::example()
        }
    }

    #[test]
    fn what_only_narrows_or_renames_a_limited_key_does_not_widen_it() {
        let change = KeyChange::default;
        for narrower in [
            change(),
            KeyChange { name: Some(KeyName::new("other").unwrap()), ..change() },
            KeyChange { scopes: Some(ScopeSet::of(&[Scope::Read])), ..change() },
            KeyChange { scopes: Some(ScopeSet::default()), ..change() },
            KeyChange { scopes: Some(limited().scopes), ..change() },
            KeyChange { expires_at: Some(Some(at(100))), ..change() },
            KeyChange { expires_at: Some(Some(at(99))), ..change() },
            KeyChange { enabled: Some(false), ..change() },
            KeyChange { networks: Some(limited().networks), ..change() },
            KeyChange { networks: Some(networks(&["10.1.0.0/16", "10.2.3.4"])), ..change() },
            KeyChange { per_minute: Some(Some(60)), ..change() },
            KeyChange { per_minute: Some(Some(1)), ..change() },
            KeyChange { spend_limit: Some(Some(spend(1000, SpendWindow::Day))), ..change() },
            KeyChange { spend_limit: Some(Some(spend(1, SpendWindow::Day))), ..change() },
        ] {
            assert!(!narrower.widens(&limited()), "{narrower:?}");
        }
    }

    #[test]
    fn what_loosens_any_limit_widens_a_key_whatever_else_it_narrows() {
        let change = || KeyChange { scopes: Some(ScopeSet::of(&[Scope::Read])), ..KeyChange::default() };
        for wider in [
            KeyChange { scopes: Some(ScopeSet::of(&[Scope::Read, Scope::KeysVerify])), ..change() },
            KeyChange { expires_at: Some(None), ..change() },
            KeyChange { expires_at: Some(Some(at(101))), ..change() },
            KeyChange { enabled: Some(true), ..change() },
            KeyChange { networks: Some(Networks::default()), ..change() },
            KeyChange { networks: Some(networks(&["10.0.0.0/8", "11.0.0.0/8"])), ..change() },
            KeyChange { networks: Some(networks(&["10.0.0.0/7"])), ..change() },
            KeyChange { per_minute: Some(None), ..change() },
            KeyChange { per_minute: Some(Some(61)), ..change() },
            KeyChange { spend_limit: Some(None), ..change() },
            KeyChange { spend_limit: Some(Some(spend(1001, SpendWindow::Day))), ..change() },
            KeyChange { spend_limit: Some(Some(spend(1, SpendWindow::Month))), ..change() },
        ] {
            assert!(wider.widens(&limited()), "{wider:?}");
        }
    }

    #[test]
    fn every_limit_narrows_a_key_that_had_none() {
        let free = ApiKey::example();
        for narrower in [
            KeyChange { expires_at: Some(Some(at(1))), ..KeyChange::default() },
            KeyChange { expires_at: Some(None), ..KeyChange::default() },
            KeyChange { enabled: Some(true), ..KeyChange::default() },
            KeyChange { networks: Some(networks(&["::/0"])), ..KeyChange::default() },
            KeyChange { networks: Some(Networks::default()), ..KeyChange::default() },
            KeyChange { per_minute: Some(Some(u32::MAX)), ..KeyChange::default() },
            KeyChange { spend_limit: Some(Some(spend(1, SpendWindow::Total))), ..KeyChange::default() },
        ] {
            assert!(!narrower.widens(&free), "{narrower:?}");
        }
    }
}

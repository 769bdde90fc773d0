//! A key as a page shows it: everything but its text.

use bursar_api_keys::{ApiKey, Networks, Scope, ScopeSet, SpendWindow};
use bursar_kernel::{Account, Amount, UnixTimestamp};
use bursar_operations::Profile;

use crate::pages::when::When;

/// More networks than these are only counted.
const NETWORKS_SHOWN: usize = 3;

/// A key in a list, or at the top of its own page.
pub(super) struct KeyRow {
    pub(super) id: String,
    pub(super) name: String,
    /// `sk_…3xQz`: as much of the text as tells it from others.
    pub(super) text: String,
    pub(super) account: String,
    /// `read, report usage`.
    pub(super) scopes: String,
    /// What it is held to, one after the other.
    pub(super) limits: Vec<String>,
    pub(super) made: When,
    pub(super) last_used: Option<When>,
    pub(super) ends: Option<When>,
    pub(super) is_on: bool,
    pub(super) is_over: bool,
}

impl KeyRow {
    pub(super) fn of(key: &ApiKey, profile: &Profile, now: UnixTimestamp) -> Self {
        let uses = key.per_minute.map(|uses| match uses {
            1 => "1 use a minute".to_owned(),
            uses => format!("{uses} uses a minute"),
        });
        let spending = key
            .spend_limit
            .map(|limit| format!("{} USD {}", dollars(limit.amount), window_in_words(limit.window)));
        Self {
            id: key.id.to_string(),
            name: key.name.clone(),
            text: beginning_and_end(key),
            account: account_name(profile, key.account),
            scopes: scopes_in_words(&key.scopes),
            limits: networks_in_words(&key.networks).into_iter().chain(uses).chain(spending).collect(),
            made: key.created_at.into(),
            last_used: key.last_used_at.map(When::from),
            ends: key.expires_at.map(When::from),
            is_on: key.enabled,
            is_over: key.expires_at.is_some_and(|end| end <= now),
        }
    }
}

/// Imported keys begin with whatever they began with before; between ours and the rest is `_`.
fn beginning_and_end(key: &ApiKey) -> String {
    let is_word = key.prefix.ends_with(|last: char| last.is_ascii_alphanumeric());
    let between = if is_word { "_…" } else { "…" };
    format!("{}{between}{}", key.prefix, key.last_four)
}

/// What people call an account of theirs.
pub(super) fn account_name(profile: &Profile, account: Account) -> String {
    let Some(organization) = account.organization() else { return "Personal".to_owned() };
    let known = profile.organizations.iter().find(|it| it.organization == organization);
    // A member may have been removed between two reads.
    known.map_or_else(|| organization.to_string(), |it| it.name.clone())
}

fn scopes_in_words(scopes: &ScopeSet) -> String {
    scopes.iter().map(|scope| in_a_word(scope).to_lowercase()).collect::<Vec<_>>().join(", ")
}

/// What a scope is called on the pages.
pub(super) const fn in_a_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read",
        Scope::UsageWrite => "Report usage",
        Scope::KeysVerify => "Check keys",
        Scope::BillingWrite => "Buy",
    }
}

/// What a spending limit is added up over.
pub(super) const fn window_in_words(window: SpendWindow) -> &'static str {
    match window {
        SpendWindow::Day => "a day",
        SpendWindow::Month => "a month",
        SpendWindow::Total => "in all",
    }
}

fn networks_in_words(networks: &Networks) -> Option<String> {
    let networks = networks.to_strings();
    match networks.len() {
        0 => None,
        1..=NETWORKS_SHOWN => Some(format!("from {}", networks.join(", "))),
        many => Some(format!("from {many} networks")),
    }
}

/// `25.00`: exact, as it can be typed again, with cents always and what is smaller where there is any.
pub(super) fn dollars(amount: Amount) -> String {
    let text = amount.to_string();
    let number = text.trim_end_matches(" USD");
    let Some((whole, rest)) = number.split_once('.') else { return number.to_owned() };
    let (cents, smaller) = rest.split_at(2);
    format!("{whole}.{cents}{}", smaller.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_it_can_be_typed() {
        for (micros, shown) in [(25_000_000, "25.00"), (500_000, "0.50"), (1_234_000_001, "1234.000001")] {
            assert_eq!(dollars(Amount::from_micros(micros)), shown);
        }
    }

    #[test]
    fn many_networks_are_counted() {
        let networks = |count| Networks::parse(&vec!["10.0.0.0/8".to_owned(); count]).unwrap();
        assert_eq!(networks_in_words(&networks(0)), None);
        assert_eq!(networks_in_words(&networks(2)).unwrap(), "from 10.0.0.0/8, 10.0.0.0/8");
        assert_eq!(networks_in_words(&networks(4)).unwrap(), "from 4 networks");
    }
}

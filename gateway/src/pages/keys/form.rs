//! The form of a key as a template reads it.

use bursar_api_keys::{Scope, ScopeSet, SpendWindow};

use super::{
    fields::{DAYS, Fields, KEEP, NEVER},
    row::{in_a_word, window_in_words},
};

/// Everything that the fields show and offer.
pub(super) struct Form<'a> {
    pub(super) fields: &'a Fields,
    pub(super) scopes: Vec<ScopeChoice>,
    pub(super) ends: Vec<Choice>,
    pub(super) windows: Vec<Choice>,
}

/// A scope that may be given.
pub(super) struct ScopeChoice {
    pub(super) word: &'static str,
    pub(super) label: &'static str,
    pub(super) explanation: &'static str,
    pub(super) is_chosen: bool,
}

/// A line of a select.
pub(super) struct Choice {
    pub(super) word: &'static str,
    pub(super) label: String,
    pub(super) is_chosen: bool,
}

impl<'a> Form<'a> {
    /// For a key that is not there yet.
    pub(super) fn to_make(fields: &'a Fields, grantable: &ScopeSet) -> Self {
        Self::of(fields, grantable, None)
    }

    /// For a key whose end can also be left as it is.
    pub(super) fn to_change(fields: &'a Fields, grantable: &ScopeSet) -> Self {
        Self::of(fields, grantable, Some((KEEP, "As it is".to_owned())))
    }

    fn of(fields: &'a Fields, grantable: &ScopeSet, kept: Option<(&'static str, String)>) -> Self {
        let days = DAYS.iter().map(|(word, days)| (*word, format!("In {days} days")));
        let ends = kept.into_iter().chain([(NEVER, "Never".to_owned())]).chain(days);
        let windows = SpendWindow::ALL.iter().map(|it| (it.as_str(), window_in_words(*it).to_owned()));
        let choices = |all: Vec<(&'static str, String)>, chosen: &str| {
            let choice = |(word, label): (&'static str, String)| {
                let is_chosen = word == chosen;
                Choice { word, label, is_chosen }
            };
            all.into_iter().map(choice).collect()
        };
        Self {
            scopes: grantable.iter().map(|scope| ScopeChoice::of(scope, fields)).collect(),
            ends: choices(ends.collect(), &fields.ends),
            windows: choices(windows.collect(), &fields.window),
            fields,
        }
    }
}

impl ScopeChoice {
    fn of(scope: Scope, fields: &Fields) -> Self {
        let explanation = match scope {
            Scope::Read => "See what you may see on the account: its balance, its usage, its members.",
            Scope::UsageWrite => "Tell what was used. The account pays for it.",
            Scope::KeysVerify => "Ask whether keys of the account are good, and count their use.",
            Scope::BillingWrite => "Begin purchases of credits for the account.",
        };
        let is_chosen = fields.has(scope);
        Self { word: scope.as_str(), label: in_a_word(scope), explanation, is_chosen }
    }
}

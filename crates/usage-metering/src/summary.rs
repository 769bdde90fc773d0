use std::collections::BTreeMap;

use bursar_kernel::{AccountId, Amount, DomainError, Reader, Result, UnixTimestamp, UserId, codes};

use crate::sums::{Layout, PLACES, Place};

/// Rollup rows that one answer is made of: a year of fifty people with five models each has fewer.
pub const MAX_SUMMARY_ROWS: usize = 100_000;

/// The meters that sums are read from. A meter's key is for ever, so that rows of any age answer to
/// it; what else a catalogue counts by the same numbers is of no interest here.
const REQUESTS: &str = "requests";
const PROMPT_TOKENS: &str = "prompt_tokens";
const COMPLETION_TOKENS: &str = "completion_tokens";
const CACHED_TOKENS: &str = "cached_tokens";
const COST: &str = "cost";
const CREDITS: &str = "credits";

/// What calls of models add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageSums {
    /// How many calls.
    pub requests: i64,
    /// Tokens in.
    pub prompt_tokens: i64,
    /// Tokens out.
    pub completion_tokens: i64,
    /// The part of the tokens in that the provider had kept.
    pub cached_tokens: i64,
    /// What they cost, in 10⁻⁸ USD.
    pub cost_usd_e8: i64,
    /// What was taken from the balance.
    pub credits_used: Amount,
}

impl UsageSums {
    /// Adds others. Counts stop at the greatest number there is; money that does not fit is refused.
    ///
    /// # Errors
    /// `amount_out_of_range`, and then nothing is added.
    pub fn add(&mut self, other: Self) -> Result<()> {
        let cost_usd_e8 = self
            .cost_usd_e8
            .checked_add(other.cost_usd_e8)
            .ok_or_else(|| DomainError::from(&codes::AMOUNT_OUT_OF_RANGE))?;
        *self = Self {
            requests: self.requests.saturating_add(other.requests),
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            cached_tokens: self.cached_tokens.saturating_add(other.cached_tokens),
            cost_usd_e8,
            credits_used: self.credits_used.plus(other.credits_used)?,
        };
        Ok(())
    }

    /// Tokens in and out.
    #[must_use]
    pub const fn total_tokens(&self) -> i64 {
        self.prompt_tokens.saturating_add(self.completion_tokens)
    }

    /// What a rollup row of these meters says; nothing when it is about none of ours. `wholes` are
    /// its sums without their millionths, which a number of tokens or of money's units never has.
    pub(crate) fn of_rollup(meters: &str, count: i64, wholes: &[i64; PLACES]) -> Option<Self> {
        let mut ours = false;
        let mut value = |key| {
            let place = Layout::place_of(meters, key);
            ours |= place.is_some();
            match place {
                None => 0,
                Some(Place::Count) => count,
                Some(Place::Sum(place)) => wholes.get(place).copied().unwrap_or_default(),
            }
        };
        let sums = Self {
            requests: value(REQUESTS),
            prompt_tokens: value(PROMPT_TOKENS),
            completion_tokens: value(COMPLETION_TOKENS),
            cached_tokens: value(CACHED_TOKENS),
            cost_usd_e8: value(COST),
            credits_used: Amount::from_micros(value(CREDITS)),
        };
        ours.then_some(sums)
    }
}

/// What calls of one kind, of one model, by one person came to on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    /// Midnight of UTC at which the day begins.
    pub day: UnixTimestamp,
    /// What for.
    pub operation: String,
    /// What kind of model; empty when nobody said.
    pub model_type: String,
    /// Which model.
    pub model: String,
    /// Whose doing, as far as is known.
    pub user: Option<UserId>,
    /// What it came to.
    pub sums: UsageSums,
}

/// What an account used, day by day.
#[async_trait::async_trait]
pub trait UsageSummaries: Send + Sync {
    /// Calls of models in the days of UTC from the one that holds `from` up to `to`, whose day is
    /// still counted whole unless it begins there: a row for each day and group in which something
    /// happened, in order of days, then groups. By the time of events, not of their receipt. One
    /// statement over the rollups, so that its cost does not grow with the number of events.
    ///
    /// It reads the meters `requests`, `prompt_tokens`, `completion_tokens`, `cached_tokens`, `cost`
    /// and `credits`, which are to be split by `operation`, `modelType`, `model` and `userId`. What
    /// was counted without one of these words has an empty one, or no user.
    ///
    /// # Errors
    /// `invalid_field` (`endDate`) when more than [`MAX_SUMMARY_ROWS`] rollup rows would be added up;
    /// `amount_out_of_range`.
    async fn daily(
        &self,
        reader: Reader<'_>,
        account: AccountId,
        from: UnixTimestamp,
        to: UnixTimestamp,
    ) -> Result<Vec<SummaryRow>>;
}

/// What a row is about, in the order in which rows are answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Group {
    pub(crate) day: UnixTimestamp,
    pub(crate) operation: String,
    pub(crate) model_type: String,
    pub(crate) model: String,
    pub(crate) user: Option<UserId>,
}

/// Gathers what the database answered into rows: it tells more words apart than a row shows.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    found: BTreeMap<Group, UsageSums>,
}

impl Summary {
    pub(crate) fn add(&mut self, group: Group, sums: UsageSums) -> Result<()> {
        self.found.entry(group).or_default().add(sums)
    }

    pub(crate) fn finish(self) -> Vec<SummaryRow> {
        let row = |(Group { day, operation, model_type, model, user }, sums): (Group, UsageSums)| {
            SummaryRow { day, operation, model_type, model, user, sums }
        };
        self.found.into_iter().map(row).collect()
    }
}

pub(crate) fn too_many() -> DomainError {
    let rule =
        format!("must be nearer to startDate: more than {MAX_SUMMARY_ROWS} rows of usage are between them");
    DomainError::invalid("endDate", rule)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLES: [i64; PLACES] = [1, 2, 3, 4, 5, 6, 7, 8];

    #[test]
    fn a_row_is_read_by_what_it_says_of_itself() {
        let sums = |meters| UsageSums::of_rollup(meters, 9, &WHOLES);
        assert_eq!(
            sums("cached_tokens,completion_tokens,cost,credits,prompt_tokens,#requests,tokens"),
            Some(UsageSums {
                requests: 9,
                prompt_tokens: 5,
                completion_tokens: 2,
                cached_tokens: 1,
                cost_usd_e8: 3,
                credits_used: Amount::from_micros(4),
            })
        );
        assert_eq!(
            sums("audio_seconds,#calls,cost"),
            Some(UsageSums { cost_usd_e8: 2, ..UsageSums::default() })
        );
        assert_eq!(sums("#requests"), Some(UsageSums { requests: 9, ..UsageSums::default() }));
        assert_eq!(sums("tokens,#calls"), None);
    }

    #[test]
    fn money_that_does_not_fit_is_refused_and_adds_nothing() {
        let full = UsageSums { cost_usd_e8: i64::MAX, prompt_tokens: 1, ..UsageSums::default() };
        let rich = UsageSums { credits_used: Amount::from_micros(i64::MAX), ..UsageSums::default() };
        let cent = UsageSums {
            requests: 1,
            cost_usd_e8: 1,
            credits_used: Amount::from_micros(1),
            ..UsageSums::default()
        };
        for mut sums in [full, rich] {
            let before = sums;
            assert_eq!(sums.add(cent).unwrap_err().code(), "amount_out_of_range");
            assert_eq!(sums, before);
        }
    }
}

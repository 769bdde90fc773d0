use std::fmt;

use crate::error::{DomainError, Result, codes};

/// Money in whole micro-USD (1 USD = 1 000 000), signed.
///
/// There is no `+`: every sum is checked, because money that wraps is money lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i64);

crate::column_type!(Amount, i64, |value: Amount| value.0, |micros: i64| Some(Amount(micros)));

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Micro-USD in one cent.
    pub const MICROS_PER_CENT: i64 = 10_000;

    /// From whole micro-USD.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From whole cents.
    ///
    /// # Errors
    /// `amount_out_of_range` when the cents do not fit.
    pub fn from_cents(cents: i64) -> Result<Self> {
        cents.checked_mul(Self::MICROS_PER_CENT).map(Self).ok_or_else(out_of_range)
    }

    /// Whole micro-USD.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The sum.
    ///
    /// # Errors
    /// `amount_out_of_range` on overflow.
    pub fn plus(self, other: Self) -> Result<Self> {
        self.0.checked_add(other.0).map(Self).ok_or_else(out_of_range)
    }

    /// The difference.
    ///
    /// # Errors
    /// `amount_out_of_range` on overflow.
    pub fn minus(self, other: Self) -> Result<Self> {
        self.0.checked_sub(other.0).map(Self).ok_or_else(out_of_range)
    }

    /// The same amount with the other sign.
    ///
    /// # Errors
    /// `amount_out_of_range` for the one amount that has no opposite.
    pub fn negated(self) -> Result<Self> {
        self.0.checked_neg().map(Self).ok_or_else(out_of_range)
    }

    /// The sum of many.
    ///
    /// # Errors
    /// `amount_out_of_range` on overflow.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::plus)
    }

    /// More than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// `-0.140000 USD`: six decimals, exact.
impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(formatter, "{sign}{}.{:06} USD", magnitude / 1_000_000, magnitude % 1_000_000)
    }
}

fn out_of_range() -> DomainError {
    DomainError::from(&codes::AMOUNT_OUT_OF_RANGE)
}

/// The exact cost of something used, rounded once, half-even, to nano-USD (1 USD = 10⁹). Never
/// negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CostNanos(i64);

impl CostNanos {
    /// From whole nano-USD; `None` when negative.
    #[must_use]
    pub const fn new(nanos: i64) -> Option<Self> {
        if nanos < 0 { None } else { Some(Self(nanos)) }
    }

    /// Whole nano-USD.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }
}

/// What is left of past costs below one micro-USD: 0–999 nano-USD, carried from charge to charge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remainder(i64);

crate::column_type!(Remainder, i64, |value: Remainder| value.0, Remainder::from_nanos);

impl Remainder {
    /// From nano-USD; `None` outside 0–999.
    #[must_use]
    pub fn from_nanos(nanos: i64) -> Option<Self> {
        (0..1000).contains(&nanos).then_some(Self(nanos))
    }

    /// Whole nano-USD, 0–999.
    #[must_use]
    pub const fn nanos(self) -> i64 {
        self.0
    }

    /// Charges a cost: whole micro-USD now, the rest carried. A thousand costs of 150 nano-USD
    /// charge exactly 150 micro-USD.
    ///
    /// # Errors
    /// `amount_out_of_range` on overflow.
    pub fn charge(self, cost: CostNanos) -> Result<(Amount, Self)> {
        let total = cost.nanos().checked_add(self.0).ok_or_else(out_of_range)?;
        Ok((Amount(total / 1000), Self(total % 1000)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_costs_of_150_nanos_charge_150_micros() {
        let cost = CostNanos::new(150).unwrap();
        let (mut total, mut rest) = (Amount::ZERO, Remainder::default());
        for _ in 0..1000 {
            let (charged, carried) = rest.charge(cost).unwrap();
            total = total.plus(charged).unwrap();
            rest = carried;
        }
        assert_eq!((total.micros(), rest.nanos()), (150, 0));
    }

    #[test]
    fn an_overflow_is_an_error_and_never_wraps() {
        let top = Amount::from_micros(i64::MAX);
        assert_eq!(top.plus(Amount::from_micros(1)).unwrap_err().code(), "amount_out_of_range");
        assert!(Amount::from_micros(i64::MIN).negated().is_err());
        assert!(Amount::from_cents(i64::MAX).is_err());
    }

    #[test]
    fn the_sign_stands_before_the_whole_number() {
        assert_eq!(Amount::from_micros(-140_000).to_string(), "-0.140000 USD");
    }
}

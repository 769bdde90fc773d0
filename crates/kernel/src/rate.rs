use std::{fmt, str::FromStr};

use rust_decimal::{Decimal, RoundingStrategy};

use crate::{
    amount::CostNanos,
    error::{DomainError, Result, codes},
};

/// An exact price per unit, kept as decimal text and never rounded. Never negative.
///
/// It is TEXT in the database: a decimal column comes back changed from SQLite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(Decimal);

crate::column_type!(Rate, String, |value: Rate| value.to_string(), |text: String| text.parse().ok());

impl Rate {
    /// No price.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// From a decimal; `None` when negative.
    #[must_use]
    pub fn new(value: Decimal) -> Option<Self> {
        (!value.is_sign_negative() || value.is_zero()).then_some(Self(value.normalize()))
    }

    /// The decimal itself.
    #[must_use]
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// Price × quantity, exact.
    ///
    /// # Errors
    /// `amount_out_of_range` when the product has no exact decimal.
    pub fn times(self, quantity: Decimal) -> Result<Decimal> {
        self.0.checked_mul(quantity).ok_or_else(|| DomainError::from(&codes::AMOUNT_OUT_OF_RANGE))
    }

    /// An exact cost in USD as whole units of 10⁻ˢᶜᵃˡᵉ USD, rounded half-even: scale 9 is
    /// nano-USD, scale 8 the unit of `costUsd`.
    ///
    /// # Errors
    /// `amount_out_of_range` when it does not fit.
    pub fn scaled(cost_usd: Decimal, scale: u32) -> Result<i64> {
        let unit = Decimal::from(10_u64.pow(scale));
        cost_usd
            .checked_mul(unit)
            .map(|value| value.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven))
            .and_then(|value| i64::try_from(value).ok())
            .ok_or_else(|| DomainError::from(&codes::AMOUNT_OUT_OF_RANGE))
    }

    /// An exact cost in USD as nano-USD, rounded once.
    ///
    /// # Errors
    /// `amount_out_of_range` when it does not fit or is negative.
    pub fn nanos(cost_usd: Decimal) -> Result<CostNanos> {
        CostNanos::new(Self::scaled(cost_usd, 9)?)
            .ok_or_else(|| DomainError::from(&codes::AMOUNT_OUT_OF_RANGE))
    }
}

impl FromStr for Rate {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self> {
        Decimal::from_str_exact(text)
            .ok()
            .and_then(Self::new)
            .ok_or_else(|| DomainError::from(&codes::RATE_INVALID).param("value", text))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn nano_usd_are_rounded_half_even() {
        let nanos = |text| Rate::nanos(cost(text)).unwrap().nanos();
        assert_eq!(nanos("0.0000000005"), 0);
        assert_eq!(nanos("0.0000000015"), 2);
        assert_eq!(nanos("0.0000000025"), 2);
        assert_eq!(nanos("0.0000000025000001"), 3);
    }

    #[test]
    fn a_rate_keeps_every_digit_and_refuses_less_than_nothing() {
        let rate: Rate = "0.00000015".parse().unwrap();
        assert_eq!(rate.to_string(), "0.00000015");
        assert_eq!("-1".parse::<Rate>().unwrap_err().code(), "rate_invalid");
        assert!("1e400".parse::<Rate>().is_err());
    }
}

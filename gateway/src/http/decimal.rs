//! Exact numbers as JSON numbers: read and written digit by digit, never through a float.

use bursar_kernel::{Amount, DomainError};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// An exact number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact(String);

impl Exact {
    /// USD of an amount: all of its six decimals, without trailing zeros.
    #[must_use]
    pub fn usd(amount: Amount) -> Self {
        let micros = amount.micros();
        let sign = if micros < 0 { "-" } else { "" };
        let (whole, rest) = (micros.unsigned_abs() / 1_000_000, micros.unsigned_abs() % 1_000_000);
        if rest == 0 {
            return Self(format!("{sign}{whole}"));
        }
        let text = format!("{sign}{whole}.{rest:06}");
        Self(text.trim_end_matches('0').to_owned())
    }

    /// A number that prints itself as plain decimal digits.
    #[must_use]
    pub fn decimal(number: &impl ToString) -> Self {
        Self(number.to_string())
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = RawValue::from_string(self.0.clone()).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// USD, as somebody wrote them.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Usd(Box<RawValue>);

impl Usd {
    /// The whole micro-USD that it is; `field` names it in a refusal.
    ///
    /// # Errors
    /// `invalid_field` for what is no number, is too large, or has more than six decimals.
    pub fn amount(&self, field: &'static str) -> Result<Amount, DomainError> {
        let text = self.0.get();
        let number = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text).ok()
        } else {
            Decimal::from_str_exact(text).ok()
        };
        let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
        let number = number.filter(|_| is_number);
        let number = number.ok_or_else(|| DomainError::invalid(field, "must be a number of USD"))?;
        let micros = number.checked_mul(Decimal::from(1_000_000)).filter(Decimal::is_integer);
        let micros = micros.and_then(|micros| i64::try_from(micros).ok()).map(Amount::from_micros);
        micros.ok_or_else(|| DomainError::invalid(field, "must have at most six decimals, and fit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usd_keep_every_digit_and_no_more() {
        for (micros, text) in [
            (0, "0"),
            (5_000_000, "5"),
            (-140_000, "-0.14"),
            (1, "0.000001"),
            (9_223_372_036_854_775_807, "9223372036854.775807"),
        ] {
            let written = serde_json::to_string(&Exact::usd(Amount::from_micros(micros))).unwrap();
            assert_eq!(written, text);
        }
    }

    #[test]
    fn usd_are_read_digit_by_digit() {
        let read = |text: &str| {
            let usd: Usd = serde_json::from_str(text).unwrap();
            usd.amount("cost").map(Amount::micros).map_err(|error| error.to_string())
        };
        for (text, micros) in [
            ("0", 0),
            ("5", 5_000_000),
            ("-0.14", -140_000),
            ("0.000001", 1),
            ("1.50", 1_500_000),
            ("15e-1", 1_500_000),
            ("9223372036854.775807", i64::MAX),
        ] {
            assert_eq!(read(text), Ok(micros), "{text}");
        }
        for text in ["0.0000001", "9223372036854.775808", "1e300", "1e-300", "1e20"] {
            assert!(read(text).is_err(), "{text}");
        }
        for text in ["\"5\"", "null", "[]", "true"] {
            assert_eq!(read(text), Err("cost must be a number of USD".to_owned()), "{text}");
        }
    }
}

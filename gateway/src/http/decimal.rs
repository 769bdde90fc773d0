//! Exact numbers as JSON numbers: written digit by digit, never through a float.

use bursar_kernel::Amount;
use serde::{Serialize, Serializer, ser::Error as _};
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
}

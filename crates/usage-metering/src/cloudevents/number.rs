use std::fmt;

use rust_decimal::Decimal;

/// The digits that a [`Decimal`] holds whatever they are.
const DECIMAL_DIGITS: usize = 28;

/// A JSON number, exactly as it was sent and in one spelling: `1.50`, `1.5` and `15e-1` are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    negative: bool,
    /// Without zeros at either end; nothing for zero.
    digits: String,
    /// The value is `digits` × 10^`exponent`.
    exponent: i64,
}

impl Number {
    /// From the text of a JSON number; `None` when it is none or its exponent is beyond reason.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, i64::from(exponent.parse::<i32>().ok()?)),
            None => (magnitude, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        let exponent = exponent - i64::try_from(fraction.len()).ok()?
            + i64::try_from(digits.len() - significant.len()).ok()?;
        let significant = significant.trim_start_matches('0');
        Some(if significant.is_empty() {
            Self { negative: false, digits: String::new(), exponent: 0 }
        } else {
            Self { negative, digits: significant.to_owned(), exponent }
        })
    }

    /// The same number as a decimal; `None` when a decimal cannot hold every digit.
    #[must_use]
    pub fn decimal(&self) -> Option<Decimal> {
        if self.digits.is_empty() {
            return Some(Decimal::ZERO);
        }
        let (zeros, scale) = if self.exponent < 0 {
            (0, u32::try_from(self.exponent.unsigned_abs()).ok()?)
        } else {
            (usize::try_from(self.exponent).ok()?, 0)
        };
        if self.digits.len().checked_add(zeros)? > DECIMAL_DIGITS {
            return None;
        }
        let mut digits = self.digits.clone();
        digits.extend(std::iter::repeat_n('0', zeros));
        let magnitude: i128 = digits.parse().ok()?;
        Decimal::try_from_i128_with_scale(if self.negative { -magnitude } else { magnitude }, scale).ok()
    }
}

/// `-15e-1`: one spelling for each number.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return formatter.write_str("0");
        }
        let sign = if self.negative { "-" } else { "" };
        write!(formatter, "{sign}{}e{}", self.digits, self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_number_is_that_number() {
        for (text, decimal) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("0e7", "0"),
            ("1e3", "1000"),
            ("1.0", "1"),
            ("1000", "1000"),
            ("0.1", "0.1"),
            ("15E-1", "1.5"),
            ("-2.50", "-2.5"),
            ("123456789012345678.12", "123456789012345678.12"),
            ("1e-28", "0.0000000000000000000000000001"),
        ] {
            let read = Number::parse(text).unwrap().decimal().unwrap();
            assert_eq!(read, Decimal::from_str_exact(decimal).unwrap(), "{text}");
        }
        assert_eq!(Number::parse("1.50"), Number::parse("15e-1"));
        assert_eq!(Number::parse("100").unwrap().to_string(), "1e2");
    }

    #[test]
    fn a_number_that_no_decimal_holds_is_kept_but_is_no_decimal() {
        for text in ["1e400", "1e-29", "0.12345678901234567890123456789"] {
            assert_eq!(Number::parse(text).unwrap().decimal(), None, "{text}");
        }
        assert_eq!(Number::parse("1e99999999999"), None);
    }
}

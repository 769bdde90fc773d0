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
    /// From the text of a JSON number; `None` when it is none or its exponent is beyond reason. That
    /// is asked of the one spelling: numbers that are equal are taken or refused together.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, magnitude) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if whole.is_empty() || power.is_empty() || ![whole, fraction, power].into_iter().all(are_digits) {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let significant = digits.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self { negative: false, digits: String::new(), exponent: 0 });
        }
        let exponent = exponent
            .parse::<i64>()
            .ok()?
            .checked_sub(i64::try_from(fraction.len()).ok()?)?
            .checked_add(i64::try_from(digits.len() - significant.len()).ok()?)?;
        let exponent = i64::from(i32::try_from(exponent).ok()?);
        Some(Self { negative, digits: significant.trim_start_matches('0').to_owned(), exponent })
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

    #[test]
    fn equal_numbers_are_taken_or_refused_together() {
        for (taken, same) in [
            ("1e2147483647", "0.1e2147483648"),
            ("1e2147483647", "10e2147483646"),
            ("1e-2147483648", "10e-2147483649"),
            ("0", "0e99999999999999999999"),
        ] {
            let number = Number::parse(taken).unwrap();
            assert_eq!(Number::parse(same).unwrap(), number, "{same}");
            assert_eq!(Number::parse(&number.to_string()).unwrap(), number, "{number}");
        }
        for refused in ["1e2147483648", "10e2147483647", "0.1e-2147483648", "1e99999999999999999999"] {
            assert_eq!(Number::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", ".5", "e5", "1e", "1e+", "1e+-5", "1e5e5", "1.2.3", "0x1", "1 ", "+1", "--1"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}

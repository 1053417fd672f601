//! Terraform numbers: decimal, of arbitrary precision.
//!
//! Terraform sends them in several encodings (integer, float, decimal text), and compares them by decimal text: a
//! provider must give back exactly what it received, or Terraform reports an inconsistent result. A float is compared by
//! its shortest text in some versions and by its exact value in others; decimal text means the same in all. So only
//! integers and decimal text leave a provider.

use std::fmt;
use std::str::FromStr;

/// An exact number. Equality is numeric: `1`, `1.0` and `10e-1` are equal. Text stays as it was received.
#[derive(Clone, Debug)]
pub struct Number(Repr);

/// The form a number has on the wire.
#[derive(Clone, Debug)]
pub(crate) enum Repr {
    Int(i64),
    Uint(u64),
    /// An infinity, or NaN: no decimal text.
    Float(f64),
    /// Valid decimal text: checked by [`Number::from_str`].
    Text(String),
}

/// A text that is no decimal number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a decimal number")]
pub struct ParseNumberError(String);

/// Sign, significant digits without zeros at either end, and the power of ten of the last digit.
#[derive(PartialEq, Eq)]
struct Canonical {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Number {
    pub(crate) fn repr(&self) -> &Repr {
        &self.0
    }

    /// The exact value of a float that Terraform sent: it sends one only for what a float holds exactly.
    pub(crate) fn received(value: f64) -> Self {
        if !value.is_finite() {
            Self(Repr::Float(value))
        } else if value.fract() == 0.0 {
            Self(Repr::Text(format!("{value:.0}")))
        } else {
            // No float has more decimals.
            Self(Repr::Text(format!("{value:.1074}").trim_end_matches('0').into()))
        }
    }

    /// The value when it is whole and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        let Canonical { negative, mut digits, exponent } = self.canonical()?;
        let zeros = usize::try_from(exponent).ok().filter(|zeros| *zeros < 20)?;
        digits.extend(std::iter::repeat_n('0', zeros));
        let sign = if negative { "-" } else { "" };
        format!("{sign}{digits}").parse().ok()
    }

    /// The nearest float; infinite beyond its range.
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        match &self.0 {
            Repr::Float(value) => *value,
            // Every text that Number accepts is one that f64 accepts.
            _ => self.to_string().parse().unwrap_or(f64::NAN),
        }
    }

    /// `None` for the floats that are no decimal number (infinities, NaN).
    fn canonical(&self) -> Option<Canonical> {
        let text = self.to_string();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: i64 = exponent.parse().ok()?;
        let digits = format!("{whole}{fraction}");
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let trimmed = digits.trim_end_matches('0');
        if trimmed.is_empty() {
            return Some(Canonical { negative: false, digits: "0".into(), exponent: 0 });
        }
        Some(Canonical {
            negative,
            exponent: exponent - length(fraction) + length(&digits) - length(trimmed),
            digits: trimmed.trim_start_matches('0').into(),
        })
    }
}

fn length(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(i64::MAX)
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.canonical(), other.canonical()) {
            (Some(left), Some(right)) => left == right,
            (None, None) => self.as_f64() == other.as_f64(),
            _ => false,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Int(value) => value.fmt(f),
            Repr::Uint(value) => value.fmt(f),
            Repr::Float(value) => value.fmt(f),
            Repr::Text(text) => text.fmt(f),
        }
    }
}

impl FromStr for Number {
    type Err = ParseNumberError;

    /// Accepts an optional sign, digits with at most one point, and an exponent of at most 18 digits.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
            None => (unsigned, None),
        };
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mantissa_ok = is_digits(whole) && is_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
        let exponent_ok = exponent.is_none_or(|digits| (1..=18).contains(&digits.len()) && is_digits(digits));
        if mantissa_ok && exponent_ok {
            Ok(Self(Repr::Text(text.strip_prefix('+').unwrap_or(text).into())))
        } else {
            Err(ParseNumberError(text.into()))
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Repr::Int(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(Repr::Uint(value))
    }
}

impl From<f64> for Number {
    /// The shortest decimal text, so that `0.1` equals the `0.1` of a configuration. Infinities stay floats; NaN, which
    /// Terraform does not know, is refused when the value is sent.
    fn from(value: f64) -> Self {
        if value.is_finite() { Self(Repr::Text(value.to_string())) } else { Self(Repr::Float(value)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect(text)
    }

    #[test]
    fn equality_is_numeric_whatever_the_form() {
        let equal = [
            (number("1"), Number::from(1_i64)),
            (number("1.0"), Number::from(1_u64)),
            (number("10e-1"), number("1")),
            (number("0.5"), Number::received(0.5)),
            (number("0.1"), Number::from(0.1)),
            (number("1e30"), Number::from(1e30)),
            (number("-0"), Number::from(0_i64)),
            (number("0012.50"), number("1.25e+1")),
            (number("18446744073709551615"), Number::from(u64::MAX)),
            (Number::from(f64::INFINITY), Number::received(f64::INFINITY)),
        ];
        for (left, right) in equal {
            assert_eq!(left, right);
        }
        let different = [("1", "-1"), ("0.1", "0.10000000000000001"), ("1e30", "1e31"), ("0", "1")];
        for (left, right) in different {
            assert_ne!(number(left), number(right));
        }
    }

    #[test]
    fn text_is_kept_as_received() {
        for text in ["0.1", "1e30", "9223372036854775808", "-0.25", "1.50"] {
            assert_eq!(number(text).to_string(), text);
        }
    }

    #[test]
    fn only_decimal_text_is_a_number() {
        for text in ["", "-", ".", "1e", "0x10", "1_000", "inf", "NaN", " 1", "1.2.3", "--1", "1e9999999999999999999"] {
            assert_eq!(text.parse::<Number>(), Err(ParseNumberError(text.into())), "{text:?}");
        }
    }

    #[test]
    fn as_i64_is_exact_or_none() {
        let cases = [
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("3.0", Some(3)),
            ("3e2", Some(300)),
            ("3.5", None),
            ("1e30", None),
            ("0.0", Some(0)),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text).as_i64(), expected, "{text}");
        }
        assert_eq!(Number::from(f64::NAN).as_i64(), None);
    }
}

//! Decimal fractions of any length, as shopspring/decimal 1.4.0 has them between two `float64`.

use std::cmp::Ordering;

use crate::argocd::Fault;

/// A quotient has so many digits behind its point.
const PLACES: i64 = 16;

/// A whole number times a power of ten.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    is_negative: bool,
    /// The last digit first; none for zero.
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a number: the shortest digits that tell it from every other one.
    ///
    /// # Errors
    /// Fails, as Go panics, for infinities and what is not a number.
    pub(super) fn read(number: f64) -> Result<Self, Fault> {
        if !number.is_finite() {
            let printed = match number {
                f64::INFINITY => "+Inf",
                f64::NEG_INFINITY => "-Inf",
                _ => "NaN",
            };
            return Err(Fault::wrong(format!("Cannot create a Decimal from {printed}")));
        }
        let printed = format!("{:e}", number.abs());
        let (mantissa, exponent) = printed.split_once('e').unwrap_or((&printed, "0"));
        let digits: Vec<u8> =
            mantissa.bytes().rev().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
        let behind_point = i64::try_from(digits.len()).unwrap_or_default() - 1;
        let exponent = exponent.parse().unwrap_or(0) - behind_point;
        Ok(Self { is_negative: number < 0.0, digits: without_zeros(digits), exponent })
    }

    /// Returns the nearest `float64`, infinite where it is too large.
    pub(super) fn to_float(&self) -> f64 {
        let mut written = String::from(if self.is_negative && !self.digits.is_empty() { "-" } else { "" });
        written.extend(self.digits.iter().rev().map(|digit| char::from(b'0' + digit)));
        written.push_str(if self.digits.is_empty() { "0" } else { "" });
        format!("{written}e{}", self.exponent).parse().unwrap_or(f64::NAN)
    }

    /// Adds.
    #[expect(clippy::unnecessary_wraps, reason = "one of four operations, one of which fails")]
    pub(super) fn plus(self, other: Self) -> Result<Self, Fault> {
        let exponent = self.exponent.min(other.exponent);
        let one = shifted(&self.digits, self.exponent - exponent);
        let two = shifted(&other.digits, other.exponent - exponent);
        let (is_negative, digits) = if self.is_negative == other.is_negative {
            (self.is_negative, sum(&one, &two))
        } else if compare(&one, &two) == Ordering::Less {
            (other.is_negative, difference(&two, &one))
        } else {
            (self.is_negative, difference(&one, &two))
        };
        Ok(Self { is_negative, digits, exponent })
    }

    /// Subtracts.
    pub(super) fn minus(self, mut other: Self) -> Result<Self, Fault> {
        other.is_negative = !other.is_negative;
        self.plus(other)
    }

    /// Multiplies.
    pub(super) fn times(&self, other: &Self) -> Self {
        Self {
            is_negative: self.is_negative != other.is_negative,
            digits: product(&self.digits, &other.digits),
            exponent: self.exponent + other.exponent,
        }
    }

    /// Divides; the last digit is rounded, half away from zero.
    ///
    /// # Errors
    /// Fails for a divisor of zero.
    pub(super) fn over(self, other: Self) -> Result<Self, Fault> {
        if other.digits.is_empty() {
            return Err(Fault::wrong("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + PLACES;
        let divisor = shifted(&other.digits, (-shift).max(0));
        let (quotient, rest) = quotient(&shifted(&self.digits, shift.max(0)), &divisor);
        let is_half = compare(&sum(&rest, &rest), &divisor) != Ordering::Less;
        Ok(Self {
            is_negative: self.is_negative != other.is_negative,
            digits: if is_half { sum(&quotient, &[1]) } else { quotient },
            exponent: -PLACES,
        })
    }
}

fn without_zeros(mut digits: Vec<u8>) -> Vec<u8> {
    while digits.last() == Some(&0) {
        digits.pop();
    }
    digits
}

/// Returns a number times a power of ten.
fn shifted(digits: &[u8], by: i64) -> Vec<u8> {
    if digits.is_empty() {
        return Vec::new();
    }
    let mut shifted = vec![0; usize::try_from(by).unwrap_or(0)];
    shifted.extend_from_slice(digits);
    shifted
}

fn compare(one: &[u8], other: &[u8]) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.iter().rev().cmp(other.iter().rev()))
}

fn sum(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let mut digits: Vec<u8> = (0..one.len().max(other.len()))
        .map(|place| {
            let digit = one.get(place).unwrap_or(&0) + other.get(place).unwrap_or(&0) + carry;
            carry = digit / 10;
            digit % 10
        })
        .collect();
    digits.push(carry);
    without_zeros(digits)
}

/// Subtracts the smaller from the larger.
fn difference(larger: &[u8], smaller: &[u8]) -> Vec<u8> {
    let mut borrowed = 0;
    let digits = larger.iter().enumerate().map(|(place, digit)| {
        let taken = smaller.get(place).unwrap_or(&0) + borrowed;
        borrowed = u8::from(*digit < taken);
        digit + 10 * borrowed - taken
    });
    without_zeros(digits.collect())
}

fn product(one: &[u8], other: &[u8]) -> Vec<u8> {
    let mut digits = vec![0_u8; one.len() + other.len()];
    for (place, digit) in one.iter().enumerate() {
        let mut carry = 0;
        for (offset, factor) in other.iter().chain([&0]).enumerate() {
            let Some(written) = digits.get_mut(place + offset) else { break };
            let sum = *written + digit * factor + carry;
            *written = sum % 10;
            carry = sum / 10;
        }
    }
    without_zeros(digits)
}

/// Divides digit by digit; returns the rest too.
fn quotient(dividend: &[u8], divisor: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut rest = Vec::new();
    let mut digits = Vec::with_capacity(dividend.len());
    for digit in dividend.iter().rev() {
        rest.insert(0, *digit);
        rest = without_zeros(rest);
        let mut count = 0;
        while compare(&rest, divisor) != Ordering::Less {
            rest = difference(&rest, divisor);
            count += 1;
        }
        digits.push(count);
    }
    digits.reverse();
    (without_zeros(digits), rest)
}

//! Numbers as Go 1.26's `strconv` reads and writes them.

mod binary;

use std::fmt;

/// Why a text is no number of the wanted kind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NumberError<T> {
    /// It is none at all.
    Syntax,
    /// It is too large; what Go gives instead.
    Range(T),
}

impl<T> fmt::Display for NumberError<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Syntax => "invalid syntax",
            Self::Range(_) => "value out of range",
        })
    }
}

/// Reads an `int64` as `strconv.ParseInt` does; with `base` 0 the text says its base, and may have underscores.
///
/// # Errors
/// Fails for what is no whole number, and for what is too large, which comes with the nearest `int64`.
pub fn parse_int(text: &str, base: u32) -> Result<i64, NumberError<i64>> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let limit = if is_negative { i64::MIN } else { i64::MAX };
    let magnitude = match parse_uint(digits, base) {
        Ok(magnitude) => i128::from(magnitude),
        Err(NumberError::Syntax) => return Err(NumberError::Syntax),
        Err(NumberError::Range(_)) => return Err(NumberError::Range(limit)),
    };
    let value = if is_negative { -magnitude } else { magnitude };
    i64::try_from(value).map_err(|_| NumberError::Range(limit))
}

/// Reads a `uint64` as `strconv.ParseUint` does: no sign.
///
/// # Errors
/// As [`parse_int`].
pub fn parse_uint(text: &str, base: u32) -> Result<u64, NumberError<u64>> {
    let (radix, digits) = if base == 0 { prefixed(text) } else { (base, text) };
    if digits.is_empty() {
        return Err(NumberError::Syntax);
    }
    let mut value = 0_u64;
    for letter in digits.chars() {
        if letter == '_' && base == 0 {
            continue;
        }
        let digit = letter.to_digit(radix).ok_or(NumberError::Syntax)?;
        let next = value.checked_mul(radix.into()).and_then(|value| value.checked_add(digit.into()));
        // Go does not look at what stands behind the digits that are too many.
        value = next.ok_or(NumberError::Range(u64::MAX))?;
    }
    if base == 0 && digits.contains('_') && !has_good_underscores(text) {
        return Err(NumberError::Syntax);
    }
    Ok(value)
}

/// Returns the base that a text's beginning says, and its digits.
fn prefixed(text: &str) -> (u32, &str) {
    let Some(behind) = text.strip_prefix('0').filter(|behind| !behind.is_empty()) else { return (10, text) };
    let radix = match behind.as_bytes()[0].to_ascii_lowercase() {
        b'x' => 16,
        b'o' => 8,
        b'b' => 2,
        _ => return (8, behind),
    };
    if behind.len() > 1 { (radix, &behind[1..]) } else { (8, behind) }
}

/// Says whether every underscore stands between two digits, or between a base and a digit.
fn has_good_underscores(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text).to_ascii_lowercase();
    let prefix = ["0b", "0o", "0x"].into_iter().find(|prefix| text.starts_with(prefix));
    let is_hex = prefix == Some("0x");
    let digits = &text.as_bytes()[prefix.map_or(0, str::len)..];
    let is_digit = |byte: u8| byte.is_ascii_digit() || is_hex && byte.is_ascii_hexdigit();
    let mut before = prefix.is_some();
    for (index, byte) in digits.iter().copied().enumerate() {
        if byte == b'_' && !(before && digits.get(index + 1).copied().is_some_and(is_digit)) {
            return false;
        }
        before = is_digit(byte);
    }
    true
}

/// Reads a `float64` as `strconv.ParseFloat` does, decimal or hexadecimal.
///
/// # Errors
/// Fails for what is no number, and for what is too large, which comes as an infinity.
pub fn parse_float(text: &str) -> Result<f64, NumberError<f64>> {
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let signed = |value: f64| if is_negative { -value } else { value };
    let lower = digits.to_ascii_lowercase();
    match lower.as_str() {
        "inf" | "infinity" => return Ok(signed(f64::INFINITY)),
        "nan" if digits.len() == text.len() => return Ok(f64::NAN),
        _ => {}
    }
    if lower.contains('_') && !has_good_underscores(&lower) {
        return Err(NumberError::Syntax);
    }
    let lower = lower.replace('_', "");
    let value = match lower.strip_prefix("0x") {
        Some(digits) => hexadecimal(digits),
        None => decimal(&lower),
    };
    let value = signed(value.ok_or(NumberError::Syntax)?);
    if value.is_infinite() { Err(NumberError::Range(value)) } else { Ok(value) }
}

fn decimal(text: &str) -> Option<f64> {
    let is_ours = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-');
    let starts = text.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
    (starts && text.bytes().all(is_ours)).then(|| text.parse().ok()).flatten()
}

/// Reads what stands behind `0x`: digits, a point, and the exponent of two that must be there.
fn hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once('p')?;
    let magnitude = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if magnitude.is_empty() || !magnitude.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude: i64 = magnitude.parse().unwrap_or(i64::from(i32::MAX));
    let magnitude = magnitude.min(100_000);
    let mut exponent = if exponent.starts_with('-') { -magnitude } else { magnitude };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let mut mantissa = 0_u64;
    for (index, letter) in whole.chars().chain(part.chars()).enumerate() {
        let digit = u64::from(letter.to_digit(16)?);
        let is_part = index >= whole.len();
        if mantissa >> 60 == 0 {
            mantissa = mantissa << 4 | digit;
            exponent -= if is_part { 4 } else { 0 };
        } else {
            // What no longer fits only says whether a tie is one.
            mantissa |= u64::from(digit != 0);
            exponent += if is_part { 0 } else { 4 };
        }
    }
    Some(scaled(mantissa, exponent))
}

/// Returns `mantissa` times two to the `exponent`, rounded once, half to even.
fn scaled(mantissa: u64, exponent: i64) -> f64 {
    if mantissa == 0 {
        return 0.0;
    }
    let top = 63 - i64::from(mantissa.leading_zeros()) + exponent;
    if top > 1023 {
        return f64::INFINITY;
    }
    // How many of the mantissa's bits lie below the last one of the result.
    let last = (top - 52).max(-1074);
    let dropped = last - exponent;
    let kept = match dropped {
        ..=0 => mantissa << -dropped.max(-63),
        1..=64 => {
            let wide = u128::from(mantissa);
            let half = 1_u128 << (dropped - 1);
            let (kept, rest) = (wide >> dropped, wide & ((1_u128 << dropped) - 1));
            let rounds_up = rest > half || rest == half && kept & 1 == 1;
            u64::try_from(kept).unwrap_or_default() + u64::from(rounds_up)
        }
        _ => 0,
    };
    power(kept as f64, last)
}

/// Returns `value` times two to the `exponent`, where that is exact.
fn power(mut value: f64, mut exponent: i64) -> f64 {
    while exponent > 1000 {
        value *= 2_f64.powi(1000);
        exponent -= 1000;
    }
    while exponent < -1000 {
        value *= 2_f64.powi(-1000);
        exponent += 1000;
    }
    value * 2_f64.powi(i32::try_from(exponent).unwrap_or_default())
}

/// Writes a `float64` as `strconv.FormatFloat` does.
///
/// `verb` is one of `e E f g G x X b`; without a precision there are as many digits as tell it from every other one.
pub fn format_float(value: f64, verb: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let value = value.abs();
    if value.is_infinite() {
        return format!("{}Inf", if sign.is_empty() { "+" } else { sign });
    }
    let number = match verb {
        'e' | 'E' => scientific(&Digits::of(value, precision.map(|places| places + 1)), precision),
        'f' => fixed(value, precision),
        'x' | 'X' => binary::hexadecimal(value, precision),
        'b' => binary::mantissa_and_exponent(value),
        _ => general(value, precision),
    };
    let number = if verb.is_ascii_uppercase() { number.to_ascii_uppercase() } else { number };
    format!("{sign}{number}")
}

/// No `float64` has more digits than this; what is asked for beyond is zeros.
const MOST_DIGITS: usize = 1_100;

/// The digits of a number, the first of them before the point, and its power of ten; no zeros at the end.
struct Digits {
    digits: String,
    exponent: i32,
}

impl Digits {
    /// Takes `count` digits, or as many as are needed.
    fn of(value: f64, count: Option<usize>) -> Self {
        let text = match count {
            Some(count) => format!("{value:.*e}", count.clamp(1, MOST_DIGITS) - 1),
            None => shortest(value),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = mantissa.replace('.', "").trim_end_matches('0').to_owned();
        Self { digits, exponent: exponent.parse().unwrap_or_default() }
    }

    /// Writes them without an exponent.
    fn plain(&self) -> String {
        let digits = &self.digits;
        match usize::try_from(self.exponent) {
            Err(_) => {
                let zeros = usize::try_from(-1 - self.exponent).unwrap_or_default();
                format!("0.{:0<zeros$}{digits}", "")
            }
            Ok(last) if digits.len() <= last + 1 => format!("{digits:0<width$}", width = last + 1),
            Ok(last) => format!("{}.{}", &digits[..=last], &digits[last + 1..]),
        }
    }
}

/// Writes as few digits as name a number. Where two texts of that length are as near to it, Go takes the even one and
/// the standard library the greater.
fn shortest(value: f64) -> String {
    let text = format!("{value:e}");
    let digits = text.bytes().take_while(|byte| *byte != b'e').filter(u8::is_ascii_digit).count();
    if digits < 16 {
        return text;
    }
    let nearest = format!("{value:.*e}", digits - 1);
    if nearest.parse() == Ok(value) { nearest } else { text }
}

fn scientific(digits: &Digits, places: Option<usize>) -> String {
    let (first, rest) = digits.digits.split_at(digits.digits.len().min(1));
    let first = if first.is_empty() { "0" } else { first };
    let places = places.unwrap_or(rest.len());
    let point = if places > 0 { "." } else { "" };
    let sign = if digits.exponent < 0 { '-' } else { '+' };
    let zeros = "0".repeat(places.saturating_sub(rest.len()));
    format!("{first}{point}{rest}{zeros}e{sign}{:02}", digits.exponent.unsigned_abs())
}

fn fixed(value: f64, places: Option<usize>) -> String {
    let Some(places) = places else { return Digits::of(value, None).plain() };
    let mut text = format!("{value:.*}", places.min(MOST_DIGITS));
    text.extend(std::iter::repeat_n('0', places.saturating_sub(MOST_DIGITS)));
    text
}

/// `%g`: an exponent where the number is very small, or has more digits before the point than are shown.
fn general(value: f64, precision: Option<usize>) -> String {
    let digits = Digits::of(value, precision.map(|precision| precision.max(1)));
    let count = digits.digits.len();
    let before_point = digits.exponent + 1;
    let holds = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let limit = match precision {
        None => 6,
        Some(precision) if precision.max(1) > count && holds(count) >= before_point => holds(count),
        Some(precision) => holds(precision.max(1)),
    };
    if count > 0 && (digits.exponent < -4 || digits.exponent >= limit) {
        return scientific(&digits, None);
    }
    let places = usize::try_from(holds(count) - before_point).unwrap_or_default();
    fixed(value, Some(places))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_shortest_texts_the_even_one_is_taken() {
        for (value, expected) in [
            (1_726_841_513_006_592.0 + 0.25, "1726841513006592.2"),
            (1_726_841_513_006_592.0 + 0.75, "1726841513006592.8"),
            (1e20, "100000000000000000000"),
            (0.001, "0.001"),
            (0.0, "0"),
        ] {
            assert_eq!(format_float(value, 'f', None), expected);
        }
    }
}

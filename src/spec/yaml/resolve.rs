//! What a plain scalar means.
//!
//! The rules are those of go-yaml v2, on which sigs.k8s.io/yaml stands: YAML 1.1 without base 60, dates as text,
//! and Go's own number syntax once the underscores are gone. It must not know where the scalar stands.

use super::node::Scalar;

/// Says what `text` means where nothing but its spelling decides; `None` where it is a number that JSON does not
/// have (`.inf`, `.nan`).
pub(super) fn resolve(text: &str) -> Option<Scalar> {
    let Some(first) = text.bytes().next() else { return Some(Scalar::Null) };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => Some(word(text)),
        b'.' => dotted(text),
        b'+' | b'-' if is_infinite(&text[1..]) => None,
        b'+' | b'-' | b'0'..=b'9' => Some(number(text)),
        _ => Some(Scalar::String),
    }
}

fn word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::String,
    }
}

fn is_infinite(text: &str) -> bool {
    matches!(text, ".inf" | ".Inf" | ".INF")
}

fn dotted(text: &str) -> Option<Scalar> {
    if is_infinite(text) || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return None;
    }
    let digits = text.replace('_', "");
    Some(if underscores_separate_digits(text) { float(&digits) } else { Scalar::String })
}

/// Go lets `_` stand between two digits only; beneath a leading dot it is Go's parser that reads.
fn underscores_separate_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).all(|index| bytes[index] != b'_' || (index > 0 && digit(index - 1) && digit(index + 1)))
}

fn number(text: &str) -> Scalar {
    if is_timestamp(text) {
        return Scalar::String;
    }
    let kept;
    let plain = if text.contains('_') {
        kept = text.replace('_', "");
        kept.as_str()
    } else {
        text
    };
    integer(plain).unwrap_or_else(|| float(plain))
}

/// Reads what Go's `ParseInt` and `ParseUint` read with base 0, and go-yaml's own `0b` with a sign behind it.
fn integer(plain: &str) -> Option<Scalar> {
    let (sign, digits) = match plain.as_bytes() {
        [sign @ (b'+' | b'-'), ..] => (Some(*sign), &plain[1..]),
        _ => (None, plain),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let (negative, digits) = match (sign, radix, digits.as_bytes()) {
        (None, 2, [inner @ (b'+' | b'-'), ..]) if plain.starts_with("0b") => (*inner == b'-', &digits[1..]),
        _ => (sign == Some(b'-'), digits),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Scalar::Integer);
    }
    match i64::try_from(magnitude) {
        Ok(small) => Some(Scalar::Integer(small)),
        Err(_) if plain.starts_with(|first: char| first.is_ascii_digit()) && !plain.contains('+') => {
            Some(Scalar::Unsigned(magnitude))
        }
        Err(_) => None,
    }
}

/// Reads `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` where it is finite; all else is text.
fn float(plain: &str) -> Scalar {
    let spelled = plain.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match plain.parse::<f64>() {
        Ok(value) if spelled && value.is_finite() => Scalar::Float(value),
        _ => Scalar::String,
    }
}

/// Returns whether Go's `time.Parse` takes the text for one of go-yaml's four date formats.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-'
}

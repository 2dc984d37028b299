//! What a plain scalar means.
//!
//! The rules are those of go-yaml v2, on which sigs.k8s.io/yaml stands: YAML 1.1 without base 60, dates as text,
//! and Go's own number syntax once the underscores are gone. It must not know where the scalar stands.

use super::node::Scalar;

/// Says what `text` means where nothing but its spelling decides. Only `.inf`, `.nan` and their like give floats
/// that are not finite.
pub(super) fn resolve(text: &str) -> Scalar {
    let Some(first) = text.bytes().next() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' | b'+' | b'-' | b'0'..=b'9' => match not_finite(text) {
            Some(value) => Scalar::Float(value),
            None if first == b'.' => dotted(text),
            None => number(text),
        },
        _ => Scalar::String,
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

fn not_finite(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => None,
    }
}

/// Reads a number that begins with a dot: Go takes `_` between two of its digits.
fn dotted(text: &str) -> Scalar {
    let bytes = text.as_bytes();
    let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
    let separates = |index: usize| digit(index - 1) && digit(index + 1);
    if (1..bytes.len()).any(|index| bytes[index] == b'_' && !separates(index)) {
        return Scalar::String;
    }
    float(&text.replace('_', ""))
}

fn number(text: &str) -> Scalar {
    if !text.contains('_') {
        return integer(text).unwrap_or_else(|| float(text));
    }
    let plain = text.replace('_', "");
    integer(&plain).unwrap_or_else(|| float(&plain))
}

/// Reads what Go's `ParseInt` and `ParseUint` read with base 0, and go-yaml's own `0b` with a sign behind it.
fn integer(plain: &str) -> Option<Scalar> {
    let (sign, unsigned) = match plain.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => (Some(*sign), &plain[1..]),
        _ => (None, plain),
    };
    let (radix, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        [b'0', _, ..] => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    match digits.as_bytes().first() {
        Some(inner @ (b'+' | b'-')) if plain.starts_with("0b") => signed(Some(*inner), &digits[1..], radix),
        _ => signed(sign, digits, radix),
    }
}

fn signed(sign: Option<u8>, digits: &str, radix: u32) -> Option<Scalar> {
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match sign {
        Some(b'-') => 0_i64.checked_sub_unsigned(magnitude).map(Scalar::Integer),
        Some(_) => i64::try_from(magnitude).ok().map(Scalar::Integer),
        None => Some(i64::try_from(magnitude).map_or(Scalar::Unsigned(magnitude), Scalar::Integer)),
    }
}

/// Reads a decimal number with an optional fraction and exponent where it is finite; all else is text.
fn float(plain: &str) -> Scalar {
    let spelled = plain.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    match plain.parse::<f64>() {
        Ok(value) if spelled && value.is_finite() => Scalar::Float(value),
        _ => Scalar::String,
    }
}

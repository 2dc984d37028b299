//! Any value as a number, as spf13/cast 1.7.1 turns it into one: 0 where it is none.

use crate::argocd::go::number::{parse_float, parse_int};
use crate::argocd::go::value::{Object, Value};

/// Returns a value as an `int64`; an `int` is as large.
pub(super) fn to_int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Uint64(number) => number.cast_signed(),
        Value::Byte(number) => (*number).into(),
        Value::Float(number) => truncated(*number),
        Value::Text(text) => parse_int(without_zero_decimals(text), 0).unwrap_or(0),
        Value::Bool(on) => (*on).into(),
        Value::Object(object) => calendar(&**object),
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Texts(_) => 0,
    }
}

/// Returns a value as a `float64`.
#[expect(clippy::cast_precision_loss, reason = "Go's conversion rounds as well")]
pub(super) fn to_float(value: &Value) -> f64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number as f64,
        Value::Uint64(number) => *number as f64,
        Value::Byte(number) => (*number).into(),
        Value::Float(number) => *number,
        Value::Text(text) => parse_float(text).unwrap_or(0.0),
        Value::Bool(on) => (*on).into(),
        Value::Object(object) => calendar(&**object) as f64,
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Texts(_) => 0.0,
    }
}

/// Returns the whole part of a number; the least `int64` for what is too large, as processors of type amd64 have it.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(super) fn truncated(number: f64) -> i64 {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&number) { number as i64 } else { i64::MIN }
}

/// Returns a month or a day of the week as its number; every other object is none.
fn calendar(object: &dyn Object) -> i64 {
    match (object.type_name(), object.json()) {
        ("time.Month" | "time.Weekday", Ok(Value::Int(number))) => number,
        _ => 0,
    }
}

/// Cuts off a point and zeros behind it, and more points behind those.
fn without_zero_decimals(text: &str) -> &str {
    let mut has_zero = false;
    for (place, byte) in text.bytes().enumerate().rev() {
        match byte {
            b'.' if has_zero => return &text[..place],
            b'.' => {}
            b'0' => has_zero = true,
            _ => break,
        }
    }
    text
}

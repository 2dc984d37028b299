//! Numbers that went through Go's `interface {}`.

use serde_json::{Map, Number, Value};

/// Returns JSON as `encoding/json` writes it after it read it into an `interface {}`: every number is the nearest
/// `float64`, and the keys of maps are sorted.
pub fn floated(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
        Value::Number(number) => Value::Number(as_float(number)),
        Value::Array(items) => items.iter().map(floated).collect(),
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            let entries = entries.into_iter().map(|(key, value)| (key.clone(), floated(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// Returns JSON as `k8s.io/apimachinery/pkg/util/json` writes it after it read it: whole numbers that an `int64` holds
/// stay as they are (`-0` is one of them), every other is the nearest `float64`.
pub fn normalized(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
        Value::Number(number) if number.is_i64() => value.clone(),
        Value::Number(number) if number.as_f64() == Some(0.0) => 0.into(),
        Value::Number(number) => Value::Number(as_float(number)),
        Value::Array(items) => items.iter().map(normalized).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), normalized(value))).collect())
        }
    }
}

/// Returns the number as it reads once it was written as a `float64`: whole ones below 10²¹ without an exponent.
fn as_float(number: &Number) -> Number {
    /// What fits exactly, as no `float64` lies between it and 2⁶⁴.
    const MOST: f64 = 18_446_744_073_709_549_568.0;
    let Some(float) = number.as_f64() else { return number.clone() };
    let is_whole = float.fract() == 0.0 && !(float == 0.0 && float.is_sign_negative());
    if is_whole && (0.0..=MOST).contains(&float) {
        Number::from(float as u64)
    } else if is_whole && (i64::MIN as f64..0.0).contains(&float) {
        Number::from(float as i64)
    } else {
        Number::from_f64(float).unwrap_or_else(|| number.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_lose_what_a_float_does_not_hold() {
        for (number, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("-3", "-3"),
            ("0.5", "0.5"),
            ("9007199254740993", "9007199254740992"),
            ("-9007199254740993", "-9007199254740992"),
            ("18446744073709551615", "1.8446744073709552e+19"),
            ("1e400", "1e400"),
        ] {
            let Ok(read) = serde_json::from_str::<Value>(number) else { continue };
            assert_eq!(floated(&read).to_string(), expected, "{number}");
        }
        assert_eq!(floated(&json!({"b": [1.0], "a": null})).to_string(), r#"{"a":null,"b":[1]}"#);
    }
}

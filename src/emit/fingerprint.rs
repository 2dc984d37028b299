//! What names are made of: texts that are equal where meanings are, and short hashes of them.
//!
//! Frozen: another text for the same value would rename, and so roll or move, what exists. It must not know what the
//! values mean.

use serde_json::Value;

/// Returns 8 hex digits of git's hash of `text` as a blob.
pub fn short_hash(text: &str) -> String {
    let id = git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes());
    id.map(|id| id.to_string()[..8].to_owned()).expect("because libgit2 hashes any bytes in memory")
}

/// Writes a value so that equal meanings give equal texts: keys sorted, whole numbers without a fraction.
pub fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (key, value) in entries {
                text.push_str(&Value::String(key.clone()).to_string());
                text.push(':');
                write_canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Number(number) => {
            let whole = number.as_f64().filter(|float| {
                !number.is_i64() && !number.is_u64() && float.fract() == 0.0 && float.abs() < 1e15
            });
            match whole {
                #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e15 is an i64")]
                Some(float) => text.push_str(&(float as i64).to_string()),
                None => text.push_str(&number.to_string()),
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => text.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_meanings_give_equal_texts() {
        let text = |value: Value| {
            let mut text = String::new();
            write_canonical(&value, &mut text);
            text
        };
        assert_eq!(text(json!({"b": [1, "x"], "a": null})), text(json!({"a": null, "b": [1.0, "x"]})));
        assert_ne!(text(json!({"a": "1"})), text(json!({"a": 1})));
        assert_eq!(short_hash(""), "e69de29b");
    }
}

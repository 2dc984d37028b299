//! What names are made of: texts that are equal where meanings are, and short hashes of them.
//!
//! Frozen: another text for the same value would rename, and so roll or move, what exists. It must not know what the
//! values mean.

use serde_json::{Number, Value};

/// Returns 8 hex digits of git's hash of `text` as a blob.
pub fn short_hash(text: &str) -> String {
    let id = git2::Oid::hash_object(git2::ObjectType::Blob, text.as_bytes());
    id.map(|id| id.to_string()[..8].to_owned()).expect("because libgit2 hashes any bytes in memory")
}

/// A value that means the same as nothing: the steps to its place, `*` for any item, and the value.
pub type Meaningless<'m> = (&'m [&'m str], Plain);

/// A plain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A text.
    Text(&'static str),
    /// True or false.
    Flag(bool),
}

impl Plain {
    fn is(self, value: &Value) -> bool {
        match self {
            Self::Text(text) => value.as_str() == Some(text),
            Self::Flag(flag) => value.as_bool() == Some(flag),
        }
    }
}

/// Writes a value so that equal meanings give equal texts: keys sorted, whole numbers without a fraction.
pub fn write_canonical(value: &Value, text: &mut String) {
    write_meaning(value, &[], text);
}

/// Writes a value as [`write_canonical`] does, without the fields that mean the same as nothing and without the maps
/// that would hold nothing else.
pub fn write_meaning(value: &Value, meaningless: &[Meaningless<'_>], text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (key, value) in entries {
                let inside = beneath(meaningless, key);
                if inside.iter().any(|(steps, default)| steps.is_empty() && default.is(value)) {
                    continue;
                }
                let before = text.len();
                write_text(key, text);
                text.push(':');
                let begins = text.len();
                write_meaning(value, &inside, text);
                if !inside.is_empty() && text[begins..] == *"{}" {
                    text.truncate(before);
                } else {
                    text.push(',');
                }
            }
            text.push('}');
        }
        Value::Array(items) => {
            let inside = beneath(meaningless, "*");
            text.push('[');
            for item in items {
                write_meaning(item, &inside, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Number(number) => write_number(number, text),
        Value::String(string) => write_text(string, text),
        Value::Null | Value::Bool(_) => text.push_str(&value.to_string()),
    }
}

/// Returns what is meaningless one step further down.
fn beneath<'m>(meaningless: &[Meaningless<'m>], step: &str) -> Vec<Meaningless<'m>> {
    let further = |(steps, default): &Meaningless<'m>| match steps {
        [first, rest @ ..] if *first == step => Some((rest, *default)),
        _ => None,
    };
    meaningless.iter().filter_map(further).collect()
}

/// Writes a text as JSON does.
fn write_text(string: &str, text: &mut String) {
    if string.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        text.push('"');
        text.push_str(string);
        text.push('"');
    } else {
        text.push_str(&Value::from(string).to_string());
    }
}

fn write_number(number: &Number, text: &mut String) {
    let whole = number
        .as_f64()
        .filter(|float| !number.is_i64() && !number.is_u64() && float.fract() == 0.0 && float.abs() < 1e15);
    match whole {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e15 is an i64")]
        Some(float) => text.push_str(&(float as i64).to_string()),
        None => text.push_str(&number.to_string()),
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

//! Two values field by field: what differs, and where.
//!
//! Lists whose items have names are compared by them, as Kubernetes merges them; others item by item between what
//! their beginnings and their ends have in common. Nothing that looks like a credential comes out.

use serde_json::{Map, Value};

use super::FieldChange;
use crate::credential::{is_credential_key, is_literal, masked_line};

/// What stands for a credential.
const MASK: &str = "***";

/// The keys by which items of a list are told apart.
const IDENTITIES: [&str; 3] = ["name", "path", "key"];

/// Returns the fields that differ, in the order of the head's.
pub fn differences(base: &Value, head: &Value) -> Vec<FieldChange> {
    let mut found = Found::default();
    found.compare(base, head, Within::default());
    found.fields
}

/// Returns a value without what looks like a credential, as it would stand at `key`.
pub fn masked(value: &Value, key: &str) -> Value {
    Within { key, ..Within::default() }.masked(value)
}

#[derive(Default)]
struct Found {
    path: String,
    fields: Vec<FieldChange>,
}

/// Where a value stands, as far as that tells whether it is a credential.
#[derive(Clone, Copy, Debug, Default)]
struct Within<'v> {
    /// The nearest key.
    key: &'v str,
    /// The `name` beside it.
    named: Option<&'v str>,
    /// Whether everything below is one, as in the data of a Secret.
    is_secret: bool,
}

impl<'v> Within<'v> {
    /// Returns where the entry `key` of `map` stands.
    fn entry(self, map: &'v Map<String, Value>, key: &'v str) -> Self {
        let is_data =
            matches!(key, "data" | "stringData") && map.get("kind").and_then(Value::as_str) == Some("Secret");
        let named = map.get("name").and_then(Value::as_str).filter(|_| key == "value");
        Self { key, named, is_secret: self.is_secret || is_data }
    }

    fn hides(self, text: &str) -> bool {
        let is_key = is_credential_key(self.key) || self.named.is_some_and(is_credential_key);
        self.is_secret || (is_key && is_literal(text))
    }

    fn masked(self, value: &Value) -> Value {
        match value {
            Value::String(text) if self.hides(text) => MASK.into(),
            Value::String(text) => masked_text(text).into(),
            Value::Number(number) if self.hides(&number.to_string()) => MASK.into(),
            Value::Array(items) => items.iter().map(|item| self.masked(item)).collect(),
            Value::Object(map) => {
                let entry = |(key, value): (&String, &Value)| {
                    (key.clone(), Within::default().entry(map, key).or(self).masked(value))
                };
                Value::Object(map.iter().map(entry).collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// Keeps what is known from further up.
    fn or(mut self, above: Self) -> Self {
        self.is_secret |= above.is_secret;
        self
    }
}

/// Hides what looks like a credential by itself, line by line.
fn masked_text(text: &str) -> String {
    const MANY: usize = 400;
    let lines: Vec<String> =
        (1..=text.split('\n').count().min(MANY)).map(|line| masked_line(text, line)).collect();
    match text.split('\n').count() {
        1 => lines.into_iter().next().unwrap_or_default(),
        count if count <= MANY => lines.join("\n"),
        // What is that long is for a file, and looking through all of it would cost more than it shows.
        count => format!("{}\n({} more lines)", lines.join("\n"), count - MANY),
    }
}

impl Found {
    fn compare(&mut self, base: &Value, head: &Value, within: Within<'_>) {
        match (base, head) {
            (base, head) if base == head => {}
            (Value::Object(base), Value::Object(head)) => self.maps(base, head, within),
            (Value::Array(base), Value::Array(head)) => self.lists(base, head, within),
            (base, head) => self.push(Some(base), Some(head), within),
        }
    }

    fn maps(&mut self, base: &Map<String, Value>, head: &Map<String, Value>, within: Within<'_>) {
        for (key, value) in head {
            let within = within.entry(head, key);
            self.at(key, |found| match base.get(key) {
                Some(base) => found.compare(base, value, within),
                None => found.push(None, Some(value), within),
            });
        }
        for (key, value) in base.iter().filter(|(key, _)| !head.contains_key(*key)) {
            let within = within.entry(base, key);
            self.at(key, |found| found.push(Some(value), None, within));
        }
    }

    fn lists(&mut self, base: &[Value], head: &[Value], within: Within<'_>) {
        if let Some(identity) = identity(base, head) {
            return self.named(base, head, (identity, within));
        }
        let start = base.iter().zip(head).take_while(|(base, head)| base == head).count();
        let pairs = base[start..].iter().rev().zip(head[start..].iter().rev());
        let end = pairs.take_while(|(base, head)| base == head).count();
        let (base, head) = (&base[start..base.len() - end], &head[start..head.len() - end]);
        for index in 0..base.len().max(head.len()) {
            self.at(&(start + index).to_string(), |found| match (base.get(index), head.get(index)) {
                (Some(base), Some(head)) => found.compare(base, head, within),
                (base, head) => found.push(base, head, within),
            });
        }
    }

    fn named(&mut self, base: &[Value], head: &[Value], (identity, within): (&str, Within<'_>)) {
        let of = |items: &[Value], name: &Value| items.iter().position(|item| item[identity] == *name);
        for (index, item) in head.iter().enumerate() {
            self.at(&index.to_string(), |found| match of(base, &item[identity]) {
                Some(other) => found.compare(&base[other], item, within),
                None => found.push(None, Some(item), within),
            });
        }
        for (index, item) in base.iter().enumerate().filter(|(_, item)| of(head, &item[identity]).is_none()) {
            self.at(&index.to_string(), |found| found.push(Some(item), None, within));
        }
    }

    /// Does something one step further down.
    fn at(&mut self, step: &str, compare: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(&step.replace('~', "~0").replace('/', "~1"));
        compare(self);
        self.path.truncate(length);
    }

    fn push(&mut self, base: Option<&Value>, head: Option<&Value>, within: Within<'_>) {
        let masked = |value: &Value| within.masked(value);
        self.fields.push(FieldChange {
            path: self.path.clone(),
            from: base.map(masked),
            to: head.map(masked),
        });
    }
}

/// Returns the key by which the items of both lists can be told apart.
fn identity(base: &[Value], head: &[Value]) -> Option<&'static str> {
    let tells_apart = |key: &&&str| {
        [base, head].iter().all(|items| {
            let mut seen = std::collections::BTreeSet::new();
            items
                .iter()
                .all(|item| item.get(**key).and_then(Value::as_str).is_some_and(|name| seen.insert(name)))
        })
    };
    IDENTITIES.iter().find(tells_apart).copied().filter(|_| !(base.is_empty() && head.is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(base: Value, head: Value) -> Vec<String> {
        let text = |value: Option<Value>| value.map_or("-".to_owned(), |value| value.to_string());
        let shown = |field: FieldChange| format!("{} {} {}", field.path, text(field.from), text(field.to));
        differences(&base, &head).into_iter().map(shown).collect()
    }

    #[test]
    fn what_differs_is_named_by_its_pointer() {
        for (base, head, expected) in [
            (json!({"a": 1, "b": {"c": 2}}), json!({"b": {"c": 2}, "a": 1}), &[][..]),
            (json!({"a": 1, "b/c": 1}), json!({"x": {}, "a": 2}), &["/x - {}", "/a 1 2", "/b~1c 1 -"]),
            (json!({"a": {"b": 1}}), json!({"a": [1]}), &["/a {\"b\":1} [1]"]),
            (json!([1, 2, 3]), json!([1, 9, 2, 3]), &["/1 - 9"]),
            (json!([1, 2, 3]), json!([1, 3]), &["/1 2 -"]),
            (json!([{"a": 1}]), json!([{"a": 2}]), &["/0/a 1 2"]),
            (
                json!([{"name": "x", "v": 1}, {"name": "y", "v": 1}]),
                json!([{"name": "y", "v": 2}, {"name": "z"}]),
                &["/0/v 1 2", "/1 - {\"name\":\"z\"}", "/0 {\"name\":\"x\",\"v\":1} -"],
            ),
        ] {
            assert_eq!(shown(base, head), expected);
        }
    }

    #[test]
    fn credentials_do_not_come_out() {
        let key = format!("{}{}", "AKIA", "IOSFODNN7EXAMPL2");
        for (base, head, expected) in [
            (json!({"password": "hunter2"}), json!({"password": "hunter3"}), "/password \"***\" \"***\""),
            (json!({"password": ""}), json!({"password": "hunter3"}), "/password \"\" \"***\""),
            (json!({}), json!({"db": {"apiKey": 12345}}), "/db - {\"apiKey\":\"***\"}"),
            (
                json!({}),
                json!({"a": [{"name": "DB_TOKEN", "value": "x"}]}),
                "/a - [{\"name\":\"DB_TOKEN\",\"value\":\"***\"}]",
            ),
            (
                json!([{"name": "DB_TOKEN", "value": "x"}]),
                json!([{"name": "DB_TOKEN", "value": "y"}]),
                "/0/value \"***\" \"***\"",
            ),
            (
                json!({"kind": "Secret", "data": {"a": "b"}}),
                json!({"kind": "Secret", "data": {"a": "c"}}),
                "/data/a \"***\" \"***\"",
            ),
            (
                json!({}),
                json!({"o": {"kind": "Secret", "data": {"a": "c"}}}),
                "/o - {\"kind\":\"Secret\",\"data\":{\"a\":\"***\"}}",
            ),
            (json!({"id": 1}), json!({"id": key}), "/id 1 \"********************\""),
            (
                json!({"file": ""}),
                json!({"file": "[a]\npassword = hunter2\n"}),
                "/file \"\" \"[a]\\npassword = *******\\n\"",
            ),
        ] {
            assert_eq!(shown(base, head), [expected]);
        }
    }
}

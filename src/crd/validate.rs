//! Holding an object against its schema, as the API server does for a new one.
//!
//! Follows `customresource_handler.go` and `registry/customresource` of apiextensions-apiserver 1.36: unknown fields, nulls,
//! defaults, then the schema. What the API server would drop in silence is a fault.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::schema::{Bound, Extent, Keys, Schema};
use crate::spec::schema::{Type, is_dns_label, is_label_key, is_label_value};

/// Faults of one object that are told.
const MOST: usize = 50;

/// Something about an object that the API server would refuse or drop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where: keys of maps and numbers of items.
    pub steps: Vec<String>,
    /// What is wrong, as the end of a sentence that begins with the place: `is text instead of a whole number`.
    pub what: String,
    /// What was typed and, beside it, what is known, where one of these may have been meant.
    pub known: Option<(String, Vec<String>)>,
}

impl Fault {
    /// Returns the place as people write it: `spec.template.spec.taints[0].key`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            if step.bytes().all(|byte| byte.is_ascii_digit()) {
                path.push_str(&format!("[{step}]"));
            } else if step.contains(['.', '/']) {
                path.push_str(&format!("[\"{step}\"]"));
            } else {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(step);
            }
        }
        path
    }
}

/// Returns what is wrong with an object; `metadata` is the schema of what every object has there.
pub fn faults(object: &Value, schema: &Schema, metadata: &Schema) -> Vec<Fault> {
    let mut check = Check { metadata, found: Vec::new() };
    let Some(fields) = object.as_object() else { return Vec::new() };
    check.object(fields, schema, Path::Root, Whole::Object);
    check.found
}

/// Where a value stands; made into steps for faults alone.
#[derive(Clone, Copy)]
enum Path<'p> {
    Root,
    Field(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

/// Whether a map is a whole object, which has fields that its schema does not name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Object,
    Part,
}

struct Check<'c> {
    metadata: &'c Schema,
    found: Vec<Fault>,
}

impl Check<'_> {
    fn value(&mut self, value: &Value, schema: &Schema, path: Path<'_>) {
        if self.found.len() >= MOST || (value.is_null() && schema.is_nullable) {
            return;
        }
        if let Some(wrong) = wrong_type(value, schema) {
            return self.fault(path, wrong);
        }
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => self.number(number.as_f64().unwrap_or_default(), schema, path),
            Value::String(text) => self.text(text, schema, path),
            Value::Array(items) => self.list(items, schema, path),
            Value::Object(fields) => {
                self.object(
                    fields,
                    schema,
                    path,
                    if schema.is_embedded { Whole::Object } else { Whole::Part },
                );
            }
        }
        if !schema.words.is_empty() && !schema.words.contains(value) {
            self.word(value, schema, path);
        }
        self.alternatives(value, schema, path);
    }

    fn number(&mut self, number: f64, schema: &Schema, path: Path<'_>) {
        let below = |bound: Bound| number < bound.value || (bound.is_exclusive && number <= bound.value);
        let above = |bound: Bound| number > bound.value || (bound.is_exclusive && number >= bound.value);
        if let Some(bound) = schema.minimum.filter(|bound| below(*bound)) {
            let word = if bound.is_exclusive { "more than" } else { "at least" };
            self.fault(path, format!("is {number}; it must be {word} {}", bound.value));
        }
        if let Some(bound) = schema.maximum.filter(|bound| above(*bound)) {
            let word = if bound.is_exclusive { "less than" } else { "at most" };
            self.fault(path, format!("is {number}; it must be {word} {}", bound.value));
        }
    }

    fn text(&mut self, text: &str, schema: &Schema, path: Path<'_>) {
        let limited = schema.length.least.is_some() || schema.length.most.is_some();
        if limited {
            self.extent(text.chars().count(), schema.length, "character", path);
        }
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !pattern.matches(text)) {
            self.fault(path, format!("does not match `{}`", pattern.text));
        }
    }

    fn list(&mut self, items: &[Value], schema: &Schema, path: Path<'_>) {
        self.extent(items.len(), schema.count, "item", path);
        if let Some(inner) = &schema.items {
            for (index, item) in items.iter().enumerate() {
                self.value(item, inner, Path::Item(&path, index));
            }
        }
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            let key = match &schema.keys {
                Keys::None => return,
                Keys::Whole => item.to_string(),
                Keys::Fields(fields) => {
                    let of_item =
                        fields.iter().map(|field| item.get(&**field).unwrap_or(&Value::Null).to_string());
                    of_item.collect::<Vec<_>>().join(",")
                }
            };
            if !seen.insert(key) {
                let what = match &schema.keys {
                    Keys::None | Keys::Whole => "stands in the list twice".to_owned(),
                    Keys::Fields(fields) => format!("has the same `{}` as another item", fields.join("`, `")),
                };
                self.fault(Path::Item(&path, index), what);
            }
        }
    }

    fn object(&mut self, fields: &Map<String, Value>, schema: &Schema, path: Path<'_>, whole: Whole) {
        for (name, value) in fields {
            let own = schema.properties.get(name.as_str());
            let Some(inner) = own.or(schema.additional.as_ref()) else {
                match (whole, name.as_str()) {
                    (Whole::Object, "apiVersion" | "kind") => {}
                    (Whole::Object, "metadata") => {
                        let metadata = self.metadata;
                        let inner = Path::Field(&path, name);
                        self.value(value, metadata, inner);
                        self.labels(value, inner);
                    }
                    _ if schema.is_open => {}
                    _ => self.unknown(name, schema, path),
                }
                continue;
            };
            // The API server drops such a field.
            if !value.is_null() || inner.is_nullable {
                self.value(value, inner, Path::Field(&path, name));
            }
        }
        let is_missing = |name: &&Arc<str>| {
            let property = schema.properties.get(*name);
            let is_there = fields.get(&***name).is_some_and(|value| {
                !value.is_null() || property.is_some_and(|property| property.is_nullable)
            });
            !is_there && !property.is_some_and(|property| property.has_default)
        };
        for name in schema.required.iter().filter(is_missing) {
            self.fault(path, format!("has no `{name}`, which it needs"));
        }
        if schema.fields.least.is_some() || schema.fields.most.is_some() {
            let filled = schema
                .properties
                .iter()
                .filter(|(name, property)| property.has_default && !fields.contains_key(&***name));
            let written = fields.values().filter(|value| !value.is_null()).count();
            self.extent(written + filled.count(), schema.fields, "field", path);
        }
    }

    /// Says what is wrong with the texts of metadata that every API server looks at, whatever the kind.
    fn labels(&mut self, metadata: &Value, path: Path<'_>) {
        let namespace = metadata.get("namespace").and_then(Value::as_str).unwrap_or_default();
        if !namespace.is_empty() && !is_dns_label(namespace) {
            let what = "is no namespace: at most 63 lower-case letters, digits and `-`";
            self.fault(Path::Field(&path, "namespace"), what.to_owned());
        }
        for field in ["labels", "annotations"] {
            let inner = Path::Field(&path, field);
            for (key, value) in metadata.get(field).and_then(Value::as_object).into_iter().flatten() {
                // Of annotations, the domain may be upper-case, too.
                let is_key = if field == "labels" {
                    is_label_key(key)
                } else {
                    is_label_key(&key.to_ascii_lowercase())
                };
                if !is_key {
                    self.fault(Path::Field(&inner, key), "is no key: a name, or `domain/name`".to_owned());
                }
                let is_wrong = |text: &str| field == "labels" && !is_label_value(text);
                if value.as_str().is_some_and(is_wrong) {
                    let what = "is no label value: at most 63 letters, digits, `-`, `_` and `.`, letters or digits at both ends";
                    self.fault(Path::Field(&inner, key), what.to_owned());
                }
            }
        }
    }

    fn alternatives(&mut self, value: &Value, schema: &Schema, path: Path<'_>) {
        if !schema.all_of.iter().all(|one| self.accepts(value, one)) {
            self.fault(path, "is not all of what it must be".to_owned());
        }
        if !schema.any_of.is_empty() && !schema.any_of.iter().any(|one| self.accepts(value, one)) {
            self.fault(
                path,
                fields_of(&schema.any_of, "needs one of")
                    .unwrap_or_else(|| "is nothing of what it may be".to_owned()),
            );
        }
        if !schema.one_of.is_empty()
            && schema.one_of.iter().filter(|one| self.accepts(value, one)).count() != 1
        {
            let what = fields_of(&schema.one_of, "needs exactly one of");
            let what = what.or_else(|| types_of(&schema.one_of, value));
            self.fault(path, what.unwrap_or_else(|| "is not exactly one of what it may be".to_owned()));
        }
        if schema.not.as_ref().is_some_and(|not| self.accepts(value, not)) {
            self.fault(path, "is what it must not be".to_owned());
        }
    }

    /// Returns whether a value holds what a part of a schema says beside what it names: no field is unknown here.
    fn accepts(&self, value: &Value, schema: &Schema) -> bool {
        if (value.is_null() && schema.is_nullable) || wrong_type(value, schema).is_none() {
            let mut check = Check { metadata: self.metadata, found: Vec::new() };
            check.value(value, schema, Path::Root);
            return check.found.iter().all(Fault::is_of_unknown_field);
        }
        false
    }

    fn extent(&mut self, count: usize, extent: Extent, what: &str, path: Path<'_>) {
        let many =
            |count: usize| if count == 1 { format!("{count} {what}") } else { format!("{count} {what}s") };
        if let Some(least) = extent.least.filter(|least| count < *least) {
            self.fault(path, format!("has {}; it must have at least {least}", many(count)));
        }
        if let Some(most) = extent.most.filter(|most| count > *most) {
            self.fault(path, format!("has {}; it may have at most {most}", many(count)));
        }
    }

    fn word(&mut self, value: &Value, schema: &Schema, path: Path<'_>) {
        let words: Vec<String> = schema
            .words
            .iter()
            .map(|word| word.as_str().map_or_else(|| word.to_string(), str::to_owned))
            .collect();
        let typed = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let listed = match words.len() {
            ..=8 => format!("must be one of `{}`", words.join("`, `")),
            count => format!("must be one of {count} words"),
        };
        self.fault(path, listed);
        if let Some(fault) = self.found.last_mut() {
            fault.known = Some((typed, words));
        }
    }

    fn unknown(&mut self, name: &str, schema: &Schema, path: Path<'_>) {
        self.fault(Path::Field(&path, name), Fault::UNKNOWN.to_owned());
        if let Some(fault) = self.found.last_mut() {
            fault.known =
                Some((name.to_owned(), schema.properties.keys().map(|name| name.to_string()).collect()));
        }
    }

    fn fault(&mut self, path: Path<'_>, what: String) {
        let mut steps = Vec::new();
        let mut at = &path;
        loop {
            at = match at {
                Path::Root => break,
                Path::Field(above, name) => {
                    steps.push((*name).to_owned());
                    above
                }
                Path::Item(above, index) => {
                    steps.push(index.to_string());
                    above
                }
            };
        }
        steps.reverse();
        self.found.push(Fault { steps, what, known: None });
    }
}

impl Fault {
    const UNKNOWN: &str = "is not a field";

    /// Returns whether the fault is a field that the kind does not have.
    pub fn is_of_unknown_field(&self) -> bool {
        self.what == Self::UNKNOWN
    }

    /// Returns whether the value is of another type than the field, whatever it holds.
    pub fn is_of_type(&self) -> bool {
        self.what.contains("; it must be ") && self.what.starts_with("is a ")
    }
}

/// Returns what is wrong with the type of a value.
fn wrong_type(value: &Value, schema: &Schema) -> Option<String> {
    let found = found_type(value);
    if schema.int_or_string {
        let fits = value.is_string() || Type::Integer.holds(value);
        return (!fits).then(|| format!("is {found}; it must be a whole number or text"));
    }
    let kind = schema.kind.filter(|kind| !kind.holds(value))?;
    Some(format!("is {found}; it must be {}", kind.word()))
}

/// Returns what a value is, in words.
fn found_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => Type::Boolean.word(),
        Value::Number(_) => Type::Number.word(),
        Value::String(_) => Type::String.word(),
        Value::Array(_) => Type::Array.word(),
        Value::Object(_) => Type::Object.word(),
    }
}

/// Returns what a choice between fields that must be there is called; `None` where it is another choice.
fn fields_of(alternatives: &[Arc<Schema>], needs: &str) -> Option<String> {
    let required: Vec<String> =
        alternatives.iter().map(|one| one.required.join("` and `")).filter(|one| !one.is_empty()).collect();
    (required.len() == alternatives.len()).then(|| format!("{needs} `{}`", required.join("`, `")))
}

/// Returns what a choice between types is called where a value has none of them; `None` where it is another choice.
fn types_of(alternatives: &[Arc<Schema>], value: &Value) -> Option<String> {
    let words: Option<Vec<&str>> = alternatives.iter().map(|one| one.kind.map(Type::word)).collect();
    let words = words?.join(" or ");
    alternatives
        .iter()
        .all(|one| wrong_type(value, one).is_some())
        .then(|| format!("is {}; it must be {words}", found_type(value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Returns what is wrong with `spec`, held against its schema: `path what`, a line each.
    fn found(schema: Value, spec: Value) -> Vec<String> {
        let raw = json!({"type": "object", "properties": {"spec": schema}});
        let metadata = json!({"type": "object", "properties": {"name": {"type": "string"}}});
        let [schema, metadata] = [raw, metadata].map(|raw| Schema::compile(&raw, &|_| None));
        let object = json!({"apiVersion": "a/v1", "kind": "A", "metadata": {"name": "a"}, "spec": spec});
        faults(&object, &schema, &metadata)
            .iter()
            .map(|fault| format!("{} {}", fault.path(), fault.what))
            .collect()
    }

    #[test]
    fn every_word_of_a_schema_is_held_and_its_near_miss_passes() {
        let cases = [
            (json!({"type": "integer"}), json!(3), json!("3"), "is text; it must be a whole number"),
            (json!({"type": "integer"}), json!(3.0), json!(3.5), "is a number; it must be a whole number"),
            (json!({"type": "string"}), json!("yes"), json!(true), "is true or false; it must be text"),
            (
                json!({"type": "object", "additionalProperties": {"type": "string"}}),
                json!({"a": "b"}),
                json!([]),
                "is a list; it must be a map",
            ),
            (
                json!({"x-kubernetes-int-or-string": true}),
                json!("40%"),
                json!(true),
                "is true or false; it must be a whole number or text",
            ),
            (
                json!({"x-kubernetes-int-or-string": true}),
                json!(1),
                json!([]),
                "is a list; it must be a whole number or text",
            ),
            (json!({"type": "integer", "minimum": 1}), json!(1), json!(0), "is 0; it must be at least 1"),
            (
                json!({"type": "integer", "maximum": 3, "exclusiveMaximum": true}),
                json!(2),
                json!(3),
                "is 3; it must be less than 3",
            ),
            (
                json!({"type": "string", "minLength": 1}),
                json!("a"),
                json!(""),
                "has 0 characters; it must have at least 1",
            ),
            (
                json!({"type": "string", "maxLength": 2}),
                json!("äö"),
                json!("abc"),
                "has 3 characters; it may have at most 2",
            ),
            (
                json!({"type": "string", "pattern": "^v[0-9]+$"}),
                json!("v1"),
                json!("1"),
                "does not match `^v[0-9]+$`",
            ),
            (
                json!({"type": "string", "enum": ["A", "B"]}),
                json!("A"),
                json!("C"),
                "must be one of `A`, `B`",
            ),
            (
                json!({"type": "array", "minItems": 1}),
                json!([1]),
                json!([]),
                "has 0 items; it must have at least 1",
            ),
            (
                json!({"type": "array", "x-kubernetes-list-type": "set"}),
                json!(["a", "b"]),
                json!(["a", "a"]),
                "[1] stands in the list twice",
            ),
            (
                json!({"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]}),
                json!([{"name": "a"}, {"name": "b"}]),
                json!([{"name": "a"}, {"name": "a"}]),
                "[1] has the same `name` as another item",
            ),
            (
                json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "minProperties": 1}),
                json!({"a": 1}),
                json!({}),
                "has 0 fields; it must have at least 1",
            ),
            (
                json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}),
                json!({"a": ""}),
                json!({"a": null}),
                "has no `a`, which it needs",
            ),
            (
                json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
                json!({"a": ""}),
                json!({"a": "", "b": ""}),
                "needs exactly one of `a`, `b`",
            ),
            (
                json!({"oneOf": [{"type": "string"}, {"type": "number"}]}),
                json!(1),
                json!(true),
                "is true or false; it must be text or a number",
            ),
            (
                json!({"type": "object", "properties": {"a": {"type": "string"}}, "anyOf": [{"required": ["a"]}]}),
                json!({"a": ""}),
                json!({}),
                "needs one of `a`",
            ),
            (json!({"type": "integer", "not": {"enum": [0]}}), json!(1), json!(0), "is what it must not be"),
        ];
        for (schema, right, wrong, what) in cases {
            assert_eq!(found(schema.clone(), right), [""; 0], "{schema}");
            let separator = if what.starts_with('[') { "" } else { " " };
            assert_eq!(found(schema.clone(), wrong), [format!("spec{separator}{what}")], "{schema}");
        }
    }

    #[test]
    fn a_field_that_nobody_named_is_found_wherever_it_stands() {
        let schema = json!({"type": "object", "properties": {
            "known": {"type": "object", "properties": {"inner": {"type": "array", "items": {"type": "object"}}}},
            "open": {"type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": {"a": {"type": "object"}}},
        }});
        let spec = json!({"knwon": 1, "known": {"inner": [{"a.b": 1}]}, "open": {"x": 1, "a": {"y": 1}}});
        assert_eq!(
            found(schema, spec),
            [
                "spec.knwon is not a field",
                "spec.known.inner[0][\"a.b\"] is not a field",
                "spec.open.a.y is not a field"
            ]
        );
    }

    #[test]
    fn what_is_filled_in_need_not_be_written_and_null_is_nothing() {
        let schema = json!({"type": "object", "required": ["a"], "minProperties": 1, "properties": {
            "a": {"type": "string", "default": "x"}, "b": {"type": "string"}, "c": {"type": "string", "nullable": true},
        }});
        assert_eq!(found(schema, json!({"b": null, "c": null})), [""; 0]);
    }

    #[test]
    fn namespaces_and_labels_are_held_to_what_every_api_server_asks_of_them() {
        let metadata = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        let [schema, metadata] =
            [json!({"type": "object"}), metadata].map(|raw| Schema::compile(&raw, &|_| None));
        let found = |object: Value| -> Vec<String> {
            let found = faults(&json!({"kind": "A", "metadata": object}), &schema, &metadata);
            found.iter().map(Fault::path).collect()
        };
        let right = json!({"namespace": "a-1", "labels": {"a.b/C_d": "", "e": "x.Y-1"}, "annotations": {"a.b/c": "any thing %", "sidecar.Istio.io/Inject": ""}});
        assert_eq!(found(right), [""; 0]);
        let wrong = json!({"namespace": "A", "labels": {"a b": "c", "d": "40%", "e": "-x"}, "annotations": {"a/b/c": "x"}});
        assert_eq!(
            found(wrong),
            [
                "metadata.namespace",
                "metadata.labels.a b",
                "metadata.labels.d",
                "metadata.labels.e",
                "metadata.annotations[\"a/b/c\"]"
            ]
        );
    }

    #[test]
    fn an_object_within_an_object_has_metadata_of_its_own() {
        let schema = json!({"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true});
        let spec = json!({"apiVersion": "b/v1", "kind": "B", "metadata": {"name": 1, "nam": "b"}, "x": 1});
        assert_eq!(
            found(schema, spec),
            ["spec.metadata.name is a number; it must be text", "spec.metadata.nam is not a field"]
        );
    }
}

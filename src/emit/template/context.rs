//! What templates see: specs, with every field of their schema there.
//!
//! A field that was written gives its value. One that was not, or was written null, gives its default, else null,
//! `{}` (whose own fields are there too) or `[]` by its type. A name that neither the spec nor the schema has is
//! undefined. Maps iterate in the order of their keys, so that reordering a spec changes nothing; nulls and what was
//! not written are left out, defaults that say something are not.
//!
//! A map whose fields have names is true if it was written, even as `{}`; a map of free names (labels) is true if it
//! has any, as in Jinja. It must not know any kind.

mod lenient;
mod overlay;
mod record;
mod watched;

use std::sync::Arc;

use minijinja::Value;
use serde_json::Value as Json;

use crate::spec::schema::Schema;
use crate::spec::yaml::Node;

use lenient::Lenient;
use overlay::Overlay;
use record::{Record, Written};

pub(super) use watched::{Misses, watched};

/// Returns `node` as templates see it, held to `schema`; `None` is a value that was not written.
pub fn object(node: Option<&Node>, schema: &Arc<Schema>) -> Value {
    record::value(node.map(Written::Node), schema, &Arc::new(Schema::default()))
}

/// Returns data without a schema.
pub fn plain(data: &Json) -> Value {
    let free = Arc::new(Schema::default());
    record::value(Some(Written::Json(data)), &free, &free)
}

/// Returns `base` with fields put over it: computed ones, or those the caller knows better.
pub fn overlay<'a>(base: Value, fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::from_object(Overlay::new(base, fields))
}

/// Returns data in which every name that it does not have is null rather than undefined: what may be there or not,
/// under names that only some fleets know.
pub fn lenient(data: &Json) -> Value {
    Value::from_object(Lenient(plain(data)))
}

/// Returns a list.
pub fn list(items: Vec<Value>) -> Value {
    Value::from(items)
}

/// Returns the variables of a template: `cluster`, `tenant` and so on.
pub fn root<'a>(variables: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    overlay(plain(&Json::Object(serde_json::Map::new())), variables)
}

/// Returns whether a value is one of the objects made here, which cannot nest in themselves.
pub(super) fn is_ours(value: &Value) -> bool {
    value.downcast_object_ref::<Record>().is_some() || value.downcast_object_ref::<Overlay>().is_some()
}

/// Returns the names that can be read from a value: what it holds and what its schema has.
fn fields(value: &Value) -> Vec<Arc<str>> {
    if let Some(record) = value.downcast_object_ref::<Record>() {
        return record.names().collect();
    }
    if let Some(overlay) = value.downcast_object_ref::<Overlay>() {
        return overlay.names().collect();
    }
    let keys = value.try_iter().into_iter().flatten();
    keys.filter_map(|key| key.as_str().map(Arc::from)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::data::{self, Budget};
    use super::*;
    use crate::diagnostic::Report;
    use crate::location::FileId;
    use crate::spec::yaml;

    fn schema() -> Arc<Schema> {
        let repair = json!({"anyOf": [
            {"type": "object", "properties": {"timeout": {"type": "string", "default": "5m"}, "max": {}},
             "additionalProperties": false},
            {"const": false}
        ]});
        let document = json!({
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "replicas": {"type": "integer", "default": 3},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "zones": {"type": "array", "items": {"type": "string"}},
                "repair": repair,
                "pools": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}},
                "all": {"type": "array", "default": ["*"]},
            },
            "additionalProperties": false
        });
        Schema::read(&document).expect("because the schema is well formed")
    }

    fn evaluate(text: &str, expression: &str) -> Result<Json, Report> {
        let documents = yaml::parse(FileId(0), text.as_bytes(), yaml::Options::SPEC)?;
        let node = documents.first().map(|document| &document.root);
        let context = root([("x", object(node, &schema()))]);
        let mut environment = minijinja::Environment::new();
        environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let expression = environment.compile_expression(expression).expect("because it is well formed");
        Ok(match expression.eval(context) {
            Ok(value) if value.is_undefined() => json!("undefined"),
            Ok(value) => match data::json(&value, &mut Budget::new()) {
                Ok(value) => value.unwrap_or(Json::Null),
                Err(refusal) => json!(refusal.message),
            },
            Err(error) => json!(error.kind().to_string()),
        })
    }

    #[test]
    fn every_field_of_the_schema_is_there() -> Result<(), Report> {
        for (text, expression, expected) in [
            ("name: a", "x.name", json!("a")),
            ("name: a", "x.replicas", json!(3)),
            ("replicas: 5", "x.replicas", json!(5)),
            ("replicas: null", "x.replicas", json!(3)),
            ("", "x.replicas", json!(3)),
            ("name: a", "x.labels", json!({})),
            ("name: a", "x.zones", json!([])),
            ("", "x.name", Json::Null),
            ("name: a", "x.repair.timeout", json!("5m")),
            ("name: a", "x.repair.max", Json::Null),
            ("repair: {timeout: 1m}", "x.repair.timeout", json!("1m")),
            ("repair: false", "x.repair", json!(false)),
            ("name: a", "x.other", json!("undefined")),
            ("name: a", "x.other.deep", json!("undefined value")),
            ("name: a", "x.repair.other", json!("undefined")),
            ("labels: {a: b}", "x.labels.a", json!("b")),
            ("labels: {a: b}", "x.labels.c", json!("undefined")),
            ("labels: {a: b}", "x.labels.c is defined", json!(false)),
            ("pools: [{}, {size: 2}]", "x.pools | map(attribute=\"size\") | list", json!([2])),
            ("pools: [{}]", "x.pools[0].size is none", json!(true)),
        ] {
            assert_eq!(evaluate(text, expression)?, expected, "{text} · {expression}");
        }
        Ok(())
    }

    #[test]
    fn maps_iterate_in_key_order_without_what_was_not_written() -> Result<(), Report> {
        for (text, expression, expected) in [
            ("labels: {b: '1', a: '2'}", "x.labels | list", json!(["a", "b"])),
            ("labels: {b: '1', a: '2'}", "x.labels | items | list", json!([["a", "2"], ["b", "1"]])),
            ("labels: {b: '1', a: '2'}", "x.labels | length", json!(2)),
            ("zones: [b, a]\nname: null", "x", json!({"all": ["*"], "replicas": 3, "zones": ["b", "a"]})),
            ("repair: {}", "x", json!({"all": ["*"], "repair": {"timeout": "5m"}, "replicas": 3})),
        ] {
            assert_eq!(evaluate(text, expression)?, expected, "{text} · {expression}");
        }
        Ok(())
    }

    #[test]
    fn a_map_with_named_fields_is_true_if_it_was_written_and_a_free_one_if_it_has_any() -> Result<(), Report>
    {
        for (text, expression, expected) in [
            ("repair: {}", "x.repair", true),
            ("name: a", "x.repair", false),
            ("repair: null", "x.repair", false),
            ("repair: false", "x.repair", false),
            ("labels: {}", "x.labels", false),
            ("labels: {a: b}", "x.labels", true),
            ("zones: []", "x.zones", false),
        ] {
            let expression = format!("true if {expression} else false");
            assert_eq!(evaluate(text, &expression)?, json!(expected), "{text} · {expression}");
        }
        Ok(())
    }

    #[test]
    fn an_overlay_hides_and_adds_fields() {
        let base = plain(&json!({"a": 1, "b": {"c": 2}}));
        let over = overlay(base, [("b", Value::from(3)), ("d", Value::from(())), ("aa", Value::from("x"))]);

        let filled = data::json(&over, &mut Budget::new());

        assert_eq!(filled.ok().flatten(), Some(json!({"a": 1, "aa": "x", "b": 3})));
        assert!(over.get_attr("d").is_ok_and(|value| value.is_none()));
    }
}

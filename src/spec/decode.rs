//! From a validated node to a typed spec.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::schema::{Schema, Type};
use super::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostic, Report};

/// Reads a validated node into a type, with the schema's defaults where nothing is written.
///
/// # Errors
/// Says what the type refuses that the schema let pass, at the node.
pub fn decode<T: DeserializeOwned>(node: &Node, schema: &Arc<Schema>) -> Result<T, Report> {
    serde_json::from_value(with_defaults(Some(node), schema))
        .map_err(|refusal| Diagnostic::error("wrong-type", node.location, refusal.to_string()).into())
}

/// Returns a node as JSON with the schema's defaults in it: an unwritten field has its default, `[]` for a list,
/// a map of its own defaults for a map, and is absent otherwise; `null` counts as unwritten.
pub fn with_defaults(node: Option<&Node>, schema: &Arc<Schema>) -> Value {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return unwritten(schema).unwrap_or(Value::Null);
    };
    match &node.kind {
        Kind::Scalar { .. } => node.to_json(),
        Kind::List { items, .. } => {
            let any = Arc::default();
            let schema = schema.alternative(Type::Array).items.as_ref().unwrap_or(&any);
            items.iter().map(|item| with_defaults(Some(item), schema)).collect()
        }
        Kind::Map { .. } => map_with_defaults(node, schema.alternative(Type::Object)),
    }
}

fn map_with_defaults(node: &Node, schema: &Schema) -> Value {
    let any = Arc::default();
    let mut map = Map::new();
    for entry in node.entries().unwrap_or_default().iter().filter(|entry| !entry.value.is_null()) {
        let property = schema.property(&entry.key).unwrap_or(&any);
        map.insert(entry.key.to_string(), with_defaults(Some(&entry.value), property));
    }
    for (name, property) in &schema.properties {
        if let (false, Some(value)) = (map.contains_key(&**name), unwritten(property)) {
            map.insert(name.to_string(), value);
        }
    }
    Value::Object(map)
}

/// Returns what an unwritten field holds.
fn unwritten(schema: &Arc<Schema>) -> Option<Value> {
    match (&schema.default, &schema.types[..]) {
        (Some(default), _) => Some(default.clone()),
        (None, [Type::Array]) => Some(Value::Array(Vec::new())),
        // A map with fields that must be there is a choice to write or not; its absence must stay visible.
        (None, [Type::Object]) if schema.required.is_empty() && schema.exactly_one.is_empty() => {
            let fields = schema.properties.iter();
            let written =
                |(name, property): &(Arc<str>, Arc<Schema>)| Some((name.to_string(), unwritten(property)?));
            Some(Value::Object(fields.filter_map(written).collect()))
        }
        _ => None,
    }
}

//! What a schema is kept as: what decides whether an object is valid, and nothing else.

use serde_json::{Map, Value};

/// What is kept as it is.
const KEYWORDS: [&str; 21] = [
    "type",
    "enum",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
    "default",
    "nullable",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-int-or-string",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
];

/// Returns the schema of a CRD's version without descriptions and status, and without what every object has: its API
/// version, kind and metadata.
///
/// `tests/crdcheck` does the same for the binary's own schemas.
pub fn compact(schema: &Value) -> Value {
    let mut kept = stripped(schema);
    if let Some(properties) = kept.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !["apiVersion", "kind", "metadata"].contains(&name.as_str()));
        if let Some(status) = properties.get_mut("status") {
            *status =
                Map::from_iter([("x-kubernetes-preserve-unknown-fields".to_owned(), true.into())]).into();
        }
    }
    if let Some(required) = kept.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !["metadata", "status"].iter().any(|known| name == known));
    }
    kept
}

/// Strips a schema; it is known where schemas stand, so that a field which is called `description` stays.
fn stripped(schema: &Value) -> Value {
    let Some(fields) = schema.as_object() else { return Value::Object(Map::new()) };
    let mut kept = Map::new();
    for (keyword, value) in fields {
        let stripped = match keyword.as_str() {
            "properties" => {
                let properties = value.as_object().into_iter().flatten();
                properties.map(|(name, inner)| (name.clone(), stripped(inner))).collect::<Map<_, _>>().into()
            }
            "items" | "not" => stripped(value),
            "additionalProperties" if value.is_object() => stripped(value),
            "additionalProperties" => value.clone(),
            "allOf" | "anyOf" | "oneOf" => value.as_array().into_iter().flatten().map(stripped).collect(),
            _ if KEYWORDS.contains(&keyword.as_str()) => value.clone(),
            _ => continue,
        };
        kept.insert(keyword.clone(), stripped);
    }
    kept.sort_keys();
    kept.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn descriptions_go_and_fields_that_are_called_so_stay() {
        let schema = json!({
            "description": "a lake",
            "type": "object",
            "required": ["spec", "metadata"],
            "properties": {
                "kind": {"type": "string"},
                "spec": {
                    "type": "object",
                    "properties": {"description": {"description": "x", "type": "string", "format": "uri"}},
                    "x-kubernetes-validations": [{"rule": "true"}],
                },
                "status": {"type": "object", "properties": {"deep": {"type": "string"}}},
            },
        });
        assert_eq!(
            compact(&schema),
            json!({
                "properties": {
                    "spec": {"properties": {"description": {"type": "string"}}, "type": "object"},
                    "status": {"x-kubernetes-preserve-unknown-fields": true},
                },
                "required": ["spec"],
                "type": "object",
            })
        );
    }
}

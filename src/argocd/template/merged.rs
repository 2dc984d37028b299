//! The template of a generator laid over that of its set.
//!
//! Follows dario.cat/mergo 1.0.2 without `WithOverride` on Go's struct: whatever the generator's template has that is
//! not empty holds; what is empty, `false` behind a pointer included, gives way.

use serde_json::{Map, Value};

use crate::argocd::schema::{TEMPLATE, Type};

/// Returns the generator's template with what it leaves empty filled from that of the set; both were read by their
/// type.
pub fn merged(own: &Value, of_set: &Value) -> Value {
    merged_by(Type::Struct(TEMPLATE), own, of_set)
}

fn merged_by(of: Type, own: &Value, of_set: &Value) -> Value {
    match (of, own, of_set) {
        (Type::Pointer(_) | Type::Struct(_), Value::Null, _) => of_set.clone(),
        (Type::Pointer(_) | Type::Struct(_), _, Value::Null) => own.clone(),
        (Type::Pointer(to), _, _) => merged_by(*to, own, of_set),
        (Type::Struct(fields), Value::Object(own), Value::Object(of_set)) => {
            let field = |field: &crate::argocd::schema::Field| {
                let value = match (own.get(field.name), of_set.get(field.name)) {
                    (Some(own), Some(of_set)) => merged_by(field.of, own, of_set),
                    (own, of_set) => own.or(of_set)?.clone(),
                };
                Some((field.name.to_owned(), value))
            };
            Value::Object(fields.iter().filter_map(field).collect())
        }
        (Type::Map(_), Value::Object(own), Value::Object(of_set)) => {
            let mut merged: Map<String, Value> = own.clone();
            for (key, value) in of_set {
                if own.get(key).is_none_or(is_empty) {
                    merged.insert(key.clone(), value.clone());
                }
            }
            merged.sort_keys();
            Value::Object(merged)
        }
        // JSON without a type is bytes to Go.
        (Type::Raw, Value::Null, _) => of_set.clone(),
        (Type::Raw, _, _) => own.clone(),
        _ if is_empty(own) => of_set.clone(),
        _ => own.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(on) => !on,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_generators_template_wins_where_it_is_not_empty() {
        let own = json!({
            "metadata": {"labels": {"a": "1", "b": ""}},
            "spec": {
                "source": {"repoURL": "", "helm": {"valuesObject": {"x": 1}, "releaseName": "own"}},
                "destination": {},
                "project": "x",
                "syncPolicy": {"automated": {"prune": false, "selfHeal": true}},
            },
        });
        let of_set = json!({
            "metadata": {"name": "n", "labels": {"c": "3", "a": "2", "b": "2"}},
            "spec": {
                "source": {"repoURL": "r", "helm": {"valuesObject": {"y": 1}, "values": "v"}},
                "destination": {"server": "s"},
                "project": "y",
                "syncPolicy": {"automated": {"prune": true, "selfHeal": false}},
                "sources": [{"repoURL": "r"}],
            },
        });
        let expected = json!({
            "metadata": {"name": "n", "labels": {"a": "1", "b": "2", "c": "3"}},
            "spec": {
                "source": {"repoURL": "r", "helm": {"releaseName": "own", "values": "v", "valuesObject": {"x": 1}}},
                "destination": {"server": "s"},
                "project": "x",
                "syncPolicy": {"automated": {"prune": true, "selfHeal": true}},
                "sources": [{"repoURL": "r"}],
            },
        });
        assert_eq!(merged(&own, &of_set), expected);
        assert_eq!(merged(&Value::Null, &of_set), of_set);
    }
}

//! Strategic merge patches.
//!
//! Follows `k8s.io/apimachinery/pkg/util/strategicpatch` 0.36.1 as the API server applies a patch: struct tags say how
//! lists are merged, directives (`$patch`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) overrule
//! them. Where Go takes the keys of a patch in any order, they are taken sorted, which is directives first.

mod list;

use serde_json::{Map, Value};

use super::Fault;
use super::schema::{Field, Patched, Type, field_in_any_case};

const DIRECTIVE: &str = "$patch";
const RETAINED: &str = "$retainKeys";
const ORDERED: &str = "$setElementOrder";
const DELETED: &str = "$deleteFromPrimitiveList";

/// Merges a patch into an object of a type.
///
/// # Errors
/// Says what apimachinery says of a directive that is malformed, and of maps within JSON that has no type.
pub fn merge(of: Type, original: &mut Map<String, Value>, patch: Map<String, Value>) -> Result<(), Fault> {
    let mut patch = patch;
    match patch.remove(DIRECTIVE) {
        None => {}
        Some(Value::String(directive)) if directive == "replace" => {
            *original = patch;
            return Ok(());
        }
        Some(Value::String(directive)) if directive == "delete" => {
            original.clear();
            return Ok(());
        }
        Some(directive) => return Err(Fault::Wrong(format!("unknown patch type: {directive}"))),
    }
    retain_keys(original, &mut patch)?;
    list::set_element_order(of, original, &mut patch)?;
    let mut entries: Vec<(String, Value)> = patch.into_iter().collect();
    entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    for (key, value) in entries {
        if key.starts_with(DELETED) {
            delete_items(of, original, behind_prefix(&key, DELETED)?, value)?;
        } else {
            merge_entry(of, original, key, value)?;
        }
    }
    Ok(())
}

fn merge_entry(of: Type, original: &mut Map<String, Value>, key: String, patch: Value) -> Result<(), Fault> {
    match (original.get_mut(&key), patch) {
        (_, Value::Null) => {
            original.shift_remove(&key);
        }
        (Some(Value::Object(original)), Value::Object(patch)) => {
            let field = field(of, &key)?;
            if field.patched == Patched::Whole {
                *original = patch;
            } else {
                merge(field.of, original, patch)?;
            }
        }
        (Some(Value::Array(original)), Value::Array(patch)) => {
            let (field, items) = list_field(of, &key)?;
            *original = list::merge(items, field.patched, std::mem::take(original), patch)?;
        }
        (_, patch) => match without_directives(without_nulls(patch)) {
            Some(value) => {
                original.insert(key, value);
            }
            None => {
                original.shift_remove(&key);
            }
        },
    }
    Ok(())
}

fn delete_items(of: Type, original: &mut Map<String, Value>, key: &str, patch: Value) -> Result<(), Fault> {
    match (original.get_mut(key), patch) {
        (_, Value::Null) => {
            original.shift_remove(key);
        }
        (Some(Value::Array(original)), Value::Array(patch)) => {
            list_field(of, key)?;
            list::delete(original, &patch)?;
        }
        (Some(Value::Object(original)), Value::Object(patch)) => {
            let field = field(of, key)?;
            merge(field.of, original, patch)?;
        }
        (Some(original @ Value::String(_)), patch @ Value::String(_))
        | (Some(original @ Value::Bool(_)), patch @ Value::Bool(_))
        | (Some(original @ Value::Number(_)), patch @ Value::Number(_)) => *original = patch,
        _ => {}
    }
    Ok(())
}

/// Removes what the directive does not name; the patch may not hold anything else.
fn retain_keys(original: &mut Map<String, Value>, patch: &mut Map<String, Value>) -> Result<(), Fault> {
    let malformed = || Fault::wrong("invalid patch format of retainKeys");
    let Some(directive) = patch.remove(RETAINED) else { return Ok(()) };
    let Value::Array(retained) = directive else { return Err(malformed()) };
    let is_retained = |key: &str| retained.iter().any(|retained| retained.as_str() == Some(key));
    let is_listed = |(key, value): (&String, &Value)| {
        value.is_null() || key.starts_with(DELETED) || key.starts_with(ORDERED) || is_retained(key)
    };
    if !patch.iter().all(is_listed) {
        return Err(malformed());
    }
    original.retain(|key, _| is_retained(key));
    Ok(())
}

/// Returns the field that the key of a directive is about: `$setElementOrder/finalizers`.
fn behind_prefix<'k>(key: &'k str, prefix: &str) -> Result<&'k str, Fault> {
    let behind = key.split_once('/').filter(|(before, _)| *before == prefix).map(|(_, behind)| behind);
    behind.ok_or_else(|| {
        Fault::wrong(if prefix == DELETED {
            "invalid patch format of primitive list"
        } else {
            "invalid patch format of setElementOrder list"
        })
    })
}

/// Returns the field under a key; the types of a map's values are asked for only where they are maps or lists.
fn field(of: Type, key: &str) -> Result<&'static Field, Fault> {
    let of = if let Type::Pointer(to) = of { *to } else { of };
    match of {
        Type::Struct(fields) => field_in_any_case(fields, key)
            .ok_or_else(|| Fault::Wrong(format!("unable to find api field for the json field {key:?}"))),
        Type::Raw => Err(Fault::Wrong(format!(
            "unable to find api field in struct RawExtension for the json field {key:?}"
        ))),
        Type::Text
        | Type::Bool
        | Type::Integer
        | Type::IntegerOrText
        | Type::Time
        | Type::Pointer(_)
        | Type::List(_)
        | Type::Map(_) => {
            Err(Fault::wrong("merging an object in json but data type is not struct, instead is: map"))
        }
    }
}

/// Returns the field under a key, and the type of its items.
fn list_field(of: Type, key: &str) -> Result<(&'static Field, Type), Fault> {
    let field = field(of, key)?;
    match field.of {
        Type::List(items) | Type::Pointer(&Type::List(items)) => Ok((field, *items)),
        _ => Err(Fault::wrong("expected slice or array type, but got: struct")),
    }
}

/// Returns a value without the entries of maps that are null, anywhere in it.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let entries = map.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(entries.map(|(key, value)| (key, without_nulls(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        scalar => scalar,
    }
}

/// Returns a value without the maps that hold a `$patch`; `None` where it is one itself.
fn without_directives(value: Value) -> Option<Value> {
    Some(match value {
        Value::Object(map) if map.contains_key(DIRECTIVE) => return None,
        Value::Object(map) => {
            let entries = map.into_iter().filter_map(|(key, value)| Some((key, without_directives(value)?)));
            Value::Object(entries.collect())
        }
        Value::Array(items) => items.into_iter().filter_map(without_directives).collect(),
        scalar => scalar,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::schema::APPLICATION;

    fn merged(original: &Value, patch: &Value) -> Result<Value, Fault> {
        let (Value::Object(mut original), Value::Object(patch)) = (original.clone(), patch.clone()) else {
            return Err(Fault::wrong("no maps"));
        };
        merge(Type::Struct(APPLICATION), &mut original, patch)?;
        Ok(Value::Object(original))
    }

    #[test]
    fn maps_are_merged_and_lists_give_way_but_for_those_of_the_metadata() -> Result<(), Fault> {
        let original = json!({
            "metadata": {"finalizers": ["a", "b"], "labels": {"x": "1", "y": "2"}},
            "spec": {"sources": [{"path": "a"}], "source": {"helm": {"values": "v", "valuesObject": {"a": 1}}}},
        });
        for (patch, expected) in [
            (json!({}), original.clone()),
            (
                json!({"metadata": {"finalizers": ["b", "c"], "labels": {"x": null, "z": "3"}}}),
                json!({
                    "metadata": {"finalizers": ["a", "b", "c"], "labels": {"y": "2", "z": "3"}},
                    "spec": original["spec"],
                }),
            ),
            (
                json!({"spec": {"sources": [{"path": "b"}], "source": {"helm": {"valuesObject": {"b": {"c": null}}}}}}),
                json!({
                    "metadata": original["metadata"],
                    "spec": {"sources": [{"path": "b"}], "source": {"helm": {"values": "v", "valuesObject": {"a": 1, "b": {}}}}},
                }),
            ),
            (
                json!({"metadata": {"$patch": "delete"}, "spec": {"$patch": "replace", "project": "p"}}),
                json!({"metadata": {}, "spec": {"project": "p"}}),
            ),
            (
                json!({"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"], "$retainKeys": ["finalizers"]}}),
                json!({"metadata": {"finalizers": ["b"]}, "spec": original["spec"]}),
            ),
        ] {
            assert_eq!(merged(&original, &patch)?, expected, "{patch}");
        }
        Ok(())
    }

    #[test]
    fn order_and_items_of_lists_follow_their_directives() -> Result<(), Fault> {
        let owner = |uid: &str, name: &str| json!({"uid": uid, "name": name});
        let original = json!({"metadata": {
            "finalizers": ["a", "b", "c"],
            "ownerReferences": [owner("1", "a"), owner("2", "b")],
        }});
        for (patch, finalizers, owners) in [
            (
                json!({"$setElementOrder/finalizers": ["d", "b"], "finalizers": ["d"]}),
                json!(["d", "a", "b", "c"]),
                original["metadata"]["ownerReferences"].clone(),
            ),
            (
                json!({"ownerReferences": [{"uid": "2", "kind": "K"}, {"uid": "1", "$patch": "delete"}, owner("3", "c")]}),
                original["metadata"]["finalizers"].clone(),
                json!([{"uid": "2", "name": "b", "kind": "K"}, {"uid": "3", "name": "c"}]),
            ),
        ] {
            let merged = merged(&original, &json!({"metadata": patch}))?;
            let expected = json!({"metadata": {"finalizers": finalizers, "ownerReferences": owners}});
            assert_eq!(merged, expected, "{patch}");
        }
        Ok(())
    }

    #[test]
    fn what_has_no_type_is_not_merged_into() {
        let original = json!({"spec": {"source": {"helm": {"valuesObject": {"a": {"b": 1}}}}}});
        let inner =
            merged(&original, &json!({"spec": {"source": {"helm": {"valuesObject": {"a": {"c": 1}}}}}}));
        let expected = r#"unable to find api field in struct RawExtension for the json field "a""#;
        assert_eq!(inner, Err(Fault::wrong(expected)));
        for (patch, expected) in [
            (json!({"spec": {"$patch": "merge"}}), "unknown patch type: \"merge\""),
            (json!({"spec": {"$retainKeys": ["a"], "source": {}}}), "invalid patch format of retainKeys"),
            (json!({"spec": {"$deleteFromPrimitiveList": []}}), "invalid patch format of primitive list"),
        ] {
            assert_eq!(merged(&original, &patch), Err(Fault::wrong(expected)), "{patch}");
        }
    }
}

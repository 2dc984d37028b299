//! Maps laid over each other, deeply.
//!
//! Follows dario.cat/mergo 1.0.2 on `map[string]interface {}`, with and without `WithOverride`, as it was measured: its
//! documentation says otherwise of values that are empty.

use std::sync::Arc;

use super::Fault;
use super::go::value::{Map, Texts, Value};

/// Whether what is there gives way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// `WithOverride`: whatever the other map has holds, also where it is empty or null.
    Always,
    /// What is empty gives way.
    Empty,
}

/// Lays `over` over a map, which is changed for everyone who refers to it, and so are the maps in it.
///
/// # Errors
/// Says what mergo panics with: a `map[string]string` takes nothing of a `map[string]interface {}`. Refuses maps within
/// maps that are too deep, as two are that came to hold themselves meanwhile.
pub fn merge(map: &Map, over: &Map, overwrite: Overwrite) -> Result<(), Fault> {
    lay_over(map, &Value::Map(over.clone()), (overwrite, 0))
}

/// Returns whether mergo takes a value for nothing.
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Bool(on) => !on,
        Value::Int(number) | Value::Int64(number) => *number == 0,
        Value::Uint64(number) => *number == 0,
        Value::Byte(byte) => *byte == 0,
        Value::Float(number) => *number == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::List(list) => list.items.is_empty(),
        Value::Map(map) => map.0.borrow().is_empty(),
        Value::Texts(texts) => texts.is_empty(),
        Value::Object(_) => false,
    }
}

/// Maps within maps are laid over each other down to this depth.
const DEEPEST: usize = 200;

fn lay_over(map: &Map, over: &Value, (overwrite, depth): (Overwrite, usize)) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(Fault::refused(format!("merging maps deeper than {DEEPEST} is not supported")));
    }
    for (key, value) in entries(over) {
        let held = map.get(&key);
        match (&held, &value) {
            (_, Value::Nil) => {
                if overwrite == Overwrite::Always {
                    map.set(key, value);
                }
                continue;
            }
            (Some(Value::Map(held)), Value::Map(_) | Value::Texts(_)) if !held.is_nil() => {
                lay_over(held, &value, (overwrite, depth + 1))?;
            }
            (Some(Value::Texts(held)), Value::Map(_) | Value::Texts(_)) => {
                let texts = texts_laid_over(held, &value, overwrite)?;
                if !texts.is_empty() {
                    map.set(key, Value::Texts(Arc::new(texts)));
                    continue;
                }
            }
            _ => {}
        }
        let is_map = |value: &Value| matches!(value, Value::Map(_) | Value::Texts(_));
        match &held {
            Some(held) if !is_empty(held) && is_map(held) && is_map(&value) => {}
            Some(held) if !is_empty(held) && overwrite == Overwrite::Empty => {}
            _ => map.set(key, value),
        }
    }
    Ok(())
}

/// Returns texts with others laid over them.
fn texts_laid_over(held: &Texts, over: &Value, overwrite: Overwrite) -> Result<Texts, Fault> {
    let is_typed = matches!(over, Value::Texts(_));
    let mut texts = held.clone();
    for (key, value) in entries(over) {
        let held = held.get(&key);
        if let Value::List(_) = &value {
            return Err(Fault::Wrong(match held {
                Some(_) => "reflect: call of reflect.Value.IsNil on string Value".to_owned(),
                None => not_assignable(value.type_name()),
            }));
        }
        let gives_way = held.is_none_or(|held| held.is_empty()) && !matches!(value, Value::Nil);
        if overwrite == Overwrite::Empty && !gives_way {
            continue;
        }
        match value {
            Value::Text(text) if is_typed => {
                texts.insert(key, text);
            }
            _ => return Err(Fault::Wrong(not_assignable("interface {}"))),
        }
    }
    Ok(texts)
}

fn not_assignable(name: &str) -> String {
    format!("reflect.Value.SetMapIndex: value of type {name} is not assignable to type string")
}

/// Returns the entries of a map of either type, in the order of the keys; Go's order is random.
pub(in crate::argocd) fn entries(map: &Value) -> Vec<(Arc<str>, Value)> {
    match map {
        Value::Map(map) => map.entries(),
        Value::Texts(texts) => {
            texts.iter().map(|(key, text)| (key.clone(), Value::Text(text.clone()))).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Makes a value of JSON, in which `{"$": …}` is a `map[string]string` and `{"$nil": 0}` Go's nil map.
    fn value(json: &serde_json::Value) -> Value {
        let Some(map) = json.as_object() else { return Value::from_json(json) };
        if map.contains_key("$nil") {
            return Value::Map(Map::nil());
        }
        if let Some(texts) = map.get("$").and_then(serde_json::Value::as_object) {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().into();
            let texts = texts.iter().map(|(key, value)| (key.as_str().into(), text(value)));
            return Value::Texts(Arc::new(texts.collect()));
        }
        Value::map(map.iter().map(|(key, held)| (key.as_str().into(), value(held))))
    }

    /// Writes what [`value`] reads.
    fn shown(value: &Value) -> String {
        match value {
            Value::Map(map) => {
                let entries = map.entries();
                let entries = entries.iter().map(|(key, value)| format!("{key}:{}", shown(value)));
                format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
            }
            Value::Texts(texts) => {
                let entries = texts.iter().map(|(key, text)| format!("{key}:{text}"));
                format!("texts[{}]", entries.collect::<Vec<_>>().join(" "))
            }
            Value::List(list) => {
                format!("[{}]", list.items.iter().map(shown).collect::<Vec<_>>().join(" "))
            }
            Value::Text(text) => text.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Bool(on) => on.to_string(),
            Value::Nil => "<nil>".to_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn one_value_gives_way_to_another_as_mergo_has_it() {
        const TO_TEXT: &str =
            "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string";
        const LIST_TO_TEXT: &str =
            "reflect.Value.SetMapIndex: value of type []interface {} is not assignable to type string";
        const IS_NIL: &str = "reflect: call of reflect.Value.IsNil on string Value";
        let texts = json!({"$": {"x": "1"}});
        for (held, over, always, empty) in [
            (texts.clone(), json!({"x": "2"}), TO_TEXT, "texts[x:1]"),
            (json!({"$": {"x": ""}}), json!({"x": "2"}), TO_TEXT, TO_TEXT),
            (texts.clone(), json!({"y": "2"}), TO_TEXT, TO_TEXT),
            (texts.clone(), json!({"x": null}), TO_TEXT, "texts[x:1]"),
            (texts.clone(), json!({"y": null}), TO_TEXT, "texts[x:1]"),
            (texts.clone(), json!({"x": [1]}), IS_NIL, IS_NIL),
            (texts.clone(), json!({"y": [1]}), LIST_TO_TEXT, LIST_TO_TEXT),
            (texts.clone(), json!({"x": {"z": 1}}), TO_TEXT, "texts[x:1]"),
            (texts.clone(), json!({}), "texts[x:1]", "texts[x:1]"),
            (json!({"$": {}}), json!({}), "map[]", "map[]"),
            (json!({"$": {}}), json!({"x": 1}), TO_TEXT, TO_TEXT),
            (texts, json!({"$": {"x": "2", "y": "", "z": "3"}}), "texts[x:2 y: z:3]", "texts[x:1 y: z:3]"),
            (
                json!({"x": 1, "e": ""}),
                json!({"$": {"x": "2", "e": "3", "z": "3"}}),
                "map[e:3 x:2 z:3]",
                "map[e:3 x:1 z:3]",
            ),
            (json!({"x": 1}), json!({"x": null, "y": null}), "map[x:<nil> y:<nil>]", "map[x:1]"),
            (json!({"x": 1}), json!("s"), "s", "map[x:1]"),
            (json!("s"), json!({"x": 1}), "map[x:1]", "s"),
            (json!("s"), json!([1]), "[1]", "s"),
            (json!(""), json!([1]), "[1]", "[1]"),
            (json!([1]), json!([]), "[]", "[1]"),
            (json!([1]), json!({}), "map[]", "[1]"),
            (json!([]), json!({}), "map[]", "map[]"),
            (json!([1]), json!(""), "", "[1]"),
            (json!(null), json!({"x": 1}), "map[x:1]", "map[x:1]"),
            (json!({}), json!({"x": 1}), "map[x:1]", "map[x:1]"),
            (json!({"$nil": 0}), json!({"x": 1}), "map[x:1]", "map[x:1]"),
            (json!({"x": 1}), json!({"$nil": 0}), "map[x:1]", "map[x:1]"),
            (json!(0), json!(false), "false", "false"),
            (json!(true), json!(false), "false", "true"),
            (
                json!({"b": {"c": 1, "d": 1}}),
                json!({"b": {"c": 2}}),
                "map[b:map[c:2 d:1]]",
                "map[b:map[c:1 d:1]]",
            ),
        ] {
            for (overwrite, expected) in [(Overwrite::Always, always), (Overwrite::Empty, empty)] {
                let map = Map::new([("a".into(), value(&held))]);
                let merged = merge(&map, &Map::new([("a".into(), value(&over))]), overwrite);
                let found = match merged {
                    Ok(()) => shown(&map.get("a").unwrap_or_default()),
                    Err(Fault::Wrong(what)) => what,
                    Err(fault) => format!("{fault:?}"),
                };
                assert_eq!(found, expected, "{held} <- {over}, {overwrite:?}");
            }
        }
    }

    #[test]
    fn what_is_taken_over_is_shared() {
        let over = value(&json!({"a": {"x": 1}}));
        let (map, Value::Map(over)) = (Map::default(), over) else { panic!("because a map was made") };
        merge(&map, &over, Overwrite::Always).expect("because maps of one type can be merged");
        merge(&map, &Map::new([("a".into(), value(&json!({"y": 2})))]), Overwrite::Always)
            .expect("because maps of one type can be merged");
        assert_eq!(shown(&Value::Map(over)), "map[a:map[x:1 y:2]]");
    }
}

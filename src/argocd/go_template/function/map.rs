//! Functions on maps. `set` and `unset` change the map for everyone who refers to it.

use std::sync::Arc;

use super::circle::refuse_circle;
use super::text::printed;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("dict", &[], dict).and(Type::Any),
    Function::new("dig", &[], dig).and(Type::Any),
    Function::new("get", &[Type::Map, Type::Text], get),
    Function::new("hasKey", &[Type::Map, Type::Text], has_key),
    Function::new("keys", &[], |given| keys(given, Map::entries)).and(Type::Map),
    Function::new("omit", &[Type::Map], omit).and(Type::Text),
    Function::new("pick", &[Type::Map], pick).and(Type::Text),
    Function::new("pluck", &[Type::Text], pluck).and(Type::Map),
    Function::new("set", &[Type::Map, Type::Text, Type::Any], set),
    Function::new("unset", &[Type::Map, Type::Text], unset),
    Function::new("values", &[Type::Map], |given| values(given, Map::entries)),
];

/// Returns the map that an argument is; nil is Go's nil map.
///
/// # Errors
/// Fails for what is no map.
pub(super) fn map(value: &Value) -> Result<Map, Fault> {
    match value {
        Value::Map(map) => Ok(map.clone()),
        Value::Nil => Ok(Map::nil()),
        _ => Err(unfit()),
    }
}

/// Keys are printed; one without a value gets `""`.
fn dict(given: &[Value]) -> Answer {
    let map = Map::default();
    for pair in given.chunks(2) {
        if let Some((key, value)) = pair.split_first() {
            map.set(printed(key)?, value.first().cloned().unwrap_or_else(|| Value::text("")));
        }
    }
    Ok(Value::Map(map))
}

/// `dig KEY… DEFAULT MAP`; types are looked at when it runs, those of all keys first.
fn dig(given: &[Value]) -> Answer {
    let [keys @ .., default, found] = given else { return Err(few()) };
    if keys.is_empty() {
        return Err(few());
    }
    asserted_map(found)?;
    let keys = keys.iter().map(|key| match key {
        Value::Text(key) => Ok(key),
        other => Err(not_asserted(other, "string")),
    });
    let mut found = found.clone();
    for key in keys.collect::<Result<Vec<_>, Fault>>()? {
        let Some(value) = asserted_map(&found)?.get(key) else { return Ok(default.clone()) };
        found = value;
    }
    Ok(found)
}

fn asserted_map(value: &Value) -> Result<&Map, Fault> {
    match value {
        Value::Map(map) => Ok(map),
        other => Err(not_asserted(other, "map[string]interface {}")),
    }
}

fn few() -> Fault {
    Fault::wrong("dig needs at least three arguments")
}

fn not_asserted(value: &Value, expected: &str) -> Fault {
    let found = match value {
        Value::Nil => "nil",
        other => other.type_name(),
    };
    Fault::wrong(format!("interface conversion: interface {{}} is {found}, not {expected}"))
}

/// What is not there is `""`.
fn get(given: &[Value]) -> Answer {
    let [dictionary, Value::Text(key)] = given else { return Err(unfit()) };
    Ok(map(dictionary)?.get(key).unwrap_or_else(|| Value::text("")))
}

fn has_key(given: &[Value]) -> Answer {
    let [dictionary, Value::Text(key)] = given else { return Err(unfit()) };
    Ok(Value::Bool(map(dictionary)?.get(key).is_some()))
}

/// The entries of a map, in some order.
type Entries = Vec<(Arc<str>, Value)>;

/// The keys of one map behind those of the other; upstream in random order.
pub(super) fn keys(given: &[Value], entries: fn(&Map) -> Entries) -> Answer {
    let mut keys = Vec::new();
    for value in given {
        keys.extend(entries(&map(value)?).into_iter().map(|(key, _)| key));
    }
    Ok(Value::texts(keys))
}

/// Upstream in random order.
pub(super) fn values(given: &[Value], entries: fn(&Map) -> Entries) -> Answer {
    let [value] = given else { return Err(unfit()) };
    Ok(Value::list(entries(&map(value)?).into_iter().map(|(_, value)| value)))
}

/// Returns the entries of a map so that each stands elsewhere than in the order of the keys.
pub(super) fn shifted(map: &Map) -> Entries {
    let mut entries = map.entries();
    if !entries.is_empty() {
        entries.rotate_left(1);
    }
    entries
}

fn pick(given: &[Value]) -> Answer {
    let (first, keys) = given.split_first().ok_or_else(unfit)?;
    let (from, picked) = (map(first)?, Map::default());
    for key in keys {
        let Value::Text(key) = key else { return Err(unfit()) };
        if let Some(value) = from.get(key) {
            picked.set(key.clone(), value);
        }
    }
    Ok(Value::Map(picked))
}

fn omit(given: &[Value]) -> Answer {
    let (first, omitted) = given.split_first().ok_or_else(unfit)?;
    let is_kept =
        |key: &str| !omitted.iter().any(|other| matches!(other, Value::Text(other) if **other == *key));
    Ok(Value::map(map(first)?.entries().into_iter().filter(|(key, _)| is_kept(key))))
}

fn pluck(given: &[Value]) -> Answer {
    let [Value::Text(key), maps @ ..] = given else { return Err(unfit()) };
    let mut plucked = Vec::new();
    for value in maps {
        plucked.extend(map(value)?.get(key));
    }
    Ok(Value::list(plucked))
}

fn set(given: &[Value]) -> Answer {
    let [dictionary, Value::Text(key), value] = given else { return Err(unfit()) };
    let changed = map(dictionary)?;
    if changed.is_nil() {
        return Err(Fault::wrong("assignment to entry in nil map"));
    }
    changed.set(key.clone(), value.clone());
    refuse_circle("set", value)?;
    Ok(Value::Map(changed))
}

fn unset(given: &[Value]) -> Answer {
    let [dictionary, Value::Text(key)] = given else { return Err(unfit()) };
    let changed = map(dictionary)?;
    changed.0.borrow_mut().remove(key);
    Ok(Value::Map(changed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::argocd::go_template::{Options, Template};

    fn filled(template: &str) -> Result<String, Fault> {
        Template::parse(template, &Options::default())?.execute(&Value::map([]))
    }

    #[test]
    fn a_map_that_is_set_is_changed_for_everyone_who_refers_to_it() {
        let template = r#"{{ $d := dict "a" (dict "b" 1) }}{{ $e := $d }}{{ $_ := set $d.a "c" 2 }}{{ $e }}"#;
        assert_eq!(filled(template), Ok("map[a:map[b:1 c:2]]".to_owned()));
    }

    #[test]
    fn a_copy_is_not_changed_with_what_it_was_copied_from() {
        let template =
            r#"{{ $d := dict "a" (dict "b" 1) }}{{ $e := deepCopy $d }}{{ $_ := set $d.a "c" 2 }}{{ $e }}"#;
        assert_eq!(filled(template), Ok("map[a:map[b:1]]".to_owned()));
    }

    #[test]
    fn what_is_merged_is_taken_by_reference() {
        let template = r#"{{ $d := dict "a" (dict "b" 1) }}{{ $e := merge (dict) $d }}{{ $_ := set $e.a "c" 2 }}{{ $d }}"#;
        assert_eq!(filled(template), Ok("map[a:map[b:1 c:2]]".to_owned()));
    }

    #[test]
    fn nothing_can_be_set_in_go_s_nil_map() {
        let Err(Fault::Wrong(why)) = filled(r#"{{ set nil "a" 1 }}"#) else { panic!("it was set") };
        assert!(why.contains("assignment to entry in nil map"), "{why}");
    }

    #[test]
    fn a_map_within_itself_is_refused() {
        let refused = filled(r#"{{ $d := dict }}{{ set $d "a" (list $d) }}"#);
        assert_eq!(refused, Err(Fault::refused("`set` of a map within itself is not supported")));
    }
}

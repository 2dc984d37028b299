//! What sprig itself gave: one call a line, in `tests/recorded/functions/`.
//!
//! A line is `{"f": name, "a": arguments, "r": result}`, with `"e"` for an error instead of a result, and `"after"` where
//! the call has changed its arguments. Null, booleans, texts and lists of anything are written as they are, every other
//! value as an object whose one key is its type.

use serde_json::{Value as Json, json};

use super::{Found, find};
use crate::argocd::Fault;
use crate::argocd::go::value::{Element, List, Map, Value};

/// Reads a value.
pub fn read(json: &Json) -> Value {
    let (kind, inner) = match json {
        Json::Null => return Value::Nil,
        Json::Bool(on) => return Value::Bool(*on),
        Json::String(text) => return Value::text(text.as_str()),
        Json::Array(items) => return Value::list(items.iter().map(read)),
        Json::Object(map) => map.iter().next().expect("because an object says a type"),
        Json::Number(_) => unreachable!("numbers are written as texts"),
    };
    let number = inner.as_str().unwrap_or_default();
    let list = |element| {
        let items: Vec<Value> = inner.as_array().into_iter().flatten().map(read).collect();
        Value::List(List { element, items: items.into(), is_nil: inner.is_null() })
    };
    match kind.as_str() {
        "int" => Value::Int(number.parse().unwrap()),
        "int64" => Value::Int64(number.parse().unwrap()),
        "uint64" => Value::Uint64(number.parse().unwrap()),
        "byte" => Value::Byte(number.parse().unwrap()),
        "float" => Value::Float(number.parse().unwrap()),
        "list" => list(Element::Any),
        "texts" => list(Element::Text),
        "ints" => list(Element::Int),
        "lists" => list(Element::List),
        "maps" => list(Element::Map),
        "map" if inner.is_null() => Value::Map(Map::nil()),
        "map" => Value::map(entries(inner)),
        "labels" => {
            let text = |value| match value {
                Value::Text(text) => text,
                other => unreachable!("{other:?}"),
            };
            let texts = entries(inner).into_iter().map(|(key, value)| (key, text(value)));
            Value::Texts(std::sync::Arc::new(texts.collect()))
        }
        other => unreachable!("{other}"),
    }
}

fn entries(json: &Json) -> Vec<(std::sync::Arc<str>, Value)> {
    let map = json.as_object().into_iter().flatten();
    map.map(|(key, value)| (key.as_str().into(), read(value))).collect()
}

/// Writes a value.
pub fn write(value: &Value) -> Json {
    let object = |entries: Vec<(std::sync::Arc<str>, Value)>| {
        let entries = entries.iter().map(|(key, value)| (key.to_string(), write(value)));
        Json::Object(entries.collect())
    };
    match value {
        Value::Nil => Json::Null,
        Value::Bool(on) => json!(on),
        Value::Text(text) => json!(&**text),
        Value::Int(number) => json!({"int": number.to_string()}),
        Value::Int64(number) => json!({"int64": number.to_string()}),
        Value::Uint64(number) => json!({"uint64": number.to_string()}),
        Value::Byte(number) => json!({"byte": number.to_string()}),
        Value::Float(number) => json!({"float": format!("{number:?}")}),
        Value::List(list) => {
            let kind = match list.element {
                Element::Any => "list",
                Element::Text => "texts",
                Element::Int => "ints",
                Element::List => "lists",
                Element::Map => "maps",
            };
            let items = Json::Array(list.items.iter().map(write).collect());
            match list.element {
                _ if list.is_nil => json!({kind: null}),
                Element::Any => items,
                _ => json!({kind: items}),
            }
        }
        Value::Map(map) if map.is_nil() => json!({"map": null}),
        Value::Map(map) => json!({"map": object(map.entries())}),
        Value::Texts(texts) => {
            let entries = texts.iter().map(|(key, text)| (key.clone(), Value::Text(text.clone())));
            json!({"labels": object(entries.collect())})
        }
        Value::Object(object) => json!({object.type_name(): object.print()}),
    }
}

/// What a line comes to here.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// As it is recorded.
    Same,
    /// The function, or this call of it, is refused.
    Refused(String),
    /// Another one.
    Other(String),
}

/// Calls what a line says.
pub fn judge(line: &str) -> Outcome {
    let line: Json = serde_json::from_str(line).unwrap();
    let name = line["f"].as_str().unwrap();
    let Found::Function(function) = find(name) else {
        return Outcome::Other("there is no such function".into());
    };
    let arguments: Vec<Value> = line["a"].as_array().unwrap().iter().map(read).collect();
    let result = match (function.call)(&arguments) {
        Err(Fault::Refused(why)) => return Outcome::Refused(why.to_string()),
        Err(Fault::Wrong(why)) => Err(why),
        Ok(value) => Ok(value),
    };
    // Numbers are compared by the digits that they are written with here.
    let again = |value: &Json| write(&read(value));
    let after: Vec<Json> =
        line["after"].as_array().or(line["a"].as_array()).unwrap().iter().map(again).collect();
    let expected = line["e"].is_null().then(|| (again(&line["r"]), after));
    let found: Vec<Json> = arguments.iter().map(write).collect();
    let found = result.map(|value| (write(&value), found));
    if found.as_ref().ok() == expected.as_ref() {
        Outcome::Same
    } else {
        Outcome::Other(format!("{found:?} instead of {expected:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{REFUSED, TABLES, Type};
    use super::*;

    const CALLS: [&str; 9] = [
        include_str!("../../../../tests/recorded/functions/calls.jsonl"),
        include_str!("../../../../tests/recorded/functions/crypto.jsonl"),
        include_str!("../../../../tests/recorded/functions/date.jsonl"),
        include_str!("../../../../tests/recorded/functions/json.jsonl"),
        include_str!("../../../../tests/recorded/functions/name.jsonl"),
        include_str!("../../../../tests/recorded/functions/regexp.jsonl"),
        include_str!("../../../../tests/recorded/functions/semver.jsonl"),
        include_str!("../../../../tests/recorded/functions/url.jsonl"),
        include_str!("../../../../tests/recorded/functions/yaml.jsonl"),
    ];

    /// Every function of sprig's that Argo CD lets a template call, with its type.
    const SIGNATURES: &str = include_str!("../../../../tests/recorded/functions/signatures.txt");

    #[test]
    fn every_recorded_call_gives_what_sprig_gave() {
        let wrong: Vec<String> = CALLS
            .into_iter()
            .flat_map(str::lines)
            .filter_map(|line| match judge(line) {
                Outcome::Same => None,
                other => Some(format!("{line}\n  {other:?}")),
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Templates, and before them the data that all are filled with.
    const TEMPLATES: &str = include_str!("../../../../tests/recorded/functions/templates.jsonl");

    #[test]
    fn versions_times_and_texts_go_through_templates_as_they_do_in_go() {
        use crate::argocd::go_template::{Options, Template};
        let mut lines = TEMPLATES.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let data = read(&lines.next().unwrap()["d"]);
        for line in lines {
            let template = Template::parse(line["t"].as_str().unwrap(), &Options::default());
            let filled = template.and_then(|template| template.execute(&data));
            match &line["r"] {
                Json::String(expected) => assert_eq!(filled.as_ref(), Ok(expected), "{line}"),
                _ => assert!(matches!(filled, Err(Fault::Wrong(_))), "{line} {filled:?}"),
            }
        }
    }

    #[test]
    fn every_function_of_sprig_is_there_or_refused_by_name() {
        let names = SIGNATURES.lines().filter_map(|line| line.split(' ').next());
        let unknown = names.filter(|name| matches!(find(name), Found::Unknown));
        assert_eq!(unknown.collect::<Vec<_>>(), [] as [&str; 0]);
        for (name, _) in REFUSED {
            assert!(
                SIGNATURES.lines().any(|line| line.starts_with(&format!("{name} "))),
                "{name} is not sprig's"
            );
        }
    }

    #[test]
    fn functions_take_what_they_take_in_go() {
        for line in SIGNATURES.lines() {
            let (name, signature) = line.split_once(' ').unwrap();
            let Found::Function(function) = find(name) else { continue };
            let mut types: Vec<String> = function.fixed.iter().map(|kind| go(*kind).to_owned()).collect();
            types.extend(function.variadic.map(|kind| format!("...{}", go(kind))));
            let (found, _) = signature.strip_prefix("func(").unwrap().split_once(')').unwrap();
            assert_eq!(found, types.join(", "), "{name}");
        }
    }

    #[test]
    fn no_name_stands_for_two_functions() {
        let mut names: Vec<&str> = TABLES.iter().copied().flatten().map(|function| function.name).collect();
        names.extend(REFUSED.iter().map(|(name, _)| name));
        names.sort_unstable();
        let mut once = names.clone();
        once.dedup();
        assert_eq!(names, once);
    }

    fn go(kind: Type) -> &'static str {
        match kind {
            Type::Any => "interface {}",
            Type::Bool => "bool",
            Type::Text => "string",
            Type::Int => "int",
            Type::Int64 => "int64",
            Type::Uint32 => "uint32",
            Type::Float => "float64",
            Type::Map => "map[string]interface {}",
            Type::Texts => "map[string]string",
            Type::List => "[]interface {}",
            Type::TextList => "[]string",
            Type::Object(name) => name,
        }
    }
}

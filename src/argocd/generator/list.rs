//! The list generator: one set of parameters for each element.
//!
//! Follows `generators/list.go` of Argo CD 3.5.1.

use serde_json::Value;

use super::Generators;
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Value as GoValue};
use crate::argocd::go::yaml;
use crate::argocd::params::Params;

/// Returns the sets of a generator, in its order.
///
/// # Errors
/// Says what is wrong with an element.
pub fn generate<'w>(generator: &Value, generators: &Generators<'w>) -> Result<Vec<Params<'w>>, Fault> {
    let elements = generator.get("elements").and_then(Value::as_array).into_iter().flatten();
    let read = |element| if generators.is_go() { go_element(element) } else { plain_element(element) };
    let mut all = elements.map(|element| read(element).map(Params::Map)).collect::<Result<Vec<_>, _>>()?;
    let Some(yaml) = generator.get("elementsYaml").and_then(Value::as_str) else { return Ok(all) };
    let more = yaml::read(yaml.as_bytes()).and_then(maps);
    let more = more.map_err(|fault| match fault {
        Fault::Wrong(why) => Fault::Wrong(format!("error unmarshling decoded ElementsYaml {why}")),
        refused @ Fault::Refused(_) => refused,
    })?;
    // These are never made flat; without `goTemplate`, what is no text cannot be looked up.
    all.extend(more.into_iter().map(Params::Map));
    Ok(all)
}

/// Returns the maps of a list that was read as YAML; a null is one without entries.
///
/// # Errors
/// Says what Go says of anything else.
pub fn maps(list: Option<GoValue>) -> Result<Vec<Map>, Fault> {
    let mismatch = |found: &GoValue, wanted: &str| {
        let found = match found {
            GoValue::Map(_) => "object",
            GoValue::List(_) => "array",
            GoValue::Float(_) => "number",
            other => other.kind(),
        };
        Fault::Wrong(format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {wanted}map[string]interface {{}}"
        ))
    };
    match list {
        None => Ok(Vec::new()),
        Some(GoValue::List(list)) => {
            let map = |item: &GoValue| match item {
                GoValue::Map(map) => Ok(map.clone()),
                GoValue::Nil => Ok(Map::default()),
                other => Err(mismatch(other, "")),
            };
            list.items.iter().map(map).collect()
        }
        Some(other) => Err(mismatch(&other, "[]")),
    }
}

fn go_element(element: &Value) -> Result<Map, Fault> {
    object(element)?;
    match GoValue::from_json(element) {
        GoValue::Map(map) => Ok(map),
        _ => Ok(Map::default()),
    }
}

/// Returns the flat parameters of an element, in which everything must be text.
fn plain_element(element: &Value) -> Result<Map, Fault> {
    // Upstream formats an error that is not there.
    let text = |value: &Value| match value {
        Value::String(text) => Ok(GoValue::text(text.as_str())),
        _ => Err(Fault::wrong("error parsing value as string %!w(<nil>)")),
    };
    let map = Map::default();
    for (key, value) in object(element)? {
        if key == "values" {
            let Value::Object(values) = value else { return Err(Fault::wrong("error parsing values map")) };
            for (key, value) in values {
                map.set(format!("values.{key}"), text(value)?);
            }
        } else {
            map.set(key.as_str(), text(value)?);
        }
    }
    Ok(map)
}

fn object(element: &Value) -> Result<&serde_json::Map<String, Value>, Fault> {
    let found = match element {
        Value::Object(map) => return Ok(map),
        // The API server's JSON type keeps nothing of a null.
        Value::Null => {
            return Err(Fault::wrong("error unmarshling list element unexpected end of JSON input"));
        }
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
    };
    Err(Fault::Wrong(format!(
        "error unmarshling list element json: cannot unmarshal {found} into Go value of type map[string]interface {{}}"
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::generator::fixture::outcome;

    #[test]
    fn elements_are_parameters_as_the_language_has_them() {
        for (is_go, elements, expected) in [
            (false, json!([{"a": "1", "values": {"b": "2"}}]), Ok(json!([{"a": "1", "values.b": "2"}]))),
            (true, json!([{"a": "1", "values": {"b": 2}}]), Ok(json!([{"a": "1", "values": {"b": 2.0}}]))),
            (false, json!([{}]), Ok(json!([{}]))),
            (false, json!([{"a": 1}]), Err("error parsing value as string %!w(<nil>)")),
            (false, json!([{"values": null}]), Err("error parsing values map")),
            (true, json!([null]), Err("error unmarshling list element unexpected end of JSON input")),
            (
                true,
                json!([[1]]),
                Err(
                    "error unmarshling list element json: cannot unmarshal array into Go value of type map[string]interface {}",
                ),
            ),
        ] {
            let spec = json!({"goTemplate": is_go, "generators": [{"list": {"elements": elements}}]});
            assert_eq!(outcome(&spec, &[]).sets, expected.map_err(Fault::wrong), "{spec}");
        }
    }
}

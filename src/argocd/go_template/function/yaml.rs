//! `toYaml`, `fromYaml` and `fromYamlArray`, Argo CD's own.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Value};
use crate::argocd::go::yaml;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "toYaml", fixed: &[Type::Any], variadic: None, call: to_yaml },
    Function { name: "fromYaml", fixed: &[Type::Text], variadic: None, call: from_yaml },
    Function { name: "fromYamlArray", fixed: &[Type::Text], variadic: None, call: from_yaml_array },
];

fn to_yaml(arguments: &[Value]) -> Result<Value, Fault> {
    let text = yaml::to_yaml(&arguments[0])?;
    Ok(Value::text(text.strip_suffix('\n').unwrap_or(&text)))
}

/// Reads a map; nothing, and null, leaves the empty one that Argo CD reads into.
fn from_yaml(arguments: &[Value]) -> Result<Value, Fault> {
    match read(&arguments[0])? {
        None => Ok(Value::Map(Map::default())),
        Some(map @ Value::Map(_)) => Ok(map),
        Some(other) => Err(mismatch(&other, "map[string]interface {}")),
    }
}

/// Reads a list; nothing, and null, leaves the empty one that Argo CD reads into.
fn from_yaml_array(arguments: &[Value]) -> Result<Value, Fault> {
    match read(&arguments[0])? {
        None => Ok(Value::list([])),
        Some(list @ Value::List(_)) => Ok(list),
        Some(other) => Err(mismatch(&other, "[]interface {}")),
    }
}

fn mismatch(found: &Value, expected: &str) -> Fault {
    let found = match found {
        Value::Map(_) => "object",
        Value::List(_) => "array",
        Value::Float(_) => "number",
        other => other.kind(),
    };
    Fault::wrong(format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type {expected}"
    ))
}

/// Reads the first document; `None` for nothing and null.
fn read(text: &Value) -> Result<Option<Value>, Fault> {
    let Value::Text(text) = text else { return Ok(None) };
    yaml::read(text.as_bytes())
}

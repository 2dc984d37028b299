//! `toYaml`, `fromYaml` and `fromYamlArray`, Argo CD's own.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Value};
use crate::argocd::go::yaml;
use crate::diagnostic::Report;
use crate::location::FileId;
use crate::spec::yaml::{Document, Options, parse_first};

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

/// Reads the first document as sigs.k8s.io/yaml v1.6.0 does, numbers as floats; `None` for nothing and null.
fn read(text: &Value) -> Result<Option<Value>, Fault> {
    let Value::Text(text) = text else { return Ok(None) };
    if text.starts_with("\u{feff}\u{feff}") {
        return Err(Fault::refused("YAML with two byte order marks is not supported"));
    }
    match parse_first(FileId(0), text.as_bytes(), Options::FOREIGN) {
        Ok(None) => Ok(None),
        Ok(Some(Document { root, .. })) => Ok(Some(Value::from_json(&root.to_json()))),
        Err(report) => Err(fault(report)),
    }
}

/// Our limits are not Argo CD's; all else that is found is wrong there too.
fn fault(report: Report) -> Fault {
    let Some(first) = report.diagnostics.into_iter().next() else { return Fault::wrong("yaml: unreadable") };
    match first.rule {
        "yaml-limit" | "yaml-private-use" => {
            Fault::refused(format!("YAML as large or strange as this is not supported: {}", first.message))
        }
        _ => Fault::wrong(format!("error converting YAML to JSON: yaml: {}", first.message)),
    }
}

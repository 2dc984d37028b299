//! sprig's functions on JSON.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::json::{Escape, read, to_json, to_pretty_json};
use crate::argocd::go::value::Value;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function { name: "toJson", fixed: &[Type::Any], variadic: None, call: to_json_or_nothing },
    Function { name: "mustToJson", fixed: &[Type::Any], variadic: None, call: must_to_json },
    Function { name: "toPrettyJson", fixed: &[Type::Any], variadic: None, call: to_pretty_json_or_nothing },
    Function { name: "mustToPrettyJson", fixed: &[Type::Any], variadic: None, call: must_to_pretty_json },
    Function { name: "toRawJson", fixed: &[Type::Any], variadic: None, call: to_raw_json },
    Function { name: "mustToRawJson", fixed: &[Type::Any], variadic: None, call: to_raw_json },
    Function { name: "fromJson", fixed: &[Type::Text], variadic: None, call: from_json },
    Function { name: "mustFromJson", fixed: &[Type::Text], variadic: None, call: must_from_json },
];

/// Makes an empty text of what has no JSON.
fn or_nothing(json: Result<String, Fault>) -> Result<Value, Fault> {
    match json {
        Ok(json) => Ok(Value::text(json)),
        Err(Fault::Wrong(_)) => Ok(Value::text("")),
        Err(fault) => Err(fault),
    }
}

fn to_json_or_nothing(arguments: &[Value]) -> Result<Value, Fault> {
    or_nothing(to_json(&arguments[0], Escape::Html))
}

fn must_to_json(arguments: &[Value]) -> Result<Value, Fault> {
    to_json(&arguments[0], Escape::Html).map(Value::text)
}

fn to_pretty_json_or_nothing(arguments: &[Value]) -> Result<Value, Fault> {
    or_nothing(to_pretty_json(&arguments[0]))
}

fn must_to_pretty_json(arguments: &[Value]) -> Result<Value, Fault> {
    to_pretty_json(&arguments[0]).map(Value::text)
}

/// `toRawJson` panics where `mustToRawJson` fails.
fn to_raw_json(arguments: &[Value]) -> Result<Value, Fault> {
    to_json(&arguments[0], Escape::Raw).map(Value::text)
}

/// What is no JSON is nil.
fn from_json(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(read(text(&arguments[0]))?.value)
}

fn must_from_json(arguments: &[Value]) -> Result<Value, Fault> {
    let read = read(text(&arguments[0]))?;
    read.wrong.map_or(Ok(read.value), |wrong| Err(Fault::Wrong(wrong)))
}

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { "" }
}

//! `deepCopy`, as mitchellh/copystructure 1.2.0 copies.

use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::{List, Map, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("deepCopy", &[Type::Any], deep_copy),
    Function::new("mustDeepCopy", &[Type::Any], deep_copy),
];

fn deep_copy(given: &[Value]) -> Answer {
    match given {
        [Value::Nil] => Err(Fault::wrong("reflect: call of reflect.Value.Type on zero Value")),
        [value] => copy(value),
        _ => Err(unfit()),
    }
}

fn copy(value: &Value) -> Answer {
    match value {
        Value::Nil
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Int64(_)
        | Value::Uint64(_)
        | Value::Byte(_)
        | Value::Float(_)
        | Value::Text(_)
        | Value::Texts(_) => Ok(value.clone()),
        Value::List(list) => {
            let items: Result<Vec<Value>, Fault> = list.items.iter().map(copy).collect();
            Ok(Value::List(List { element: list.element, items: items?.into(), is_nil: list.is_nil }))
        }
        Value::Map(map) if map.is_nil() => Ok(value.clone()),
        Value::Map(map) => {
            let entries = map.entries().into_iter().map(|(key, value)| Ok((key, copy(&value)?)));
            Ok(Value::Map(Map::new(entries.collect::<Result<Vec<_>, Fault>>()?)))
        }
        Value::Object(object) if object.type_name() == "time.Time" => Ok(value.clone()),
        // The copy lacks every field that is not exported.
        Value::Object(object) => {
            Err(Fault::refused(format!("`deepCopy` of a {} is not supported", object.type_name())))
        }
    }
}

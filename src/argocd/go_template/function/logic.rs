//! Functions that choose: what is empty, what stands in for it, and `fail`.

use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::Value;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("all", &[], |given| Ok(Value::Bool(!given.iter().any(is_empty)))).and(Type::Any),
    Function::new("any", &[], |given| Ok(Value::Bool(!given.iter().all(is_empty)))).and(Type::Any),
    Function::new("coalesce", &[], coalesce).and(Type::Any),
    Function::new("default", &[Type::Any], default).and(Type::Any),
    Function::new("empty", &[Type::Any], |given| Ok(Value::Bool(given.iter().all(is_empty)))),
    Function::new("fail", &[Type::Text], fail),
    Function::new("ternary", &[Type::Any, Type::Any, Type::Bool], ternary),
];

/// Tells whether a value is the zero of its type; an object never is.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::Bool(on) => !on,
        Value::Int(number) | Value::Int64(number) => *number == 0,
        Value::Uint64(number) => *number == 0,
        Value::Byte(number) => *number == 0,
        Value::Float(number) => *number == 0.0,
        Value::Text(text) => text.is_empty(),
        Value::List(list) => list.items.is_empty(),
        Value::Map(map) => map.0.borrow().is_empty(),
        Value::Texts(texts) => texts.is_empty(),
        // A duration is a number by its kind.
        Value::Object(object) => object.kind() == "int64" && object.print() == "0s",
    }
}

fn coalesce(given: &[Value]) -> Answer {
    Ok(given.iter().find(|value| !is_empty(value)).cloned().unwrap_or_default())
}

/// What stands behind the second value is not looked at.
fn default(given: &[Value]) -> Answer {
    match given {
        [_, value, ..] if !is_empty(value) => Ok(value.clone()),
        [default, ..] => Ok(default.clone()),
        [] => Err(unfit()),
    }
}

fn fail(given: &[Value]) -> Answer {
    let [Value::Text(why)] = given else { return Err(unfit()) };
    Err(Fault::wrong(&**why))
}

fn ternary(given: &[Value]) -> Answer {
    let [yes, no, Value::Bool(on)] = given else { return Err(unfit()) };
    Ok(if *on { yes } else { no }.clone())
}

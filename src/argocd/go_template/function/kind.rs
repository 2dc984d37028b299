//! What a value is: its type, its kind, and whether it is like another one.

use super::{Answer, Function, Type, unfit};
use crate::argocd::go::equal::is_deeply_equal;
use crate::argocd::go::value::Value;

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("deepEqual", &[Type::Any, Type::Any], deep_equal),
    Function::new("kindIs", &[Type::Text, Type::Any], |given| {
        test(given, |kind, value| kind == value.kind())
    }),
    Function::new("kindOf", &[Type::Any], |given| name(given, Value::kind)),
    Function::new("typeIs", &[Type::Text, Type::Any], |given| {
        test(given, |name, value| name == value.type_name())
    }),
    Function::new("typeIsLike", &[Type::Text, Type::Any], |given| test(given, is_like)),
    Function::new("typeOf", &[Type::Any], |given| name(given, Value::type_name)),
];

fn name(given: &[Value], name: fn(&Value) -> &'static str) -> Answer {
    given.first().map(|value| Value::text(name(value))).ok_or_else(unfit)
}

fn test(given: &[Value], test: fn(&str, &Value) -> bool) -> Answer {
    let [Value::Text(name), value] = given else { return Err(unfit()) };
    Ok(Value::Bool(test(name, value)))
}

/// The type may be a pointer to the one that is named.
fn is_like(name: &str, value: &Value) -> bool {
    let found = value.type_name();
    found == name || found.strip_prefix('*') == Some(name)
}

fn deep_equal(given: &[Value]) -> Answer {
    let [one, other] = given else { return Err(unfit()) };
    Ok(Value::Bool(is_deeply_equal(one, other)))
}

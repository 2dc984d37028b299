//! sprig's functions on regular expressions.

use super::{Function, Type};
use crate::argocd::Fault;
use crate::argocd::go::regexp::{Regexp, quote_meta};
use crate::argocd::go::value::{Element, List, Value};

const TWO: &[Type] = &[Type::Text, Type::Text];
const THREE: &[Type] = &[Type::Text, Type::Text, Type::Text];
const WITH_COUNT: &[Type] = &[Type::Text, Type::Text, Type::Int];

/// The functions. Those that do not begin with `must` panic where the others fail, but for `regexMatch`.
pub(super) const TABLE: &[Function] = &[
    Function { name: "regexMatch", fixed: TWO, variadic: None, call: is_match_or_false },
    Function { name: "mustRegexMatch", fixed: TWO, variadic: None, call: is_match },
    Function { name: "regexFind", fixed: TWO, variadic: None, call: find },
    Function { name: "mustRegexFind", fixed: TWO, variadic: None, call: find },
    Function { name: "regexFindAll", fixed: WITH_COUNT, variadic: None, call: find_all },
    Function { name: "mustRegexFindAll", fixed: WITH_COUNT, variadic: None, call: find_all },
    Function { name: "regexReplaceAll", fixed: THREE, variadic: None, call: replace_all },
    Function { name: "mustRegexReplaceAll", fixed: THREE, variadic: None, call: replace_all },
    Function { name: "regexReplaceAllLiteral", fixed: THREE, variadic: None, call: replace_all_literal },
    Function { name: "mustRegexReplaceAllLiteral", fixed: THREE, variadic: None, call: replace_all_literal },
    Function { name: "regexSplit", fixed: WITH_COUNT, variadic: None, call: split },
    Function { name: "mustRegexSplit", fixed: WITH_COUNT, variadic: None, call: split },
    Function { name: "regexQuoteMeta", fixed: &[Type::Text], variadic: None, call: quote },
];

fn text(arguments: &[Value], index: usize) -> &str {
    if let Some(Value::Text(text)) = arguments.get(index) { text } else { "" }
}

fn count(arguments: &[Value]) -> i64 {
    if let Some(Value::Int(count)) = arguments.get(2) { *count } else { -1 }
}

fn compile(arguments: &[Value]) -> Result<Regexp, Fault> {
    Regexp::compile(text(arguments, 0))
}

fn is_match(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::Bool(compile(arguments)?.find(text(arguments, 1))?.is_some()))
}

/// An expression that is none matches nothing.
fn is_match_or_false(arguments: &[Value]) -> Result<Value, Fault> {
    match is_match(arguments) {
        Err(Fault::Wrong(_)) => Ok(Value::Bool(false)),
        result => result,
    }
}

fn find(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::text(compile(arguments)?.find(text(arguments, 1))?.unwrap_or_default()))
}

fn find_all(arguments: &[Value]) -> Result<Value, Fault> {
    let found = compile(arguments)?.find_all(text(arguments, 1), count(arguments))?;
    Ok(if found.is_empty() { nil() } else { Value::texts(found) })
}

fn nil() -> Value {
    Value::List(List { is_nil: true, ..List::new(Element::Text, []) })
}

fn replace_all(arguments: &[Value]) -> Result<Value, Fault> {
    compile(arguments)?.replace_all(text(arguments, 1), text(arguments, 2)).map(Value::text)
}

fn replace_all_literal(arguments: &[Value]) -> Result<Value, Fault> {
    compile(arguments)?.replace_all_literal(text(arguments, 1), text(arguments, 2)).map(Value::text)
}

fn split(arguments: &[Value]) -> Result<Value, Fault> {
    let pieces = compile(arguments)?.split(text(arguments, 1), count(arguments))?;
    Ok(pieces.map_or_else(nil, Value::texts))
}

fn quote(arguments: &[Value]) -> Result<Value, Fault> {
    Ok(Value::text(quote_meta(text(arguments, 0))))
}

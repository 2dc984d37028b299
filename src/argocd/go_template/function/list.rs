//! Functions on lists. None of them changes the list it is given.

use super::logic::is_empty;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::equal::is_deeply_equal;
use crate::argocd::go::value::{Element, List, Value};

/// The functions. Those that upstream's panic at what `must…` returns as an error are the same here.
pub(super) const TABLE: &[Function] = &[
    Function::new("append", &[Type::Any, Type::Any], append),
    Function::new("compact", &[Type::Any], compact),
    Function::new("concat", &[], concat).and(Type::Any),
    Function::new("first", &[Type::Any], first),
    Function::new("has", &[Type::Any, Type::Any], has),
    Function::new("initial", &[Type::Any], initial),
    Function::new("last", &[Type::Any], last),
    Function::new("list", &[], |given| Ok(Value::list(given.to_vec()))).and(Type::Any),
    Function::new("mustAppend", &[Type::Any, Type::Any], append),
    Function::new("mustCompact", &[Type::Any], compact),
    Function::new("mustFirst", &[Type::Any], first),
    Function::new("mustHas", &[Type::Any, Type::Any], has),
    Function::new("mustInitial", &[Type::Any], initial),
    Function::new("mustLast", &[Type::Any], last),
    Function::new("mustPrepend", &[Type::Any, Type::Any], prepend),
    Function::new("mustPush", &[Type::Any, Type::Any], append),
    Function::new("mustRest", &[Type::Any], rest),
    Function::new("mustReverse", &[Type::Any], reverse),
    Function::new("mustUniq", &[Type::Any], uniq),
    Function::new("mustWithout", &[Type::Any], without).and(Type::Any),
    Function::new("prepend", &[Type::Any, Type::Any], prepend),
    Function::new("push", &[Type::Any, Type::Any], append),
    Function::new("rest", &[Type::Any], rest),
    Function::new("reverse", &[Type::Any], reverse),
    Function::new("tuple", &[], |given| Ok(Value::list(given.to_vec()))).and(Type::Any),
    Function::new("uniq", &[Type::Any], uniq),
    Function::new("without", &[Type::Any], without).and(Type::Any),
];

/// Returns the list that a value is.
///
/// # Errors
/// Says what Go says of nil, and with `complaint` before it of which kind another value is.
pub(super) fn list<'a>(value: &'a Value, complaint: &str) -> Result<&'a List, Fault> {
    match value {
        Value::List(list) => Ok(list),
        Value::Nil => Err(Fault::wrong("runtime error: invalid memory address or nil pointer dereference")),
        other => Err(Fault::wrong(format!("{complaint} {}", other.kind()))),
    }
}

/// Returns the items of the first argument, and the further arguments.
fn split<'a>(given: &'a [Value], complaint: &str) -> Result<(&'a [Value], &'a [Value]), Fault> {
    let (first, further) = given.split_first().ok_or_else(unfit)?;
    Ok((&list(first, complaint)?.items, further))
}

fn append(given: &[Value]) -> Answer {
    let (items, further) = split(given, "Cannot push on type")?;
    Ok(Value::list([items, further].concat()))
}

fn prepend(given: &[Value]) -> Answer {
    let (items, further) = split(given, "Cannot prepend on type")?;
    Ok(Value::list([further, items].concat()))
}

fn concat(given: &[Value]) -> Answer {
    let mut all = Vec::new();
    for value in given {
        all.extend_from_slice(&list(value, "Cannot concat type")?.items);
    }
    let is_nil = all.is_empty();
    Ok(Value::List(List { element: Element::Any, items: all.into(), is_nil }))
}

fn first(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot find first on type")?;
    Ok(items.first().cloned().unwrap_or_default())
}

fn last(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot find last on type")?;
    Ok(items.last().cloned().unwrap_or_default())
}

fn rest(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot find rest on type")?;
    Ok(items.split_first().map_or_else(nil, |(_, rest)| Value::list(rest.to_vec())))
}

fn initial(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot find initial on type")?;
    Ok(items.split_last().map_or_else(nil, |(_, initial)| Value::list(initial.to_vec())))
}

/// Returns Go's nil slice.
fn nil() -> Value {
    Value::List(List { element: Element::Any, items: Vec::new().into(), is_nil: true })
}

fn reverse(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot find reverse on type")?;
    Ok(Value::list(items.iter().rev().cloned()))
}

fn compact(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot compact on type")?;
    Ok(Value::list(items.iter().filter(|item| !is_empty(item)).cloned()))
}

fn uniq(given: &[Value]) -> Answer {
    let (items, _) = split(given, "Cannot find uniq on type")?;
    let mut kept: Vec<Value> = Vec::new();
    for item in items {
        if !is_in(&kept, item) {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(given: &[Value]) -> Answer {
    let (items, omitted) = split(given, "Cannot find without on type")?;
    Ok(Value::list(items.iter().filter(|item| !is_in(omitted, item)).cloned()))
}

fn has(given: &[Value]) -> Answer {
    let [needle, haystack] = given else { return Err(unfit()) };
    if matches!(haystack, Value::Nil) {
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(is_in(&list(haystack, "Cannot find has on type")?.items, needle)))
}

fn is_in(items: &[Value], needle: &Value) -> bool {
    items.iter().any(|item| is_deeply_equal(needle, item))
}

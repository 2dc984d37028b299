//! The functions that Go's templates have by themselves, but for `and` and `or`, which evaluate no more than they must,
//! and `slice`, for which sprig's stands.

use std::cmp::Ordering;
use std::fmt::Write;

use super::function::{Function, Type};
use super::run::is_true;
use crate::argocd::Fault;
use crate::argocd::go::value::Value;
use crate::argocd::go::{print, quote};

/// What a function gives.
type Given = Result<Value, Fault>;

const ANY: Option<Type> = Some(Type::Any);
const ONE: &[Type] = &[Type::Any];
const TWO: &[Type] = &[Type::Any, Type::Any];

const fn function(
    name: &'static str,
    (fixed, variadic): (&'static [Type], Option<Type>),
    call: fn(&[Value]) -> Given,
) -> Function {
    Function { name, fixed, variadic, call }
}

const BUILTINS: [Function; 16] = [
    function("call", (ONE, ANY), call),
    function("eq", (ONE, ANY), |values| eq(values).map(Value::Bool)),
    function("ge", (TWO, None), |values| Ok(Value::Bool(!lt(values)?))),
    function("gt", (TWO, None), |values| Ok(Value::Bool(!le(values)?))),
    function("html", (&[], ANY), |values| shown(values).map(|text| Value::text(html(&text)))),
    function("index", (ONE, ANY), index),
    function("js", (&[], ANY), |values| shown(values).map(|text| Value::text(js(&text)))),
    function("le", (TWO, None), |values| le(values).map(Value::Bool)),
    function("len", (ONE, None), len),
    function("lt", (TWO, None), |values| lt(values).map(Value::Bool)),
    function("ne", (TWO, None), |values| Ok(Value::Bool(!eq(values)?))),
    function("not", (ONE, None), |values| Ok(Value::Bool(!is_true(values.first())))),
    function("print", (&[], ANY), |values| print::sprint(values).map(Value::text)),
    function("printf", (&[Type::Text], ANY), printf),
    function("println", (&[], ANY), |values| print::sprintln(values).map(Value::text)),
    function("urlquery", (&[], ANY), |values| shown(values).map(|text| Value::text(url_query(&text)))),
];

/// Finds a function.
pub(super) fn builtin(name: &str) -> Option<&'static Function> {
    static TABLE: [Function; 16] = BUILTINS;
    TABLE.iter().find(|function| function.name == name)
}

fn call(values: &[Value]) -> Given {
    match values.first() {
        None | Some(Value::Nil) => Err(Fault::wrong("call of nil")),
        Some(value) => Err(Fault::wrong(format!("non-function of type {}", value.type_name()))),
    }
}

fn printf(values: &[Value]) -> Given {
    match values.split_first() {
        Some((Value::Text(format), arguments)) => print::sprintf(format, arguments).map(Value::text),
        _ => Err(Fault::wrong("expected string")),
    }
}

fn len(values: &[Value]) -> Given {
    let length = match &values[0] {
        Value::Text(text) => text.len(),
        Value::List(list) => list.items.len(),
        Value::Map(map) => map.0.borrow().len(),
        Value::Texts(texts) => texts.len(),
        Value::Nil => return Err(Fault::wrong("len of nil pointer")),
        other => return Err(Fault::wrong(format!("len of type {}", other.type_name()))),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn index(values: &[Value]) -> Given {
    let mut indexes = values.iter();
    let mut item = indexes.next().cloned().unwrap_or_default();
    if let Value::Nil = item {
        return Err(Fault::wrong("index of untyped nil"));
    }
    for index in indexes {
        item = match &item {
            Value::Nil => return Err(Fault::wrong("index of nil pointer")),
            Value::Text(text) => {
                let place = place(index, text.len())?;
                text.as_bytes().get(place).copied().map(Value::Byte).ok_or_else(|| out_of_range("string"))?
            }
            Value::List(list) => {
                let place = place(index, list.items.len())?;
                list.items.get(place).cloned().ok_or_else(|| out_of_range("slice"))?
            }
            Value::Map(map) => map.get(key(index)?).unwrap_or_default(),
            Value::Texts(texts) => {
                texts.get(key(index)?).map_or_else(|| Value::text(""), |text| Value::Text(text.clone()))
            }
            other => return Err(Fault::wrong(format!("can't index item of type {}", other.type_name()))),
        };
    }
    Ok(item)
}

fn out_of_range(what: &str) -> Fault {
    Fault::wrong(format!("reflect: {what} index out of range"))
}

fn key(index: &Value) -> Result<&str, Fault> {
    match index {
        Value::Text(key) => Ok(key),
        Value::Nil => Err(Fault::wrong("value is nil; should be of type string")),
        other => Err(Fault::wrong(format!("value has type {}; should be string", other.type_name()))),
    }
}

fn place(index: &Value, length: usize) -> Result<usize, Fault> {
    let number = match index {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Uint64(number) => number.cast_signed(),
        Value::Byte(byte) => (*byte).into(),
        Value::Nil => return Err(Fault::wrong("cannot index slice/array with nil")),
        other => {
            return Err(Fault::wrong(format!("cannot index slice/array with type {}", other.type_name())));
        }
    };
    let place = usize::try_from(number).ok().filter(|place| *place <= length);
    place.ok_or_else(|| Fault::wrong(format!("index out of range: {number}")))
}

/// Says whether the first value equals one of the others.
fn eq(values: &[Value]) -> Result<bool, Fault> {
    let Some((first, others)) = values.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err(Fault::wrong("missing argument for comparison"));
    };
    for other in others {
        if equals(first, other)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn equals(one: &Value, other: &Value) -> Result<bool, Fault> {
    if let Some(order) = compare(one, other) {
        return Ok(order == Some(Ordering::Equal));
    }
    match (one, other) {
        (Value::Bool(one), Value::Bool(other)) => Ok(one == other),
        (Value::Nil, other) | (other, Value::Nil) => Ok(is_nil(other)),
        (Value::List(_), Value::List(_)) | (Value::Map(_), Value::Map(_)) if is_nil(one) || is_nil(other) => {
            Ok(is_nil(one) == is_nil(other))
        }
        (Value::Object(one), Value::Object(other)) if one.kind() == other.kind() => {
            let is_same = one.type_name() == other.type_name() && one.print() == other.print();
            Ok(if one.kind() == "ptr" { std::rc::Rc::ptr_eq(one, other) } else { is_same })
        }
        _ if is_basic(one) || is_basic(other) => Err(incompatible(one, other)),
        _ => Err(not_comparable(one, other)),
    }
}

fn is_nil(value: &Value) -> bool {
    match value {
        Value::Nil => true,
        Value::List(list) => list.is_nil,
        Value::Map(map) => map.is_nil(),
        _ => false,
    }
}

fn not_comparable(one: &Value, other: &Value) -> Fault {
    let shown = |verb, value: &Value| print::sprintf(verb, std::slice::from_ref(value)).unwrap_or_default();
    let (type_of_one, type_of_other) = (one.type_name(), other.type_name());
    Fault::wrong(if one.kind() == other.kind() {
        format!("non-comparable type {}: {type_of_other}", shown("%s", other))
    } else {
        let (one, other) = (shown("%s", one), shown("%v", other));
        format!("non-comparable types {one}: {type_of_one}, {type_of_other}: {other}")
    })
}

fn incompatible(one: &Value, other: &Value) -> Fault {
    let (one, other) = (one.type_name(), other.type_name());
    Fault::wrong(format!("incompatible types for comparison: {one} and {other}"))
}

fn is_basic(value: &Value) -> bool {
    match value {
        Value::Bool(_)
        | Value::Int(_)
        | Value::Int64(_)
        | Value::Uint64(_)
        | Value::Byte(_)
        | Value::Float(_)
        | Value::Text(_) => true,
        Value::Nil | Value::List(_) | Value::Map(_) | Value::Texts(_) | Value::Object(_) => false,
    }
}

/// Returns how two values that have an order are ordered; `None` where they have none.
fn compare(one: &Value, other: &Value) -> Option<Option<Ordering>> {
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => return Some(Some(one.cmp(&other))),
        (None, None) => {}
        _ => return None,
    }
    match (one, other) {
        (Value::Float(one), Value::Float(other)) => Some(one.partial_cmp(other)),
        (Value::Text(one), Value::Text(other)) => Some(Some(one.as_bytes().cmp(other.as_bytes()))),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i128> {
    match value {
        Value::Int(number) | Value::Int64(number) => Some((*number).into()),
        Value::Uint64(number) => Some((*number).into()),
        Value::Byte(byte) => Some((*byte).into()),
        _ => None,
    }
}

fn lt(values: &[Value]) -> Result<bool, Fault> {
    let (one, other) = (&values[0], &values[1]);
    match compare(one, other) {
        Some(order) => Ok(order == Some(Ordering::Less)),
        None if is_basic(one) && is_basic(other) && one.kind() != other.kind() => {
            Err(incompatible(one, other))
        }
        None => Err(Fault::wrong("invalid type for comparison")),
    }
}

fn le(values: &[Value]) -> Result<bool, Fault> {
    Ok(lt(values)? || eq(values)?)
}

/// Returns what the escaping functions escape: what is printed, where a nil is `<no value>`.
fn shown(values: &[Value]) -> Result<String, Fault> {
    let shown =
        |value: &Value| if let Value::Nil = value { Value::text("<no value>") } else { value.clone() };
    print::sprint(&values.iter().map(shown).collect::<Vec<_>>())
}

fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\0' => escaped.push('\u{fffd}'),
            '"' => escaped.push_str("&#34;"),
            '\'' => escaped.push_str("&#39;"),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

fn js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '\'' | '"' => escaped.extend(['\\', letter]),
            '\0'..='\x1f' | '<' | '>' | '&' | '=' => push_code(&mut escaped, letter),
            ' '..='\x7f' => escaped.push(letter),
            _ if quote::is_printable(letter) => escaped.push(letter),
            _ => push_code(&mut escaped, letter),
        }
    }
    escaped
}

fn push_code(escaped: &mut String, letter: char) {
    // Writing to a text cannot fail.
    let _ = write!(escaped, "\\u{:04X}", u32::from(letter));
}

fn url_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => escaped.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte.into()),
            _ => {
                // Writing to a text cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

//! Parts of lists: `slice` and `chunk`.

use super::cast::{to_int, truncated};
use super::list::list;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::{Element, List, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("chunk", &[Type::Int, Type::Any], chunk),
    Function::new("mustChunk", &[Type::Int, Type::Any], chunk),
    Function::new("mustSlice", &[Type::Any], slice).and(Type::Any),
    Function::new("slice", &[Type::Any], slice).and(Type::Any),
];

/// `slice LIST [START [END]]`: a list of the same type, in the same memory.
fn slice(given: &[Value]) -> Answer {
    let (first, places) = given.split_first().ok_or_else(unfit)?;
    let list = list(first, "list should be type of slice or array but")?;
    if list.items.is_empty() {
        return Ok(Value::Nil);
    }
    let length = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
    let start = places.first().map_or(0, to_int);
    let end = places.get(1).map_or(length, to_int);
    if start < 0 || end < start || end > capacity(length) {
        return Err(Fault::wrong("reflect.Value.Slice: slice index out of bounds"));
    }
    if end > length {
        return Err(Fault::refused("`slice` beyond the end of a list, into spare memory, is not supported"));
    }
    if (start, end) == (0, length) {
        return Ok(first.clone());
    }
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    let part = List::new(list.element, list.items.get(range).unwrap_or_default().to_vec());
    list.items.overlap();
    part.items.overlap();
    Ok(Value::List(part))
}

/// Returns for how many items there may be room where a list has grown to some: Go doubles it, and `slice` may reach into
/// it.
fn capacity(length: i64) -> i64 {
    let doubled = u64::try_from(length).unwrap_or(0).next_power_of_two();
    i64::try_from(doubled).unwrap_or(i64::MAX)
}

/// Splits a list into lists of `size` items; the last has what is left. Sizes below 1 mostly panic.
#[expect(clippy::cast_precision_loss, reason = "upstream counts in fractions")]
fn chunk(given: &[Value]) -> Answer {
    let [Value::Int(size), value] = given else { return Err(unfit()) };
    let list = list(value, "Cannot chunk type")?;
    let (size, length) = (*size, list.items.len() as f64);
    let count = truncated(((length - 1.0) / size as f64).floor() + 1.0);
    let last = match truncated((length % size as f64).floor()) {
        0 => size,
        rest => rest,
    };
    if count < 0 || count > 0 && last < 0 {
        return Err(Fault::wrong("runtime error: makeslice: len out of range"));
    }
    let mut rest = list.items.iter().cloned();
    let chunks = (1..=count).map(|number| {
        let length = if number == count { last } else { size };
        Value::list(rest.by_ref().take(usize::try_from(length).unwrap_or(0)))
    });
    Ok(Value::List(List::new(Element::List, chunks)))
}

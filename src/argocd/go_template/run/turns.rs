//! What `range` runs over.

use std::sync::Arc;

use super::Evaluated;
use crate::argocd::go::items::Items;
use crate::argocd::go::print;
use crate::argocd::go::value::Value;

/// The turns of a loop that are left: each an index or a key, where there is one, and an item.
pub(super) enum Turns {
    Count { next: i64, end: i64, make: fn(i64) -> Value },
    List { items: Items, next: usize },
    Map(std::vec::IntoIter<(Arc<str>, Value)>),
}

impl Turns {
    /// Returns the turns over a value, for a loop with so many variables.
    ///
    /// # Errors
    /// Says in Go's words why there are none.
    pub(super) fn over(value: Evaluated, variables: usize) -> Result<Self, String> {
        let (end, make): (i64, fn(i64) -> Value) = match value {
            None | Some(Value::Nil) => return Ok(Self::Map(Vec::new().into_iter())),
            Some(Value::List(list)) => return Ok(Self::List { items: list.items, next: 0 }),
            Some(Value::Map(map)) => return Ok(Self::Map(map.entries().into_iter())),
            Some(Value::Texts(texts)) => {
                let entries = texts.iter().map(|(key, text)| (key.clone(), Value::Text(text.clone())));
                return Ok(Self::Map(entries.collect::<Vec<_>>().into_iter()));
            }
            Some(other @ (Value::Bool(_) | Value::Float(_) | Value::Text(_) | Value::Object(_))) => {
                let shown = print::sprint(&[other]).unwrap_or_default();
                return Err(format!("range can't iterate over {shown}"));
            }
            Some(Value::Int(end)) => (end, Value::Int),
            Some(Value::Int64(end)) => (end, Value::Int64),
            Some(Value::Uint64(end)) => {
                (i64::try_from(end).unwrap_or(i64::MAX), |turn| Value::Uint64(turn.unsigned_abs()))
            }
            Some(Value::Byte(end)) => {
                (end.into(), |turn| Value::Byte(u8::try_from(turn).unwrap_or_default()))
            }
        };
        if variables > 1 {
            return Err(format!("can't use {end} to iterate over more than one variable"));
        }
        Ok(Self::Count { next: 0, end, make })
    }
}

impl Iterator for Turns {
    type Item = (Evaluated, Value);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Count { next, end, make } => (*next < *end).then(|| {
                *next += 1;
                (None, make(*next - 1))
            }),
            Self::List { items, next } => items.get(*next).map(|item| {
                *next += 1;
                (Some(Value::Int(i64::try_from(*next).unwrap_or_default() - 1)), item.clone())
            }),
            Self::Map(entries) => entries.next().map(|(key, value)| (Some(Value::Text(key)), value)),
        }
    }
}

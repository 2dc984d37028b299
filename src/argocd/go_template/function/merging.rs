//! `merge` and `mergeOverwrite`, as dario.cat/mergo 1.0.2 merges maps: the first map changes in place, and shares what it
//! takes from the others.

use std::rc::Rc;
use std::sync::Arc;

use super::circle::refuse_circle;
use super::logic::is_empty;
use super::map::map;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Texts, Value};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("merge", &[Type::Map], |given| merge(given, Winner::First)).and(Type::Map),
    Function::new("mergeOverwrite", &[Type::Map], |given| merge(given, Winner::Last)).and(Type::Map),
    Function::new("mustMerge", &[Type::Map], |given| merge(given, Winner::First)).and(Type::Map),
    Function::new("mustMergeOverwrite", &[Type::Map], |given| merge(given, Winner::Last)).and(Type::Map),
];

/// Which of two values for a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Winner {
    /// The first that is not empty.
    First,
    /// The last, empty or not.
    Last,
}

/// Maps within maps are merged down to this depth.
const DEEPEST: usize = 200;

fn merge(given: &[Value], winner: Winner) -> Answer {
    let (first, others) = given.split_first().ok_or_else(unfit)?;
    let mut merged = map(first)?;
    for other in others {
        let other = map(other)?;
        if merged.is_nil() && !other.is_nil() {
            merged = Map::default();
        }
        merge_into(&merged, &Value::Map(other), (winner, 0))?;
    }
    let merged = Value::Map(merged);
    refuse_circle("merge", &merged)?;
    Ok(merged)
}

/// Lays the entries of a map, of whichever type, over those of another one.
fn merge_into(target: &Map, source: &Value, (winner, depth): (Winner, usize)) -> Result<(), Fault> {
    if depth > DEEPEST {
        return Err(Fault::refused(format!("`merge` of maps deeper than {DEEPEST} is not supported")));
    }
    let entries = match source {
        Value::Map(map) if Rc::ptr_eq(&map.0, &target.0) => return Ok(()),
        source => entries(source),
    };
    for (key, value) in entries {
        let present = target.get(&key);
        if let Some(present) = &present
            && merge_maps(present, &value, (winner, depth))? == Merged::InPlace
        {
            continue;
        }
        let is_taken = present.is_none_or(|present| is_empty(&present)) && !matches!(value, Value::Nil);
        if is_taken || winner == Winner::Last {
            target.set(key, value);
        }
    }
    Ok(())
}

fn entries(source: &Value) -> Vec<(Arc<str>, Value)> {
    match source {
        Value::Map(map) => map.entries(),
        Value::Texts(texts) => {
            texts.iter().map(|(key, text)| (key.clone(), Value::Text(text.clone()))).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether what was there holds what was to be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Merged {
    InPlace,
    /// One of the two is no map, or both are empty: the usual rules say which one holds.
    NotYet,
}

fn merge_maps(present: &Value, value: &Value, (winner, depth): (Winner, usize)) -> Result<Merged, Fault> {
    match (present, value) {
        (Value::Map(map), Value::Map(_) | Value::Texts(_)) if !map.is_nil() => {
            merge_into(map, value, (winner, depth + 1))?;
        }
        (Value::Texts(texts), Value::Map(_) | Value::Texts(_)) => merge_into_texts(texts, value, winner)?,
        (Value::Object(_), Value::Map(_) | Value::Texts(_) | Value::Object(_)) => {
            return Err(Fault::refused(format!("`merge` into a {} is not supported", present.type_name())));
        }
        _ => return Ok(Merged::NotYet),
    }
    Ok(if is_empty(present) { Merged::NotYet } else { Merged::InPlace })
}

/// Upstream changes labels, annotations and `values` in place, and panics where a value is not of type `string`.
fn merge_into_texts(target: &Texts, source: &Value, winner: Winner) -> Result<(), Fault> {
    for (key, value) in entries(source) {
        let present = target.get(&key);
        let is_taken = present.is_none_or(|present| present.is_empty()) && !matches!(value, Value::Nil);
        if !is_taken && winner == Winner::First && !matches!(value, Value::List(_)) {
            continue;
        }
        if matches!(source, Value::Map(_)) {
            return Err(Fault::wrong(
                "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string",
            ));
        }
        if !matches!((present, &value), (Some(present), Value::Text(text)) if present == text) {
            return Err(Fault::refused("`merge` into labels, annotations or values is not supported"));
        }
    }
    Ok(())
}

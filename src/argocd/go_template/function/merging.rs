//! `merge` and `mergeOverwrite`: the first map changes in place, and shares what it takes from the others.

use super::circle::refuse_circle;
use super::map::map;
use super::{Answer, Function, Type, unfit};
use crate::argocd::Fault;
use crate::argocd::go::value::{Map, Texts, Value};
use crate::argocd::merge::{Overwrite, entries, merge};

/// The functions.
pub(super) const TABLE: &[Function] = &[
    Function::new("merge", &[Type::Map], |given| merged(given, Overwrite::Empty)).and(Type::Map),
    Function::new("mergeOverwrite", &[Type::Map], |given| merged(given, Overwrite::Always)).and(Type::Map),
    Function::new("mustMerge", &[Type::Map], |given| merged(given, Overwrite::Empty)).and(Type::Map),
    Function::new("mustMergeOverwrite", &[Type::Map], |given| merged(given, Overwrite::Always))
        .and(Type::Map),
];

fn merged(given: &[Value], overwrite: Overwrite) -> Answer {
    let (first, others) = given.split_first().ok_or_else(unfit)?;
    let mut merged = map(first)?;
    for other in others {
        let other = map(other)?;
        if merged.is_nil() && !other.is_nil() {
            merged = Map::default();
        }
        refuse_changes_beneath(&Value::Map(merged.clone()), &Value::Map(other.clone()), overwrite)?;
        merge(&merged, &other, overwrite)?;
        // Each time: the next one would be merged into the circle without end.
        refuse_circle("merge", &Value::Map(merged.clone()))?;
    }
    Ok(Value::Map(merged))
}

/// Refuses what would change a `map[string]string` in place, which everyone who refers to it would see, or an object.
fn refuse_changes_beneath(held: &Value, over: &Value, overwrite: Overwrite) -> Result<(), Fault> {
    match (held, over) {
        (Value::Map(held), Value::Map(_) | Value::Texts(_)) => {
            let pairs = entries(over).into_iter().filter_map(|(key, over)| Some((held.get(&key)?, over)));
            pairs.into_iter().try_for_each(|(held, over)| refuse_changes_beneath(&held, &over, overwrite))
        }
        (Value::Texts(held), Value::Texts(over)) if changes(held, over, overwrite) => {
            Err(Fault::refused("`merge` into labels, annotations or values is not supported"))
        }
        (Value::Object(_), Value::Map(_) | Value::Texts(_) | Value::Object(_)) => {
            Err(Fault::refused(format!("`merge` into a {} is not supported", held.type_name())))
        }
        _ => Ok(()),
    }
}

fn changes(held: &Texts, over: &Texts, overwrite: Overwrite) -> bool {
    over.iter().any(|(key, text)| match held.get(key) {
        Some(held) => held != text && (overwrite == Overwrite::Always || held.is_empty()),
        None => true,
    })
}

//! Lists within strategic merge patches: which items belong together, and in which order they come out.

use serde_json::{Map, Value};

use super::{DIRECTIVE, ORDERED, behind_prefix, list_field, without_directives};
use crate::argocd::Fault;
use crate::argocd::schema::{Patched, Type};

/// Merges the list of a patch into a list, as the tags of its field say.
pub(super) fn merge(
    items: Type,
    patched: Patched,
    original: Vec<Value>,
    patch: Vec<Value>,
) -> Result<Vec<Value>, Fault> {
    let key = match patched {
        Patched::Plainly | Patched::Whole => return Ok(patch),
        Patched::Items => "",
        Patched::ItemsBy(key) => key,
    };
    if original.is_empty() && patch.is_empty() {
        return Ok(original);
    }
    let of_maps = are_maps(&[&original, &patch])?;
    let (original, merged, patch) = if of_maps {
        if key.is_empty() {
            return Err(Fault::wrong("cannot merge lists without merge key for struct"));
        }
        let (mut original, patch) = without_special(original, patch, key)?;
        let before = original.clone();
        merge_maps(items, &mut original, &patch, key)?;
        (before, original, patch)
    } else {
        let mut merged = original.clone();
        merged.extend(patch.iter().cloned());
        deduplicate(&mut merged);
        (original, merged, patch)
    };
    let (of_patch, others) = partition(merged, &patch, key);
    Ok(in_order(of_patch, others, Order { patch: &patch, original: &original, key }))
}

/// Removes items from a list of scalars.
pub(super) fn delete(original: &mut Vec<Value>, patch: &[Value]) -> Result<(), Fault> {
    if original.is_empty() && patch.is_empty() {
        return Ok(());
    }
    if are_maps(&[original, patch])? {
        return Err(Fault::wrong("cannot merge lists without merge key for struct"));
    }
    original.retain(|item| !patch.contains(item));
    Ok(())
}

/// Merges every list that has a `$setElementOrder`, and puts its items in that order.
pub(super) fn set_element_order(
    of: Type,
    original: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let mut directives: Vec<String> = patch.keys().filter(|key| key.starts_with(ORDERED)).cloned().collect();
    directives.sort_unstable();
    for directive in directives {
        let Some(Value::Array(order)) = patch.shift_remove(&directive) else {
            return Err(Fault::wrong("expected a []interface {} as the setElementOrder list"));
        };
        let name = behind_prefix(&directive, ORDERED)?;
        let (before, changes) = (as_list(original.get(name))?, as_list(patch.get(name))?);
        let (field, items) = list_field(of, name)?;
        let key = if let Patched::ItemsBy(key) = field.patched { key } else { "" };
        check_order(changes.unwrap_or_default(), &order, key)?;
        let merged = match (before, changes) {
            (None, None) => continue,
            (Some(before), None) => before.to_vec(),
            (None, Some(changes)) => {
                changes.iter().filter_map(|item| without_directives(item.clone())).collect()
            }
            (Some(before), Some(changes)) => merge(items, field.patched, before.to_vec(), changes.to_vec())?,
        };
        let before = before.map(<[Value]>::to_vec).unwrap_or_default();
        let is_composite = |item: &Value| item.is_object() || item.is_array();
        if key.is_empty() && order.iter().chain(&merged).any(is_composite) {
            return Err(Fault::wrong(
                "panic: runtime error: hash of unhashable type map[string]interface {}",
            ));
        }
        are_maps(&[&before, changes.unwrap_or_default()])?;
        let (of_patch, others) = partition(merged, &order, key);
        let merged = in_order(of_patch, others, Order { patch: &order, original: &before, key });
        patch.shift_remove(name);
        original.insert(name.to_owned(), Value::Array(merged));
    }
    Ok(())
}

fn as_list(value: Option<&Value>) -> Result<Option<&[Value]>, Fault> {
    match value {
        None => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(Fault::wrong("expected a []interface {}, but received another type")),
    }
}

/// Returns whether the items are maps; they must all be of one type, and no lists.
fn are_maps(lists: &[&[Value]]) -> Result<bool, Fault> {
    let mut items = lists.iter().copied().flatten();
    match items.next() {
        None => Err(Fault::wrong("no elements in any of the given slices")),
        Some(Value::Null) => Err(Fault::wrong("panic: runtime error: invalid memory address")),
        Some(Value::Array(_)) => Err(Fault::wrong("lists of lists are not supported")),
        Some(first) if items.any(|item| std::mem::discriminant(item) != std::mem::discriminant(first)) => {
            Err(Fault::wrong("list element types are not identical"))
        }
        Some(first) => Ok(first.is_object()),
    }
}

/// Takes the items that are directives out of the patch, and does what they say.
fn without_special(
    mut original: Vec<Value>,
    patch: Vec<Value>,
    key: &str,
) -> Result<(Vec<Value>, Vec<Value>), Fault> {
    let mut plain = Vec::new();
    let mut replaces = false;
    for item in patch {
        match item.get(DIRECTIVE).map(Value::as_str) {
            None => plain.push(item),
            Some(Some("delete")) => {
                let Some(wanted) = item.get(key) else { return Err(no_key(key)) };
                original.retain(|item| item.get(key) != Some(wanted));
            }
            Some(Some("replace")) => replaces = true,
            Some(Some("merge")) => {
                return Err(Fault::wrong("merging lists cannot yet be specified in the patch"));
            }
            Some(_) => return Err(Fault::Wrong(format!("unknown patch type: {}", item[DIRECTIVE]))),
        }
    }
    Ok(if replaces { (plain, Vec::new()) } else { (original, plain) })
}

fn merge_maps(items: Type, original: &mut Vec<Value>, patch: &[Value], key: &str) -> Result<(), Fault> {
    for change in patch {
        let Some(wanted) = change.get(key) else { return Err(no_key(key)) };
        let found = original.iter_mut().find(|item| item.get(key) == Some(wanted));
        match (found, change) {
            (Some(Value::Object(found)), Value::Object(change)) => {
                super::merge(items, found, change.clone())?;
            }
            _ => original.push(change.clone()),
        }
    }
    if original.iter().any(|item| item.get(key).is_none()) { Err(no_key(key)) } else { Ok(()) }
}

/// Holds the items of the patch against the order that is asked for.
fn check_order(patch: &[Value], order: &[Value], key: &str) -> Result<(), Fault> {
    if order.is_empty() || patch.is_empty() {
        return Ok(());
    }
    let mut order = order.iter();
    for item in patch.iter().filter(|item| item.get(DIRECTIVE).is_none()) {
        if !key.is_empty() && item.get(key).is_none() {
            return Err(no_key(key));
        }
        if !order.any(|ordered| same(ordered, item, key)) {
            return Err(Fault::wrong("The order in patch list doesn't match $setElementOrder list"));
        }
    }
    Ok(())
}

fn no_key(key: &str) -> Fault {
    Fault::Wrong(format!("map does not contain declared merge key: {key}"))
}

/// Drops what stands twice; the last item takes the place of each.
fn deduplicate(items: &mut Vec<Value>) {
    let mut index = 0;
    while index < items.len() {
        let mut other = index + 1;
        while other < items.len() {
            if items[index] == items[other] {
                items.swap_remove(other);
            } else {
                other += 1;
            }
        }
        index += 1;
    }
}

/// Splits into what the list `by` has, and the rest.
fn partition(items: Vec<Value>, by: &[Value], key: &str) -> (Vec<Value>, Vec<Value>) {
    items.into_iter().partition(|item| by.iter().any(|other| same(other, item, key)))
}

fn same(one: &Value, other: &Value, key: &str) -> bool {
    if key.is_empty() { one == other } else { one.get(key) == other.get(key) }
}

/// The orders that items are put in.
#[derive(Clone, Copy)]
struct Order<'o> {
    patch: &'o [Value],
    original: &'o [Value],
    key: &'o str,
}

/// Weaves the items of the patch and the others, each in their own order; of two, the one that stood first goes
/// first.
fn in_order(mut of_patch: Vec<Value>, mut others: Vec<Value>, order: Order<'_>) -> Vec<Value> {
    let place = |list: &[Value], item: &Value| list.iter().position(|other| same(other, item, order.key));
    let goes_first = |list: &[Value], one: &Value, other: &Value| {
        place(list, one).zip(place(list, other)).is_none_or(|(one, other)| one < other)
    };
    insertion_sort(&mut of_patch, |one, other| goes_first(order.patch, one, other));
    insertion_sort(&mut others, |one, other| goes_first(order.original, one, other));
    let mut woven = Vec::with_capacity(of_patch.len() + others.len());
    let mut others = others.into_iter().peekable();
    for item in of_patch {
        let own = place(order.original, &item);
        let goes_first =
            |other: &Value| place(order.original, other).zip(own).is_some_and(|(other, own)| other < own);
        while let Some(other) = others.next_if(goes_first) {
            woven.push(other);
        }
        woven.push(item);
    }
    woven.extend(others);
    woven
}

/// Sorts as Go's `sort.SliceStable` sorts a short list. What has no place in an order goes before whatever stands
/// before it, so that another way to sort would come to another result.
fn insertion_sort(items: &mut [Value], goes_first: impl Fn(&Value, &Value) -> bool) {
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && goes_first(&items[at], &items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

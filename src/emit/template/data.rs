//! From minijinja's values to text and to JSON, in JSON's spelling.

use std::borrow::Cow;

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Map, Number, Value as Json};

use super::hole;
use super::limits::{FILLED_BYTES, FILLED_NODES, VALUE_DEPTH};
use super::refusal::Refusal;

/// What one filling may still make.
pub(super) struct Budget {
    nodes: usize,
    bytes: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { nodes: FILLED_NODES, bytes: FILLED_BYTES }
    }

    /// Takes `count` nodes.
    pub(super) fn nodes(&mut self, count: usize) -> Result<(), Refusal> {
        self.nodes = self.nodes.checked_sub(count).ok_or_else(|| {
            Refusal::new(
                "template-limit",
                format!("the documents have more than the limit of {FILLED_NODES} nodes"),
            )
        })?;
        Ok(())
    }

    /// Takes a node with `count` bytes of text.
    pub(super) fn text(&mut self, count: usize) -> Result<(), Refusal> {
        self.bytes = self.bytes.checked_sub(count).ok_or_else(|| {
            let message =
                format!("the documents have more than the limit of {} MiB of text", FILLED_BYTES >> 20);
            Refusal::new("template-limit", message)
        })?;
        self.nodes(1)
    }
}

/// Returns the text of a value that may stand among text.
///
/// # Errors
/// Refuses null, lists, maps and captured text; `place` says where it was to stand.
pub(super) fn text<'a>(value: &'a Value, place: &str) -> Result<Cow<'a, str>, Refusal> {
    let refused = |what: &str| {
        let message = format!("{what} cannot stand {place}: only text, numbers and booleans can");
        Refusal::new("template-text", message)
    };
    match value.kind() {
        ValueKind::String if value.is_safe() => Err(Refusal::captured()),
        ValueKind::String => Ok(Cow::Borrowed(value.as_str().unwrap_or_default())),
        ValueKind::Bool => Ok(Cow::Borrowed(if value.is_true() { "true" } else { "false" })),
        ValueKind::Number => Ok(Cow::Owned(number(value)?.to_string())),
        ValueKind::None | ValueKind::Undefined => Err(refused("null")
            .hint("give it a default, as in `x | default(\"none\", true)`, or leave it out with `#% if`")),
        ValueKind::Seq | ValueKind::Iterable => Err(refused("a list").hint("join it: `| join(\",\")`")),
        ValueKind::Map => {
            Err(refused("a map").hint("join it: `| items | map(\"join\", \"=\") | join(\",\")`"))
        }
        kind => Err(refused(&format!("a {kind}"))),
    }
}

/// Returns a value as JSON, nulls left out wherever they stand; `None` for null itself.
///
/// # Errors
/// Refuses what JSON has not: undefined values, captured text, infinite numbers, keys that are no text; and more
/// nodes, text or nesting than the limits.
pub(super) fn json(value: &Value, budget: &mut Budget) -> Result<Option<Json>, Refusal> {
    nested(value, budget, 0)
}

fn nested(value: &Value, budget: &mut Budget, depth: usize) -> Result<Option<Json>, Refusal> {
    match value.kind() {
        ValueKind::None => Ok(None),
        // The formatter lets through only the undefined value of an `if` without `else`, which is null.
        ValueKind::Undefined if depth == 0 => Ok(None),
        ValueKind::Undefined => {
            Err(Refusal::new("template-undefined", "an undefined value stands in a list or map"))
        }
        ValueKind::Bool => {
            budget.nodes(1)?;
            Ok(Some(Json::Bool(value.is_true())))
        }
        ValueKind::Number => {
            budget.nodes(1)?;
            number(value).map(|number| Some(Json::Number(number)))
        }
        ValueKind::String => {
            if value.is_safe() {
                return Err(Refusal::captured());
            }
            let text = value.as_str().unwrap_or_default();
            budget.text(text.len())?;
            Ok(Some(Json::String(text.to_owned())))
        }
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map if depth >= VALUE_DEPTH => {
            let message = format!("a value nests deeper than the limit of {VALUE_DEPTH}");
            Err(Refusal::new("template-limit", message))
        }
        ValueKind::Seq | ValueKind::Iterable => list(value, budget, depth),
        ValueKind::Map => map(value, budget, depth),
        kind => Err(Refusal::new("template-value", format!("a {kind} is no value to fill in"))),
    }
}

fn list(value: &Value, budget: &mut Budget, depth: usize) -> Result<Option<Json>, Refusal> {
    budget.nodes(1)?;
    let items = value.try_iter().map_err(|_| Refusal::new("template-value", "this list cannot be read"))?;
    let mut filled = Vec::new();
    for item in items.checked() {
        let item = item.map_err(|_| Refusal::new("template-value", "this list cannot be read"))?;
        filled.extend(nested(&item, budget, depth + 1)?);
    }
    Ok(Some(Json::Array(filled)))
}

fn map(value: &Value, budget: &mut Budget, depth: usize) -> Result<Option<Json>, Refusal> {
    budget.nodes(1)?;
    let entries = value.as_object().and_then(|object| object.try_iter_pairs());
    let entries = entries.ok_or_else(|| Refusal::new("template-value", "this map cannot be read"))?;
    let mut filled = Map::new();
    for (key, item) in entries {
        let Some(name) = key.as_str().filter(|_| !key.is_safe()) else {
            let message = format!("a map to fill in has a key that is a {}, not text", key.kind());
            return Err(Refusal::new("template-key", message));
        };
        if let Some(item) = nested(&item, budget, depth + 1)? {
            budget.text(name.len())?;
            filled.insert(name.to_owned(), item);
        }
    }
    Ok(Some(Json::Object(filled)))
}

/// Returns a number as JSON has it.
fn number(value: &Value) -> Result<Number, Refusal> {
    if value.is_integer() {
        let signed = i64::try_from(value.clone()).map(Number::from);
        let whole = signed.or_else(|_| u64::try_from(value.clone()).map(Number::from));
        return whole.map_err(|_| Refusal::new("template-value", "a whole number is too large for JSON"));
    }
    let float = f64::try_from(value.clone()).ok().and_then(Number::from_f64);
    float.ok_or_else(|| Refusal::new("template-value", "a number is infinite or undefined"))
}

/// Returns whether a value is a text that holds holes, which only captured text does.
pub(super) fn has_holes(value: &Value) -> bool {
    value.as_str().is_some_and(hole::has_any)
}

/// Copies a value with every list and map in it, so that what is lazy is computed once and nesting is bounded.
///
/// `whole` says which objects are taken as they are.
pub(super) fn bounded(
    value: &Value,
    charge: &mut dyn FnMut() -> Result<(), minijinja::Error>,
    whole: fn(&Value) -> bool,
) -> Result<Value, minijinja::Error> {
    bounded_at(value, charge, whole, 0)
}

fn bounded_at(
    value: &Value,
    charge: &mut dyn FnMut() -> Result<(), minijinja::Error>,
    whole: fn(&Value) -> bool,
    depth: usize,
) -> Result<Value, minijinja::Error> {
    let container = matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map);
    if !container || whole(value) {
        return Ok(value.clone());
    }
    if depth >= VALUE_DEPTH {
        let message = format!("a variable's value nests deeper than the limit of {VALUE_DEPTH}");
        return Err(Refusal::new("template-limit", message).into());
    }
    charge()?;
    if value.kind() == ValueKind::Map {
        let pairs = value.as_object().and_then(|object| object.try_iter_pairs()).into_iter().flatten();
        let pair = |(key, item): (Value, Value)| Ok((key, bounded_at(&item, charge, whole, depth + 1)?));
        return Ok(Value::from_pairs(pairs.map(pair).collect::<Result<Vec<_>, minijinja::Error>>()?));
    }
    let mut items = Vec::new();
    for item in value.try_iter()?.checked() {
        charge()?;
        items.push(bounded_at(&item?, charge, whole, depth + 1)?);
    }
    Ok(if value.is_tuple() { Value::from(minijinja::value::Tuple::from(items)) } else { Value::from(items) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as literal;

    #[test]
    fn values_become_json_with_their_types_and_without_nulls() {
        let list = Value::from(vec![Value::from(1), Value::from(()), Value::from("x"), Value::from(2.5)]);
        let map = Value::from_pairs([("b", Value::from(())), ("a", list), ("c", Value::from(true))]);

        let filled = json(&map, &mut Budget::new()).expect("because JSON has all of it");

        assert_eq!(filled, Some(literal!({"a": [1, "x", 2.5], "c": true})));
        assert_eq!(json(&Value::from(u64::MAX), &mut Budget::new()).ok(), Some(Some(literal!(u64::MAX))));
    }

    #[test]
    fn text_is_spelled_as_in_json_and_only_scalars_are_text() {
        for (value, expected) in [
            (Value::from("x"), Some("x")),
            (Value::from(true), Some("true")),
            (Value::from(12), Some("12")),
            (Value::from(1.5), Some("1.5")),
            (Value::from(()), None),
            (Value::from(vec![1]), None),
            (Value::from_safe_string("x".into()), None),
        ] {
            assert_eq!(text(&value, "here").ok().as_deref(), expected, "{value:?}");
        }
    }
}

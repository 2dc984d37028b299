//! Parameters by flat names: `a.b.0`.
//!
//! Follows jeremywohl/flatten 1.0.1 with dots: maps and lists of anything are gone into and vanish where they are
//! empty, everything else is a leaf.

use std::collections::BTreeMap;

use super::go::value::{Element, Map, Value};

/// Returns the leaves of a map by their flat names; of equal names the last in the order of the keys holds, where
/// Argo CD takes any.
pub fn leaves(map: &Map) -> BTreeMap<String, Value> {
    let mut leaves = BTreeMap::new();
    for (key, value) in map.entries() {
        collect(key.to_string(), value, &mut leaves);
    }
    leaves
}

/// Goes into texts by name too, as Argo CD does it for its selectors.
pub fn leaves_and_texts(map: &Map) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (name, value) in leaves(map) {
        match value {
            Value::Texts(texts) => {
                let texts =
                    texts.iter().map(|(key, text)| (format!("{name}.{key}"), Value::Text(text.clone())));
                all.extend(texts);
            }
            value => {
                all.insert(name, value);
            }
        }
    }
    all
}

fn collect(name: String, value: Value, leaves: &mut BTreeMap<String, Value>) {
    match value {
        Value::Map(map) => {
            for (key, value) in map.entries() {
                collect(format!("{name}.{key}"), value, leaves);
            }
        }
        Value::List(list) if list.element == Element::Any => {
            for (index, value) in list.items.iter().enumerate() {
                collect(format!("{name}.{index}"), value.clone(), leaves);
            }
        }
        leaf => {
            leaves.insert(name, leaf);
        }
    }
}

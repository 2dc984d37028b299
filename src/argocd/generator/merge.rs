//! The merge generator: the sets of one generator, changed by those of others that have the same keys.
//!
//! Follows `generators/merge.go` of Argo CD 3.5.1.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::matrix::panicked;
use super::place::Place;
use super::{Generators, nested};
use crate::argocd::Fault;
use crate::argocd::go::json::{Escape, to_json};
use crate::argocd::go::value::Value as GoValue;
use crate::argocd::merge::{Overwrite, merge};
use crate::argocd::params::Params;

/// Returns the sets of the first generator, changed, in the order of their keys; Argo CD's order is random, but
/// Applications are sorted by name in the end.
///
/// # Errors
/// Says what the generators say, and where sets of one generator have the same keys.
pub fn generate<'w>(
    generator: &Value,
    place: &Place<'_>,
    generators: &Generators<'w>,
) -> Result<Vec<Params<'w>>, Fault> {
    let entries = nested::entries(generator);
    if entries.len() < 2 {
        return Err(Fault::wrong("found less than two generators, Merge requires two or more"));
    }
    let keys = generator.get("mergeKeys").and_then(Value::as_array).into_iter().flatten();
    let keys: BTreeSet<&str> = keys.map(|key| key.as_str().unwrap_or_default()).collect();
    let mut sets = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let given = nested::read(entry)
            .and_then(|entry| nested::generate(&entry, None, &place.entry("generators", index), generators));
        sets.push(given.map_err(|fault| {
            fault.within(&format!(
                "error getting param sets from generators: error getting params from generator {} of {}",
                index + 1,
                entries.len()
            ))
        })?);
    }
    let mut sets = sets.into_iter();
    let mut base = by_keys(&keys, sets.next().unwrap_or_default(), generators)?;
    for over in sets {
        let mut over = by_keys(&keys, over, generators)?;
        for (key, params) in &mut base {
            let Some(over) = over.remove(key) else { continue };
            if generators.is_go() {
                merge(&params.map(true), &over.map(true), Overwrite::Always).map_err(panicked)?;
            } else {
                *params = Params::Layers(Rc::new(over), Rc::new(params.clone()));
            }
        }
    }
    Ok(base.into_values().collect())
}

/// Returns the sets by the JSON of what they have under the keys.
fn by_keys<'w>(
    keys: &BTreeSet<&str>,
    sets: Vec<Params<'w>>,
    generators: &Generators<'w>,
) -> Result<BTreeMap<String, Params<'w>>, Fault> {
    if keys.is_empty() {
        return Err(Fault::wrong(
            "error getting param sets by merge key: no merge keys were specified, Merge requires at least one",
        ));
    }
    let mut by_keys = BTreeMap::new();
    for params in sets {
        let entries = keys.iter().map(|key| ((*key).into(), params.value(key, generators.is_go())));
        let key = to_json(&GoValue::map(entries), Escape::Html).map_err(|fault| {
            fault.within("error getting param sets by merge key: error marshalling param set key json")
        })?;
        if by_keys.contains_key(&key) {
            return Err(Fault::Wrong(format!(
                "error getting param sets by merge key: the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique. Duplicate key was {key}"
            )));
        }
        by_keys.insert(key, params);
    }
    Ok(by_keys)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::argocd::generator::fixture::{list, outcome, secret};

    fn sets(is_go: bool, merge: &Value) -> Result<Value, Fault> {
        let spec = json!({"goTemplate": is_go, "generators": [{"merge": merge}]});
        outcome(&spec, &[secret("a", &json!({}))]).sets
    }

    #[test]
    fn later_generators_change_the_sets_of_the_first() {
        let generators = json!([
            list(json!([{"k": "2", "m": {"x": "1"}}, {"k": "1", "m": {"x": "1"}}])),
            list(json!([{"k": "1", "m": {"y": "2"}}, {"k": "3"}])),
        ]);
        let merge = json!({"mergeKeys": ["k", "k"], "generators": generators});
        let expected = json!([{"k": "1", "m": {"x": "1", "y": "2"}}, {"k": "2", "m": {"x": "1"}}]);
        assert_eq!(sets(true, &merge), Ok(expected));

        let clusters = json!({"clusters": {"selector": {"matchExpressions": [{"key": "x", "operator": "DoesNotExist"}]}, "values": {"v": "1", "w": "1"}}});
        let merge = json!({"mergeKeys": ["name"], "generators": [clusters, list(json!([{"name": "a", "values": {"v": "2"}}]))]});
        let expected = json!([{
            "name": "a", "nameNormalized": "a", "server": "https://a", "project": "",
            "metadata.labels.argocd.argoproj.io/secret-type": "cluster", "values.v": "2", "values.w": "1",
        }]);
        assert_eq!(sets(false, &merge), Ok(expected));
    }

    #[test]
    fn what_is_wrong_is_said_in_upstreams_words() {
        let (one, twins) = (list(json!([{"k": "1"}])), list(json!([{"k": "1"}, {"k": "1"}])));
        let clusters = json!({"clusters": {"values": {"v": "1"}}});
        for (merge, expected) in [
            (
                json!({"mergeKeys": ["k"], "generators": [one]}),
                "found less than two generators, Merge requires two or more",
            ),
            (
                json!({"mergeKeys": [], "generators": [one, one]}),
                "error getting param sets by merge key: no merge keys were specified, Merge requires at least one",
            ),
            (
                json!({"mergeKeys": ["k"], "generators": [one, twins]}),
                r#"error getting param sets by merge key: the parameters from a generator were not unique by the given mergeKeys, Merge requires all param sets to be unique. Duplicate key was {"k":"1"}"#,
            ),
            (
                json!({"mergeKeys": ["name"], "generators": [clusters, list(json!([{"name": "a", "values": {"v": "2"}}]))]}),
                "panic: reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string",
            ),
            (
                json!({"mergeKeys": ["k"], "generators": [one, {"git": {}, "list": {"elements": [null]}}]}),
                "error getting param sets from generators: error getting params from generator 2 of 2: child generator returned an error on parameter generation: error unmarshling list element unexpected end of JSON input",
            ),
        ] {
            assert_eq!(sets(true, &merge), Err(Fault::wrong(expected)), "{merge}");
        }
    }
}

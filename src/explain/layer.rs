//! Layers of one document, laid over each other, and what each says at a path.

use std::sync::Arc;

use serde_json::Value;

use super::key_path::{schema_at, step_into};
use super::{Origin, Step};
use crate::location::Location;
use crate::spec::schema::Schema;
use crate::spec::yaml::{Entry, Kind, Node};

/// One layer.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a> {
    pub(super) origin: Origin,
    pub(super) root: &'a Node,
}

/// What a layer says at a path.
enum Said<'n> {
    Nothing,
    /// The value at the place, and where its key or item stands.
    Value(&'n Node, Location),
    /// Something on the way that leaves no room for the place: `repair: false` for `repair.unhealthy`.
    Instead(&'n Node, Location),
}

/// Returns what each layer says at `steps`, the lowest first; what a higher one has replaced no longer holds.
pub(super) fn chain(layers: &[Layer<'_>], steps: &[String]) -> Vec<Step> {
    let mut chain: Vec<Step> = Vec::new();
    let mut beneath_is_map = false;
    for layer in layers {
        let (node, location, instead) = match said(layer.root, steps) {
            Said::Nothing => continue,
            Said::Value(node, location) => (node, location, false),
            Said::Instead(node, location) => (node, location, true),
        };
        let is_map = matches!(node.kind, Kind::Map { .. }) || merges_by_name(node);
        if !(is_map && beneath_is_map && !instead) {
            chain.iter_mut().for_each(|step| step.holds = false);
        }
        beneath_is_map = is_map && !instead;
        chain.push(Step {
            value: Some(node.to_json()),
            ..Step::new(layer.origin, Some(location), words(node, instead))
        });
    }
    chain
}

fn words(node: &Node, instead: bool) -> &'static str {
    match (instead, node.is_null(), &node.kind) {
        (true, true, _) => "removes what holds it",
        (true, false, _) => "replaces what holds it",
        (false, true, _) => "removes it",
        (false, false, Kind::Map { .. }) => "has fields of it",
        (false, false, Kind::List { .. } | Kind::Scalar { .. }) => "sets it",
    }
}

fn merges_by_name(node: &Node) -> bool {
    let items = node.items().unwrap_or_default();
    let is_named = |item: &Node| ["name", "path"].iter().any(|field| item.get(field).is_some());
    !items.is_empty() && items.iter().all(is_named)
}

fn said<'n>(root: &'n Node, steps: &[String]) -> Said<'n> {
    let mut node = root;
    let mut location = root.location;
    for step in steps {
        match step_into(node, step) {
            Some(next) => {
                location = key_of(node, step).unwrap_or(next.location);
                node = next;
            }
            None if matches!(node.kind, Kind::Map { .. }) || merges_by_name(node) => return Said::Nothing,
            None => return Said::Instead(node, location),
        }
    }
    Said::Value(node, location)
}

/// Returns where the key of a field stands.
fn key_of(node: &Node, step: &str) -> Option<Location> {
    let entry = |entry: &&Entry| &*entry.key == step;
    node.entries()?.iter().rev().find(entry).map(|entry| entry.key_location)
}

/// Returns the default that a schema gives to the place, if nothing on the way to it has to be written.
pub(super) fn default_at(schema: &Arc<Schema>, steps: &[String]) -> Option<Value> {
    let mut schema = schema.clone();
    for step in steps {
        schema = schema_at(&schema, step)?;
    }
    schema.default.clone()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    fn node(text: &str) -> Node {
        parse(FileId(0), text.as_bytes(), Options::SPEC).expect("because the text is YAML")[0].root.clone()
    }

    /// Returns `what: value`, in brackets where it no longer holds.
    fn said_by(layers: &[&str], path: &[&str]) -> Vec<String> {
        let nodes: Vec<Node> = layers.iter().map(|text| node(text)).collect();
        let layers: Vec<Layer<'_>> =
            nodes.iter().map(|root| Layer { origin: Origin::Folder, root }).collect();
        let steps: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        let shown = |step: &Step| {
            let text = format!("{}: {}", step.what, step.value.clone().unwrap_or(json!(null)));
            if step.holds { text } else { format!("({text})") }
        };
        chain(&layers, &steps).iter().map(shown).collect()
    }

    #[test]
    fn each_layer_says_its_part_and_the_last_holds() {
        for (layers, path, expected) in [
            (&["{a: 1}", "{b: 2}", "{a: 3}"][..], &["a"][..], &["(sets it: 1)", "sets it: 3"][..]),
            (
                &["{a: {x: 1}}", "{a: {z: 2}}"],
                &["a"],
                &["has fields of it: {\"x\":1}", "has fields of it: {\"z\":2}"],
            ),
            (&["{a: {x: 1}}", "{a: null}"], &["a", "x"], &["(sets it: 1)", "removes what holds it: null"]),
            (
                &["{a: {x: 1}}", "{a: false}", "{a: {z: 1}}"],
                &["a", "x"],
                &["(sets it: 1)", "replaces what holds it: false"],
            ),
            (
                &["{p: [{name: a, size: 1}]}", "{p: [{name: a, size: 2}]}"],
                &["p", "a", "size"],
                &["(sets it: 1)", "sets it: 2"],
            ),
            (&["{p: [{name: a, size: 1}]}", "{p: [{name: b}]}"], &["p", "a", "size"], &["sets it: 1"]),
            (&["{l: [1, 2]}", "{l: [3]}"], &["l"], &["(sets it: [1,2])", "sets it: [3]"]),
        ] {
            assert_eq!(said_by(layers, path), expected, "{layers:?} {path:?}");
        }
    }
}

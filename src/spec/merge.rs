//! Laying one spec over another: cluster over folder over root, minor over addon, cluster over addon.
//!
//! Maps merge; lists of things with a `name` (`files`: a `path`) merge by it; anything else replaces; `null`
//! removes, and stays in the result as `null` so that a layer above still removes what lies beneath. Every node
//! keeps the location of the layer that wrote it: that is the provenance of its value.

use std::sync::Arc;

use crate::spec::yaml::{Entry, Kind, Node};

/// Lays `over` over `base`.
pub fn merge(base: &Node, over: &Node) -> Node {
    merge_at("", base, over)
}

/// Lays `over` over what may lie beneath it.
pub fn merge_optional(base: Option<&Node>, over: Option<&Node>) -> Option<Node> {
    match (base, over) {
        (Some(base), Some(over)) => Some(merge(base, over)),
        (one, other) => other.or(one).cloned(),
    }
}

/// `key` is the field that both nodes stand in.
fn merge_at(key: &str, base: &Node, over: &Node) -> Node {
    match (&base.kind, &over.kind) {
        (Kind::Map { entries: beneath, .. }, Kind::Map { entries: above, flow }) => {
            let entries = merge_entries(beneath, above);
            Node { location: over.location, kind: Kind::Map { entries, flow: *flow } }
        }
        (Kind::List { items: beneath, .. }, Kind::List { items: above, flow }) => {
            let named_by = if key == "files" { "path" } else { "name" };
            if !all_named(beneath, named_by) || !all_named(above, named_by) {
                return over.clone();
            }
            let items = merge_items(beneath, above, named_by);
            Node { location: over.location, kind: Kind::List { items, flow: *flow } }
        }
        _ => over.clone(),
    }
}

fn merge_entries(beneath: &[Entry], above: &[Entry]) -> Arc<[Entry]> {
    let over = |entry: &Entry| match above.iter().find(|other| other.key == entry.key) {
        Some(other) => Entry { value: merge_at(&entry.key, &entry.value, &other.value), ..other.clone() },
        None => entry.clone(),
    };
    let is_new = |entry: &&Entry| beneath.iter().all(|other| other.key != entry.key);
    beneath.iter().map(over).chain(above.iter().filter(is_new).cloned()).collect()
}

fn merge_items(beneath: &[Node], above: &[Node], named_by: &str) -> Arc<[Node]> {
    let name = |item: &Node| item.get(named_by).and_then(Node::as_str).map(str::to_owned);
    let over = |item: &Node| match above.iter().find(|other| name(other) == name(item)) {
        Some(other) => merge(item, other),
        None => item.clone(),
    };
    let is_new = |item: &&Node| beneath.iter().all(|other| name(other) != name(item));
    beneath.iter().map(over).chain(above.iter().filter(is_new).cloned()).collect()
}

fn all_named(items: &[Node], named_by: &str) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get(named_by).and_then(Node::as_str).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    fn node(text: &str) -> Node {
        let documents = parse(FileId(0), text.as_bytes(), Options::SPEC).expect("because the text is YAML");
        documents[0].root.clone()
    }

    fn merged(base: &str, over: &str) -> Value {
        merge(&node(base), &node(over)).to_json()
    }

    #[test]
    fn maps_merge_and_scalars_and_plain_lists_replace() {
        let result = merged("{a: {p: 1, q: 2}, l: [1, 2], s: old}", "{a: {q: 3, r: 4}, l: [3], s: new}");
        assert_eq!(result, json!({"a": {"p": 1, "q": 3, "r": 4}, "l": [3], "s": "new"}));
    }

    #[test]
    fn lists_of_things_with_a_name_merge_by_it_and_files_by_their_path() {
        let result = merged(
            "{pools: [{name: a, size: 1}, {name: b}], files: [{path: /x, content: one}]}",
            "{pools: [{name: c}, {name: a, zones: [z]}], files: [{path: /x, owner: root}, {path: /y}]}",
        );
        let expected = json!({
            "pools": [{"name": "a", "size": 1, "zones": ["z"]}, {"name": "b"}, {"name": "c"}],
            "files": [{"path": "/x", "content": "one", "owner": "root"}, {"path": "/y"}],
        });
        assert_eq!(result, expected);
    }

    #[test]
    fn null_removes_and_a_map_may_give_way_to_a_scalar() {
        let result = merged("{a: {x: 1}, repair: {unhealthy: 5m}}", "{a: null, repair: false}");
        assert_eq!(result, json!({"a": null, "repair": false}));
    }

    #[test]
    fn every_value_keeps_the_place_of_the_layer_that_wrote_it() {
        let base = node("{a: 1, b: 2}");
        let over =
            parse(FileId(7), b"{b: 3}", Options::SPEC).expect("because the text is YAML")[0].root.clone();
        let result = merge(&base, &over);
        assert_eq!(result.get("a").map(|node| node.location.file), Some(FileId(0)));
        assert_eq!(result.get("b").map(|node| node.location.file), Some(FileId(7)));
    }
}

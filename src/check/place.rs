//! Where in a document a finding stands.

use crate::location::Location;
use crate::spec::addon::Addon;
use crate::spec::cluster::Cluster;
use crate::spec::tenant::Tenant;
use crate::spec::yaml::{Node, Scalar};

/// Returns where a document says its name.
pub fn name_of(document: &Node) -> Location {
    at(document, "/metadata/name")
}

/// Returns where the node at a JSON pointer stands; where there is none, the document's first byte.
pub fn at(document: &Node, pointer: &str) -> Location {
    match document.at(pointer) {
        Some(node) => node.location,
        None => Location { end: document.location.start, ..document.location },
    }
}

/// Returns where a node has what `steps` lead to, keys of maps and numbers of items, or what holds it as far as it is there:
/// the key, where it is one of a map.
pub fn within(node: &Node, steps: &[String]) -> Location {
    walk(node, steps).0
}

/// Returns where a node has what `steps` lead to; `None` where it has not.
pub fn exactly(node: &Node, steps: &[String]) -> Option<Location> {
    let (place, taken) = walk(node, steps);
    (taken == steps.len()).then_some(place)
}

/// Returns the place that steps lead to, and how many of them lead anywhere.
fn walk(node: &Node, steps: &[String]) -> (Location, usize) {
    let (mut node, mut at) = (node, node.location);
    for (taken, step) in steps.iter().enumerate() {
        let number = step.parse::<usize>().ok();
        let item = number.and_then(|number| node.items()?.get(number)).map(|item| (item, item.location));
        let entry = || node.entries()?.iter().find(|entry| &*entry.key == step);
        let Some((next, place)) = item.or_else(|| entry().map(|entry| (&entry.value, entry.key_location)))
        else {
            return (at, taken);
        };
        (node, at) = (next, place);
    }
    (at, steps.len())
}

/// Returns where `key` of a map stands; where there is none, the map.
pub fn key(map: &Node, key: &str) -> Location {
    let entry = map.entries().unwrap_or_default().iter().rev().find(|entry| &*entry.key == key);
    entry.map_or(map.location, |entry| entry.key_location)
}

/// Returns the field of a map; `None` where it is null or not there.
pub fn written<'a>(map: &'a Node, field: &str) -> Option<&'a Node> {
    map.get(field).filter(|node| !node.is_null())
}

/// Returns a field that holds a whole number.
pub fn integer(map: &Node, field: &str) -> Option<i64> {
    match map.get(field)?.scalar()? {
        Scalar::Integer(number) => Some(number),
        _ => None,
    }
}

/// Returns the items of a list in a map; empty where it is not there.
pub fn items<'a>(map: &'a Node, field: &str) -> &'a [Node] {
    map.get(field).and_then(Node::items).unwrap_or_default()
}

/// Returns the pools of a cluster, each with its name.
pub fn pools(cluster: &Cluster) -> impl Iterator<Item = (&str, &Node)> {
    items(&cluster.spec, "nodePools")
        .iter()
        .filter_map(|pool| Some((pool.get("name").and_then(Node::as_str)?, pool)))
}

/// Returns where a cluster says its name.
pub fn cluster(cluster: &Cluster) -> Location {
    name_of(&cluster.document)
}

/// Returns where an addon says its name.
pub fn addon(addon: &Addon) -> Location {
    name_of(&addon.document)
}

/// Returns where a tenant says its name.
pub fn tenant(tenant: &Tenant) -> Location {
    name_of(&tenant.document)
}

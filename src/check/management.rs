//! Where the Fleet says what a management cluster is.

use super::{Specs, place};
use crate::location::Location;
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// Returns what the Fleet says about a management cluster.
pub fn written<'a>(specs: &Specs<'a>, name: &Name) -> Option<&'a Node> {
    let all = specs.catalog.fleet.document.at("/spec/management").and_then(Node::items).unwrap_or_default();
    all.iter().find(|one| one.get("name").and_then(Node::as_str) == Some(name.as_str()))
}

/// Returns where the Fleet says a version of a management cluster's Cluster API; its name, where that is not written.
pub fn cluster_api(specs: &Specs<'_>, name: &Name, field: &str) -> Location {
    let Some(own) = written(specs, name) else { return place::name_of(&specs.catalog.fleet.document) };
    let version = own.at(&format!("/clusterApi/{field}")).filter(|node| !node.is_null());
    version.map_or_else(|| place::at(own, "/name"), |node| node.location)
}

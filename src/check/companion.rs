//! Companion objects of clusters.

use crate::check::place;
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// An object that a cluster's spec holds as it is.
#[derive(Clone, Copy, Debug)]
pub struct Companion<'a> {
    /// The object.
    pub node: &'a Node,
    /// Its API group, `""` for the core group.
    pub group: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its namespace; the tenant's where it has none, and `""` for kinds of the whole cluster.
    pub namespace: &'a str,
}

/// Kubernetes' own kinds that lie in no namespace.
const WITHOUT_NAMESPACE: [&str; 13] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "CustomResourceDefinition",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "PersistentVolume",
    "PriorityClass",
    "RuntimeClass",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingWebhookConfiguration",
];

impl<'a> Companion<'a> {
    /// Returns the companion objects of a cluster, in order.
    pub fn of(cluster: &'a Cluster) -> impl Iterator<Item = Self> {
        place::items(&cluster.spec, "objects").iter().filter_map(|node| Self::read(node, cluster))
    }

    fn read(node: &'a Node, cluster: &'a Cluster) -> Option<Self> {
        let text = |pointer: &str| node.at(pointer).and_then(Node::as_str);
        let kind = text("/kind")?;
        let namespace = match WITHOUT_NAMESPACE.contains(&kind) {
            true => "",
            false => text("/metadata/namespace").unwrap_or(cluster.project.as_str()),
        };
        let group = text("/apiVersion")?.rsplit_once('/').map_or("", |(group, _)| group);
        Some(Self { node, group, kind, name: text("/metadata/name")?, namespace })
    }
}

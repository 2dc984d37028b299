//! A cluster as its templates see it: the merged spec, its name and labels, and what is computed from it.

use std::collections::BTreeMap;

use crate::expand::{ExpandedCluster, PoolDeployment, deployments, split_labels};
use crate::location::Location;
use crate::spec::merge::merge_optional;
use crate::spec::yaml::Node;

/// Returns the variable `cluster` of templates.
///
/// Pools have their `kubernetes`, `kubeadm` merged with the cluster's, `kubeletLabels`, `machineLabels` and
/// `deployments` (`name`, `zone`, `replicas`, `autoscale`); the control plane has all but the last and the first.
pub fn effective_cluster(expanded: &ExpandedCluster<'_>) -> Node {
    let cluster = expanded.cluster;
    let spec = &cluster.spec;
    let place = cluster.document.at("/metadata/name").map_or(spec.location, |node| node.location);
    let kubeadm = spec.get("kubeadm").filter(|node| !node.is_null());
    let name = Node::from_text(place, cluster.name.as_str());
    let labels = text_map(place, &cluster.labels);
    let metadata = Node::from_entries(place, [("name", name.clone()), ("labels", labels)]);
    let mut fields = vec![("name", name), ("metadata", metadata)];

    let pools = spec.get("nodePools").and_then(Node::items).unwrap_or_default();
    let effective_pools = pools.iter().map(|pool| effective_pool(expanded, pool, kubeadm));
    fields.push(("nodePools", Node::from_items(spec.location, effective_pools)));
    if let Some(control_plane) = spec.get("controlPlane").filter(|node| !node.is_null()) {
        fields.push(("controlPlane", effective_machines(control_plane, kubeadm)));
    } else if kubeadm.is_some() {
        let empty = Node::from_entries(spec.location, []);
        fields.push(("controlPlane", effective_machines(&empty, kubeadm)));
    }
    spec.with(fields)
}

fn effective_pool(expanded: &ExpandedCluster<'_>, pool: &Node, kubeadm: Option<&Node>) -> Node {
    let cluster = expanded.cluster;
    let version = pool.get("kubernetes").filter(|node| !node.is_null()).cloned();
    let version = version.unwrap_or_else(|| Node::from_text(pool.location, &cluster.kubernetes.to_string()));
    let deployments = deployments(cluster.name.as_str(), pool);
    let deployments = deployments.iter().map(|deployment| deployment_node(pool.location, deployment));
    let deployments = Node::from_items(pool.location, deployments);
    effective_machines(pool, kubeadm).with([("kubernetes", version), ("deployments", deployments)])
}

/// Adds what control plane and pools have in common.
fn effective_machines(machines: &Node, kubeadm: Option<&Node>) -> Node {
    let (kubelet, machine) = split_labels(machines.get("labels"));
    let place = machines.get("labels").map_or(machines.location, |node| node.location);
    let mut fields =
        vec![("kubeletLabels", text_map(place, &kubelet)), ("machineLabels", text_map(place, &machine))];
    let own = machines.get("kubeadm").filter(|node| !node.is_null());
    if let Some(merged) = merge_optional(kubeadm, own) {
        fields.push(("kubeadm", merged));
    }
    machines.with(fields)
}

fn deployment_node(place: Location, deployment: &PoolDeployment) -> Node {
    let number = |number: Option<i64>| {
        number.map_or_else(|| Node::null(place), |number| Node::from_integer(place, number))
    };
    let zone =
        deployment.zone.as_deref().map_or_else(|| Node::null(place), |zone| Node::from_text(place, zone));
    let autoscale = deployment.autoscale.map_or_else(
        || Node::null(place),
        |(least, most)| {
            Node::from_entries(place, [("min", number(Some(least))), ("max", number(Some(most)))])
        },
    );
    Node::from_entries(
        place,
        [
            ("name", Node::from_text(place, &deployment.name)),
            ("zone", zone),
            ("replicas", number(deployment.replicas)),
            ("autoscale", autoscale),
        ],
    )
}

fn text_map(place: Location, texts: &BTreeMap<String, String>) -> Node {
    Node::from_entries(place, texts.iter().map(|(key, value)| (key.as_str(), Node::from_text(place, value))))
}

//! Pools: one MachineDeployment per zone, and which label goes where.

use std::collections::BTreeMap;

use crate::spec::yaml::{Node, Scalar};

/// One MachineDeployment of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolDeployment {
    /// `<cluster>-<pool>`, with the zone where there is more than one.
    pub name: String,
    /// The zone; `None` where the pool names none.
    pub zone: Option<String>,
    /// Replicas; `None` where the autoscaler decides.
    pub replicas: Option<i64>,
    /// The autoscaler's bounds.
    pub autoscale: Option<(i64, i64)>,
}

/// Returns the MachineDeployments of a pool: one per zone, replicas and bounds spread evenly, earlier zones first;
/// one zone or none gives one.
pub fn deployments(cluster: &str, pool: &Node) -> Vec<PoolDeployment> {
    let name = pool.get("name").and_then(Node::as_str).unwrap_or_default();
    let zones = pool.get("zones").and_then(Node::items).unwrap_or_default();
    let zones: Vec<&str> = zones.iter().filter_map(Node::as_str).collect();
    let replicas = integer(pool.get("replicas")).unwrap_or(1);
    let autoscale = pool.get("autoscale").filter(|node| !node.is_null());
    let bounds = autoscale.and_then(|node| Some((integer(node.get("min"))?, integer(node.get("max"))?)));
    let count = zones.len().max(1);
    let deployment = |index: usize| {
        let zone = zones.get(index).copied();
        let name = match zone {
            Some(zone) if count > 1 => format!("{cluster}-{name}-{}", zone_in_name(zone)),
            _ => format!("{cluster}-{name}"),
        };
        PoolDeployment {
            name,
            zone: zone.map(str::to_owned),
            replicas: bounds.is_none().then(|| share(replicas, count, index)),
            autoscale: bounds.map(|(least, most)| (share(least, count, index), share(most, count, index))),
        }
    };
    (0..count).map(deployment).collect()
}

/// Returns a zone as part of a name: lower case, and `-` for what a DNS label cannot hold.
pub fn zone_in_name(zone: &str) -> String {
    let letter = |character: char| match character.to_ascii_lowercase() {
        plain if plain.is_ascii_lowercase() || plain.is_ascii_digit() => plain,
        _ => '-',
    };
    zone.chars().map(letter).collect::<String>().trim_matches('-').to_owned()
}

/// Parts node labels into those that the kubelet sets itself and those that it refuses, which Cluster API puts on
/// the node from the Machine's metadata: `node-role.kubernetes.io/`, `node-restriction.kubernetes.io/`,
/// `node.cluster.x-k8s.io/` (Cluster API v1.14, "metadata propagation").
pub fn split_labels(labels: Option<&Node>) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let entries = labels.and_then(Node::entries).unwrap_or_default().iter();
    let written = entries.filter_map(|entry| Some((entry.key.to_string(), entry.value.as_str()?.to_owned())));
    written.partition(|(key, _)| !goes_on_the_machine(key))
}

fn goes_on_the_machine(key: &str) -> bool {
    let Some((prefix, _)) = key.split_once('/') else { return false };
    ["node-role.kubernetes.io", "node-restriction.kubernetes.io", "node.cluster.x-k8s.io"].iter().any(
        |domain| prefix == *domain || prefix.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
    )
}

/// Returns the part of `total` that the zone at `index` of `count` gets.
fn share(total: i64, count: usize, index: usize) -> i64 {
    let (count, index) = (i64::try_from(count).unwrap_or(1), i64::try_from(index).unwrap_or(0));
    total / count + i64::from(index < total % count)
}

fn integer(node: Option<&Node>) -> Option<i64> {
    match node?.scalar()? {
        Scalar::Integer(number) => Some(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    fn node(text: &str) -> Node {
        parse(FileId(0), text.as_bytes(), Options::SPEC).expect("because the text is YAML")[0].root.clone()
    }

    #[test]
    fn replicas_and_bounds_are_spread_evenly_and_earlier_zones_get_more() {
        let spread = |text: &str| -> Vec<_> {
            let all = deployments("web", &node(text));
            all.into_iter().map(|one| (one.name, one.replicas, one.autoscale)).collect()
        };
        let name = |name: &str| name.to_owned();
        assert_eq!(
            spread("{name: a, zones: [z1, z2, z3], replicas: 5}"),
            [
                (name("web-a-z1"), Some(2), None),
                (name("web-a-z2"), Some(2), None),
                (name("web-a-z3"), Some(1), None)
            ]
        );
        assert_eq!(
            spread("{name: a, zones: [z1, Z_2], autoscale: {min: 1, max: 10}}"),
            [(name("web-a-z1"), None, Some((1, 5))), (name("web-a-z-2"), None, Some((0, 5)))]
        );
        assert_eq!(spread("{name: a, zones: [z1], replicas: 2}"), [(name("web-a"), Some(2), None)]);
        assert_eq!(spread("{name: a}"), [(name("web-a"), Some(1), None)]);
    }

    #[test]
    fn labels_that_the_kubelet_refuses_go_on_the_machine() {
        let labels = node(
            "{tier: x, node-role.kubernetes.io/gpu: '', a.node-restriction.kubernetes.io/b: c, \
             node.cluster.x-k8s.io/d: e, xnode.cluster.x-k8s.io/f: g}",
        );
        let (kubelet, machine) = split_labels(Some(&labels));
        assert_eq!(kubelet.keys().collect::<Vec<_>>(), ["tier", "xnode.cluster.x-k8s.io/f"]);
        let expected =
            ["a.node-restriction.kubernetes.io/b", "node-role.kubernetes.io/gpu", "node.cluster.x-k8s.io/d"];
        assert_eq!(machine.keys().collect::<Vec<_>>(), expected);
    }
}

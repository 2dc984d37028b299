//! Objects of a cluster: what names them, and how many machines they stand for.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Nodes;
use crate::emit::cluster_api::{base_name, is_template};

/// Group, kind, namespace, name; a template's base name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub kind: String,
    pub group: String,
    pub namespace: String,
    pub name: String,
}

/// Objects by what names them.
pub type Objects = BTreeMap<Key, Value>;

/// Returns objects by what names them; what has no kind or name is left out.
pub fn by_key(objects: Vec<Value>) -> Objects {
    objects.into_iter().filter_map(|object| Some((key(&object)?, object))).collect()
}

fn key(object: &Value) -> Option<Key> {
    let kind = text(object, "/kind");
    let name = text(object, "/metadata/name");
    if kind.is_empty() || name.is_empty() {
        return None;
    }
    let name = if is_template(kind) { base_name(name) } else { name };
    let version = text(object, "/apiVersion");
    Some(Key {
        kind: kind.to_owned(),
        group: version.rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
        namespace: text(object, "/metadata/namespace").to_owned(),
        name: name.to_owned(),
    })
}

/// Returns a text at a JSON pointer, `""` where there is none.
pub fn text<'o>(object: &'o Value, pointer: &str) -> &'o str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Returns whether objects of a kind are pools.
pub fn is_pool(key: &Key) -> bool {
    key.group == "cluster.x-k8s.io" && matches!(key.kind.as_str(), "MachineDeployment" | "MachinePool")
}

/// Returns whether objects of a kind are control planes.
pub fn is_control_plane(key: &Key) -> bool {
    key.kind.ends_with("ControlPlane")
}

/// Returns how many nodes a pool has: its replicas, or what the autoscaler is told.
pub fn nodes(pool: &Value) -> Nodes {
    let bound = |end: &str| {
        let annotations = pool.pointer("/metadata/annotations")?;
        let key = format!("cluster.x-k8s.io/cluster-api-autoscaler-node-group-{end}-size");
        annotations.get(key)?.as_str()?.parse::<u64>().ok()
    };
    match (bound("min"), bound("max")) {
        (Some(min), Some(max)) => Nodes { min, max },
        _ => {
            let replicas = pool.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
            Nodes { min: replicas, max: replicas }
        }
    }
}

/// Says in words how many there are: `3 nodes`, `1 to 10 nodes`.
pub fn counted(nodes: Nodes) -> String {
    match nodes {
        Nodes { min: 1, max: 1 } => "1 node".into(),
        Nodes { min, max } if min == max => format!("{max} nodes"),
        Nodes { min, max } => format!("{min} to {max} nodes"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pool_has_replicas_or_a_range() {
        let pool = json!({"spec": {"replicas": 3}});
        assert_eq!(counted(nodes(&pool)), "3 nodes");
        let scaled = json!({"metadata": {"annotations": {
            "cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "1",
            "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "10",
        }}});
        assert_eq!(counted(nodes(&scaled)), "1 to 10 nodes");
        assert_eq!(counted(nodes(&json!({}))), "1 node");
    }
}

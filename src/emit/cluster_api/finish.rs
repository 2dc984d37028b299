//! What every object of a cluster gets, whatever template made it: its namespace, labels, and the annotations by
//! which Argo CD applies, orders and guards it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::template_name::is_template;
use crate::emit::Object;
use crate::expand::ExpandedCluster;
use crate::spec::yaml::Node;

/// Fills in what a template leaves to the engine.
pub fn finish(object: &mut Object, cluster: &ExpandedCluster<'_>) {
    let kind = object.kind().to_owned();
    let is_cluster = kind == "Cluster" && object.group() == "cluster.x-k8s.io";
    let spec = &cluster.cluster.spec;
    let metadata = metadata(object);
    insert_missing(metadata, "namespace", json!(cluster.tenant.name.as_str()));

    let labels = map(metadata, "labels");
    insert_missing(labels, "cluster.x-k8s.io/cluster-name", json!(cluster.cluster.name.as_str()));
    add_texts(labels, spec.get("labels"));
    if is_cluster {
        for (key, value) in &cluster.cluster.labels {
            labels.insert(key.clone(), json!(value));
        }
    }
    let annotations = map(metadata, "annotations");
    add_texts(annotations, spec.get("annotations"));
    add_argocd(annotations, &kind);
    put_in_order(metadata);
    if is_cluster && cluster.cluster.paused {
        object.body["spec"]["paused"] = json!(true);
    }
}

/// Leaves a companion object as it is, but for what keeps it alive while Cluster API takes the cluster down: it may
/// hold the credentials for that.
pub fn finish_companion(object: &mut Object) {
    let annotations = map(metadata(object), "annotations");
    insert_missing(annotations, "argocd.argoproj.io/sync-options", json!("Delete=false"));
}

/// Says how Argo CD handles an object of a cluster's folder: templates one wave ahead and never pruned, since
/// machines still refer to them; whatever holds machines pruned only when confirmed; and on deletion only the
/// Cluster goes, so that Cluster API takes the rest along in its own order.
fn add_argocd(annotations: &mut Map<String, Value>, kind: &str) {
    let mut options = Vec::new();
    if is_template(kind) {
        options.push("Prune=false");
        insert_missing(annotations, "argocd.argoproj.io/compare-options", json!("IgnoreExtraneous"));
        insert_missing(annotations, "argocd.argoproj.io/sync-wave", json!("-1"));
    } else if holds_machines(kind) {
        options.push("Prune=confirm");
    }
    options.push(if kind == "Cluster" { "Delete=confirm" } else { "Delete=false" });
    insert_missing(annotations, "argocd.argoproj.io/sync-options", json!(options.join(",")));
}

/// Returns whether losing an object of the kind loses machines.
fn holds_machines(kind: &str) -> bool {
    kind == "MachineDeployment"
        || ["ControlPlane", "Cluster", "MachinePool"].iter().any(|end| kind.ends_with(end))
}

fn metadata(object: &mut Object) -> &mut Map<String, Value> {
    if !object.body["metadata"].is_object() {
        object.body["metadata"] = json!({});
    }
    object.body["metadata"].as_object_mut().expect("because it has just been made a map")
}

/// Returns the map under `key`, made where it is absent or no map.
fn map<'a>(parent: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    let entry = parent.entry(key).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    entry.as_object_mut().expect("because it has just been made a map")
}

fn insert_missing(map: &mut Map<String, Value>, key: &str, value: Value) {
    map.entry(key).or_insert(value);
}

/// Keeps the order that Kubernetes people expect: name, namespace, labels, annotations.
fn put_in_order(metadata: &mut Map<String, Value>) {
    let entries = std::mem::take(metadata);
    let rank =
        |key: &str| ["name", "namespace", "labels", "annotations"].iter().position(|known| *known == key);
    let mut entries: Vec<(String, Value)> = entries.into_iter().collect();
    entries.sort_by_key(|(key, _)| rank(key).unwrap_or(usize::MAX));
    metadata.extend(entries);
}

/// Adds texts in the order of their keys, so that reordering a spec changes nothing.
fn add_texts(map: &mut Map<String, Value>, node: Option<&Node>) {
    let entries = node.and_then(Node::entries).unwrap_or_default();
    let texts: BTreeMap<&str, &str> =
        entries.iter().filter_map(|entry| Some((&*entry.key, entry.value.as_str()?))).collect();
    for (key, text) in texts {
        map.insert(key.to_owned(), json!(text));
    }
}

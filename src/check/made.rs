//! What rules over a cluster's objects share: finding objects by kind, and saying where a finding about one stands.

use serde_json::Value;

use super::clusters::RENDERED_FOR;
use super::{EmittedCluster, Rule, place};
use crate::diagnostic::Diagnostic;
use crate::emit::Object;

/// Returns the objects of a group and kind, with their places among the cluster's.
pub fn of_kind<'e>(
    cluster: &'e EmittedCluster<'_, '_>,
    group: &'static str,
    kind: &'static str,
) -> impl Iterator<Item = (usize, &'e Object)> {
    let is_one = move |object: &Object| object.kind() == kind && object.group() == group;
    cluster.objects.iter().enumerate().filter(move |(_, object)| is_one(object))
}

/// Returns the text at a JSON pointer; `""` where there is none.
pub fn text<'o>(object: &'o Object, pointer: &str) -> &'o str {
    object.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// Makes a finding about a field of the object at `index`, which names the cluster last. Its message must not: what is wrong
/// in a template is wrong for all.
pub fn finding(
    rule: &Rule,
    (cluster, index): (&EmittedCluster<'_, '_>, usize),
    steps: &[&str],
    message: impl Into<String>,
) -> Diagnostic {
    let steps: Vec<String> = steps.iter().map(|step| (*step).to_owned()).collect();
    rule.finding(cluster.place(index, &steps), message)
}

/// Says for which cluster a finding's object is rendered.
pub fn rendered_for(finding: Diagnostic, cluster: &EmittedCluster<'_, '_>) -> Diagnostic {
    let own = cluster.expanded.cluster;
    finding.related(place::cluster(own), format!("{RENDERED_FOR}`{}`", own.identity()))
}

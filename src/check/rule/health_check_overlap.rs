//! A machine is watched by one MachineHealthCheck.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use crate::check::made::{finding, of_kind, rendered_for, text};
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::Object;
use crate::spec::selector::Selector;

/// A machine is watched by one MachineHealthCheck.
pub const RULE: Rule = Rule {
    id: "health-check-overlap",
    severity: Severity::Error,
    page: Page {
        summary: "no two MachineHealthChecks of a cluster select the same machines",
        why: "Each of them counts and mends by itself: a machine is taken away by the one that is stricter, and the limit of \
              neither holds. Select by a label that the machines of one pool alone have, such as \
              `cluster.x-k8s.io/deployment-name`; `repair: false` leaves a pool to a check of your own.",
        wrong: WRONG,
        right: RIGHT,
    },
    check: Check::Cluster(check),
};

const WRONG: &str = "# templates/metal/cluster.yaml.j2
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineDeployment
metadata: {name: web-default}
spec: {clusterName: web, template: {metadata: {labels: {pool: default}}}}
---
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineHealthCheck
metadata: {name: web-default}
spec: {clusterName: web, selector: {matchLabels: {pool: default}}}
# clusters/web.yaml
spec:
  objects:
    - apiVersion: cluster.x-k8s.io/v1beta2
      kind: MachineHealthCheck
      metadata: {name: all}
      spec: {clusterName: web, selector: {matchLabels: {cluster.x-k8s.io/cluster-name: web}}}
";

const RIGHT: &str = "# templates/metal/cluster.yaml.j2
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineDeployment
metadata: {name: web-default}
spec: {clusterName: web, template: {metadata: {labels: {pool: default}}}}
---
apiVersion: cluster.x-k8s.io/v1beta2
kind: MachineHealthCheck
metadata: {name: web-default}
spec: {clusterName: web, selector: {matchLabels: {pool: default}}}
# clusters/web.yaml
spec:
  objects:
    - apiVersion: cluster.x-k8s.io/v1beta2
      kind: MachineHealthCheck
      metadata: {name: control-plane}
      spec: {clusterName: web, selector: {matchLabels: {cluster.x-k8s.io/control-plane: \"\"}}}
";

const GROUP: &str = "cluster.x-k8s.io";

/// Machines that are made alike, and the labels that each of them gets.
struct Machines<'e> {
    name: &'e str,
    labels: BTreeMap<&'e str, &'e str>,
}

fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    let checks: Vec<(usize, &Object, Selector)> = of_kind(cluster, GROUP, "MachineHealthCheck")
        .filter_map(|(index, object)| {
            let selector = Selector::deserialize(object.body.pointer("/spec/selector")?).ok()?;
            Some((index, object, selector))
        })
        .collect();
    if checks.len() < 2 {
        return;
    }
    let machines = machines(cluster);
    for (number, (index, object, selector)) in checks.iter().enumerate() {
        for (other_index, other, other_selector) in &checks[..number] {
            let is_apart = text(object, "/spec/clusterName") != text(other, "/spec/clusterName")
                || namespace(object, cluster) != namespace(other, cluster);
            if is_apart {
                continue;
            }
            let selected = |machines: &&Machines<'_>| {
                let label = |key: &str| machines.labels.get(key).copied();
                text(object, "/spec/clusterName") == machines.labels[CLUSTER_NAME]
                    && selector.holds(label)
                    && other_selector.holds(label)
            };
            let Some(both) = machines.iter().find(selected) else { continue };
            let message = format!(
                "`{}` and `{}` both watch the machines of `{}`",
                other.name(),
                object.name(),
                both.name
            );
            let found = finding(&RULE, (cluster, *index), &["spec", "selector"], message);
            let steps = ["spec".to_owned(), "selector".to_owned()];
            let found = found.related(cluster.place(*other_index, &steps), "the other check");
            let hint = "select by a label of these machines alone, or leave them to your own check with `repair: false`";
            report.push(rendered_for(found.hint(hint), cluster));
        }
    }
}

/// Returns the namespace of an object; the tenant's where it has none.
fn namespace<'e>(object: &'e Object, cluster: &'e EmittedCluster<'_, '_>) -> &'e str {
    match text(object, "/metadata/namespace") {
        "" => cluster.expanded.cluster.project.as_str(),
        written => written,
    }
}

const CLUSTER_NAME: &str = "cluster.x-k8s.io/cluster-name";

/// Returns what machines the objects make, with the labels that Cluster API 1.14 gives them.
fn machines<'e>(cluster: &'e EmittedCluster<'_, '_>) -> Vec<Machines<'e>> {
    let name = cluster.expanded.cluster.name.as_str();
    let of = |object: &'e Object| {
        let (pointer, own) = match (object.group(), object.kind()) {
            (GROUP, "MachineDeployment") => (
                "/spec/template/metadata/labels",
                vec![
                    (CLUSTER_NAME, text(object, "/spec/clusterName")),
                    ("cluster.x-k8s.io/deployment-name", object.name()),
                ],
            ),
            ("controlplane.cluster.x-k8s.io", "KubeadmControlPlane") => (
                "/spec/machineTemplate/metadata/labels",
                vec![
                    (CLUSTER_NAME, name),
                    ("cluster.x-k8s.io/control-plane", ""),
                    ("cluster.x-k8s.io/control-plane-name", object.name()),
                ],
            ),
            _ => return None,
        };
        let written = object.body.pointer(pointer).and_then(Value::as_object).into_iter().flatten();
        let written = written.filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)));
        Some(Machines { name: object.name(), labels: written.chain(own).collect() })
    };
    cluster.objects.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::{RULE, WRONG};
    use crate::check::fixture::findings;

    #[test]
    fn checks_overlap_where_some_machines_are_selected_by_both() {
        assert_eq!(
            findings(&RULE, WRONG).first().map(|found| found
                .split(": ")
                .last()
                .unwrap_or_default()
                .to_owned()),
            Some("rendered for `blue/web`".to_owned())
        );
        let with = |selector: &str| {
            findings(&RULE, &WRONG.replace("{matchLabels: {cluster.x-k8s.io/cluster-name: web}}", selector))
                .len()
        };
        assert_eq!(with("{matchLabels: {cluster.x-k8s.io/deployment-name: web-default}}"), 1);
        assert_eq!(with("{matchExpressions: [{key: pool, operator: Exists}]}"), 1);
        assert_eq!(with("{matchExpressions: [{key: pool, operator: NotIn, values: [default]}]}"), 0);
        assert_eq!(with("{matchLabels: {pool: other}}"), 0);
        let other = WRONG.replace(
            "{name: all}\n      spec: {clusterName: web",
            "{name: all}\n      spec: {clusterName: db",
        );
        assert!(findings(&RULE, &other).is_empty());
    }
}

//! Nothing switches the checks off that keep versions together.

use serde_json::Value;

use crate::check::made::{finding, rendered_for};
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Nothing switches the checks off that keep versions together.
pub const RULE: Rule = Rule {
    id: "preflight-skipped",
    severity: Severity::Warning,
    page: Page {
        summary: "no annotation keeps Cluster API from looking at versions before it makes machines",
        why: "These checks hold machines back that could not join, or that would join a control plane in the middle of its \
              upgrade. Whoever skips them for an hour forgets it for a year: a waiver says who, why, and until when.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineDeployment\n      metadata:\n        name: a\n        annotations: {machineset.cluster.x-k8s.io/skip-preflight-checks: All}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineDeployment\n      metadata: {name: a}\n",
    },
    check: Check::Cluster(check),
};

/// The annotations (Cluster API 1.14).
const SWITCHES: [&str; 3] = [
    "machineset.cluster.x-k8s.io/skip-preflight-checks",
    "unsafe.topology.cluster.x-k8s.io/disable-update-version-check",
    "unsafe.topology.cluster.x-k8s.io/disable-update-class-name-check",
];

fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    for (index, object) in cluster.objects.iter().enumerate() {
        let Some(annotations) = object.body.pointer("/metadata/annotations").and_then(Value::as_object)
        else {
            continue;
        };
        for switch in SWITCHES.iter().filter(|switch| annotations.contains_key(**switch)) {
            let message = format!("`{}` is made without looking at versions: `{switch}`", object.name());
            let found = finding(&RULE, (cluster, index), &["metadata", "annotations", switch], message);
            report.push(rendered_for(found, cluster));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn other_annotations_pass() {
        let other = RULE.page.wrong.replace("skip-preflight-checks", "skip-nothing");
        assert!(findings(&RULE, &other).is_empty());
    }
}

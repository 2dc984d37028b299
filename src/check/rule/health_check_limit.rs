//! A MachineHealthCheck says when it is not one machine that is sick.

use crate::check::made::{finding, of_kind, rendered_for};
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// A MachineHealthCheck says when it is not one machine that is sick.
pub const RULE: Rule = Rule {
    id: "health-check-limit",
    severity: Severity::Warning,
    page: Page {
        summary: "every MachineHealthCheck says how many sick machines it mends at most",
        why: "Without a limit all machines are taken away at once where none of them is to blame: a network, a registry or \
              the control plane is down. `remediation.triggerIf` holds it; `repair` of a pool writes it.",
        wrong: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineHealthCheck\n      metadata: {name: all}\n      spec:\n        clusterName: web\n        selector: {matchLabels: {a: b}}\n",
        right: "# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineHealthCheck\n      metadata: {name: all}\n      spec:\n        clusterName: web\n        selector: {matchLabels: {a: b}}\n        remediation: {triggerIf: {unhealthyLessThanOrEqualTo: 40%}}\n",
    },
    check: Check::Cluster(check),
};

/// Where a limit may stand, in v1beta2 and in v1beta1.
const LIMITS: [&str; 4] = [
    "/spec/remediation/triggerIf/unhealthyLessThanOrEqualTo",
    "/spec/remediation/triggerIf/unhealthyInRange",
    "/spec/maxUnhealthy",
    "/spec/unhealthyRange",
];

fn check(_: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    for (index, object) in of_kind(cluster, "cluster.x-k8s.io", "MachineHealthCheck") {
        if LIMITS.iter().all(|limit| object.body.pointer(limit).is_none()) {
            let message = format!("`{}` mends every machine at once where all seem sick", object.name());
            let found = finding(&RULE, (cluster, index), &["spec"], message);
            let hint = "give it `remediation: {triggerIf: {unhealthyLessThanOrEqualTo: 40%}}`, or a number";
            report.push(rendered_for(found.hint(hint), cluster));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_limit_of_the_older_api_is_one() {
        let older = RULE
            .page
            .wrong
            .replace("v1beta2", "v1beta1")
            .replace("selector:", "maxUnhealthy: 1\n        selector:");
        assert!(findings(&RULE, &older).is_empty());
    }
}

//! A control plane can vote, and can replace its machines.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// A control plane can vote, and can replace its machines.
pub const RULE: Rule = Rule {
    id: "control-plane-replicas",
    severity: Severity::Error,
    page: Page {
        summary: "a control plane of kubeadm has an odd number of machines; three, to roll in place",
        why: "Each machine of the control plane is a member of etcd: an even number survives no more failures than one \
              fewer, and Cluster API refuses it. With `maxSurge: 0` it takes a machine away before it makes a new one, \
              which it refuses below three.",
        wrong: "# clusters/web.yaml\nspec:\n  controlPlane: {replicas: 2}\n",
        right: "# clusters/web.yaml\nspec:\n  controlPlane: {replicas: 3, rollout: {maxSurge: 0}}\n",
    },
    check: Check::Specs(check),
};

/// How many machines a control plane has where it does not say.
const DEFAULT: i64 = 3;

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| match place::written(&cluster.spec, "controlPlane") {
        Some(control_plane) if specs.uses_kubeadm(cluster) => check_control_plane(control_plane),
        _ => Vec::new(),
    });
}

fn check_control_plane(control_plane: &Node) -> Vec<Diagnostic> {
    let replicas = place::integer(control_plane, "replicas").unwrap_or(DEFAULT);
    let at = place::at(control_plane, "/replicas");
    let mut found = Vec::new();
    if replicas % 2 == 0 {
        let message = format!(
            "a control plane of {replicas} machines survives no more failures than one of {}",
            replicas - 1
        );
        found.push(RULE.finding(at, message).label("expected an odd number"));
    }
    let surge = control_plane.at("/rollout/maxSurge").filter(|_| replicas < 3);
    if let Some(surge) = surge.filter(|surge| surge.to_json() == 0) {
        let message = format!("a control plane of {replicas} cannot roll without one more machine");
        found.push(
            RULE.finding(surge.location, message)
                .label("expected 1")
                .related(at, "the number of its machines"),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn one_machine_needs_one_more_to_roll() {
        let one = "# clusters/web.yaml\nspec: {controlPlane: {replicas: 1, rollout: {maxSurge: 0}}}\n";
        assert_eq!(findings(&RULE, one).len(), 1);
        let plain = "# clusters/web.yaml\nspec: {controlPlane: {replicas: 1}}\n";
        assert!(findings(&RULE, plain).is_empty());
    }

    #[test]
    fn a_control_plane_that_somebody_else_runs_may_say_what_it_likes() {
        let aws = "# clusters/web.yaml\nspec: {provider: aws, controlPlane: {replicas: 2}}\n";
        assert!(findings(&RULE, aws).is_empty());
    }
}

//! A control plane goes up one minor at a time, and never back.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::FormerCluster;
use crate::spec::cluster::Cluster;
use crate::spec::version::Minor;

/// A control plane goes up one minor at a time, and never back.
pub const RULE: Rule = Rule {
    id: "control-plane-step",
    severity: Severity::Error,
    page: Page {
        summary: "a control plane goes up one minor at a time, and never back",
        why: "The API server takes over what the one before it has stored, and knows only the minor before its own. \
              Cluster API refuses to leave out a minor, but lets a control plane go back, where it can no longer read \
              what it has stored: put the data back from a backup instead. `check` compares with the trunk, or with \
              `--base REV`. EKS goes through the minors by itself, so only the way back is looked at there.",
        wrong: "# clusters/web.yaml\nspec:\n  kubernetes: v1.35.1\n",
        right: "# clusters/web.yaml\nspec:\n  kubernetes: v1.36.0\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let Some(former) = specs.former else { return };
    for cluster in &specs.catalog.clusters {
        if let Some(before) = former.cluster(&cluster.identity()) {
            report.diagnostics.extend(step(cluster, before, specs.uses_kubeadm(cluster)));
        }
    }
}

fn step(cluster: &Cluster, before: &FormerCluster, uses_kubeadm: bool) -> Option<Diagnostic> {
    let (from, to) = (before.kubernetes.version, cluster.kubernetes);
    let next = Minor { minor: from.minor.minor + 1, ..from.minor };
    // EKS knows minors only, and goes through each of them by itself.
    let goes_back = if uses_kubeadm { to < from } else { to.minor < from.minor };
    let (message, hint) = if goes_back {
        let message = format!("`{}` would go back from {from} to {to}", cluster.identity());
        (message, format!("stay at {from}, or go on to a later version"))
    } else if uses_kubeadm && to.minor > next {
        let message =
            format!("`{}` would leave out {next} on its way from {from} to {to}", cluster.identity());
        (message, format!("go to a version of {next} first, and on when all its machines are there"))
    } else {
        return None;
    };
    let finding = RULE.finding(place::at(&cluster.spec, "/kubernetes"), message).label(format!("was {from}"));
    let finding = finding.related(before.kubernetes.place, "the version before").hint(hint);
    let is_own = finding.location.is_some_and(|at| at.file == cluster.document.location.file);
    Some(if is_own { finding } else { finding.related(place::cluster(cluster), "the cluster") })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    fn step(provider: &str, version: &str) -> Vec<String> {
        findings(
            &RULE,
            &format!("# clusters/web.yaml\nspec: {{provider: {provider}, kubernetes: {version}}}\n"),
        )
    }

    #[test]
    fn a_patch_back_and_a_minor_left_out_are_found() {
        assert_eq!(
            step("metal", "v1.35.1"),
            ["clusters/web.yaml `v1.35.1`: `blue/web` would go back from v1.35.2 to v1.35.1; \
              main:clusters/web.yaml `v1.35.2`: the version before"]
        );
        for (version, wrong) in
            [("v1.37.0", true), ("v1.34.9", true), ("v1.36.9", false), ("v1.35.2", false), ("v1.35.3", false)]
        {
            assert_eq!(!step("metal", version).is_empty(), wrong, "{version}");
        }
    }

    #[test]
    fn eks_goes_through_the_minors_by_itself_but_not_back() {
        for (version, wrong) in [("v1.37.0", false), ("v1.35.1", false), ("v1.34.9", true)] {
            assert_eq!(!step("aws", version).is_empty(), wrong, "{version}");
        }
    }

    #[test]
    fn a_new_cluster_comes_from_nowhere() {
        let moved = "# clusters/web.yaml\nspec: {project: green, kubernetes: v1.34.0}\n# clusters/db.yaml\nspec: {kubernetes: v1.34.0}\n";
        assert!(findings(&RULE, moved).is_empty());
    }
}

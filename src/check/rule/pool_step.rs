//! A pool never goes back.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::FormerCluster;
use crate::spec::cluster::Cluster;
use crate::spec::version::Version;
use crate::spec::yaml::Node;

/// A pool never goes back.
pub const RULE: Rule = Rule {
    id: "pool-step",
    severity: Severity::Error,
    page: Page {
        summary: "a pool never goes back to an earlier version",
        why: "Nothing refuses it, and its machines are replaced by older ones one by one. What has been installed for the \
              newer version since does not go back with them. `check` compares with the trunk, or with `--base REV`.",
        wrong: "# clusters/web.yaml\nspec:\n  nodePools: [{name: default, kubernetes: v1.34.6}]\n",
        right: "# clusters/web.yaml\nspec:\n  kubernetes: v1.36.0\n  nodePools: [{name: default, kubernetes: v1.35.2}]\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let Some(former) = specs.former else { return };
    for cluster in &specs.catalog.clusters {
        let Some(before) = former.cluster(&cluster.identity()) else { continue };
        let uses_kubeadm = specs.uses_kubeadm(cluster);
        let found = place::pools(cluster)
            .filter_map(|(name, pool)| step((name, pool), cluster, before, uses_kubeadm));
        report.diagnostics.extend(found);
    }
}

fn step(
    (name, pool): (&str, &Node),
    cluster: &Cluster,
    before: &FormerCluster,
    uses_kubeadm: bool,
) -> Option<Diagnostic> {
    let before = before.pools.get(name)?;
    // A pool that follows its control plane back needs no finding of its own.
    let node = place::written(pool, "kubernetes")?;
    let (from, to) = (before.version, node.as_str()?.parse::<Version>().ok()?);
    let goes_back = if uses_kubeadm { to < from } else { to.minor < from.minor };
    if !goes_back {
        return None;
    }
    let message = format!("the pool `{name}` of `{}` would go back from {from} to {to}", cluster.identity());
    let finding = RULE.finding(node.location, message).label(format!("was {from}"));
    let finding = finding.related(before.place, "the version before");
    Some(
        finding.hint(format!(
            "stay at {from}; a new pool may have any version that goes with the control plane"
        )),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_pool_that_is_new_or_stays_behind_does_not_go_back() {
        let pools = |pools: &str| {
            findings(
                &RULE,
                &format!("# clusters/web.yaml\nspec: {{kubernetes: v1.36.0, nodePools: [{pools}]}}\n"),
            )
        };
        assert!(pools("{name: default, kubernetes: v1.35.2}").is_empty());
        assert!(pools("{name: other, kubernetes: v1.34.0}").is_empty());
        assert_eq!(
            pools("{name: default, kubernetes: v1.35.1}"),
            [
                "clusters/web.yaml `v1.35.1`: the pool `default` of `blue/web` would go back from v1.35.2 to v1.35.1; \
              main:clusters/web.yaml `v1.35.2`: the version before"
            ]
        );
    }
}

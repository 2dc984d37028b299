//! Workers that kubeadm sets up have the minor of their control plane.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::version::Version;
use crate::spec::yaml::Node;

/// Workers that kubeadm sets up have the minor of their control plane.
pub const RULE: Rule = Rule {
    id: "pool-minor",
    severity: Severity::Warning,
    page: Page {
        summary: "a pool that kubeadm sets up has the minor of its control plane",
        why: "A machine joins with the kubeadm of its own minor, which must be the control plane's. While a pool lags \
              behind, Cluster API makes no machine of it: it can neither grow nor mend itself. It is the state between \
              the two steps of an upgrade; end it soon.",
        wrong: "# clusters/web.yaml\nspec:\n  kubernetes: v1.35.2\n  nodePools: [{name: default, kubernetes: v1.34.6}]\n",
        right: "# clusters/web.yaml\nspec:\n  kubernetes: v1.35.2\n  nodePools: [{name: default, kubernetes: v1.35.1}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| match specs.uses_kubeadm(cluster) {
        true => place::pools(cluster).filter_map(|(name, pool)| check_pool(name, pool, cluster)).collect(),
        false => Vec::new(),
    });
}

fn check_pool(name: &str, pool: &Node, cluster: &Cluster) -> Option<Diagnostic> {
    let node = place::written(pool, "kubernetes")?;
    let version: Version = node.as_str()?.parse().ok()?;
    // What is ahead of the control plane is an error of its own.
    if version.minor >= cluster.minor() {
        return None;
    }
    let message = format!("the pool `{name}` makes no machines while it is behind its control plane");
    let finding = RULE.finding(node.location, message).label(format!("{}", version.minor));
    let at = place::at(&cluster.spec, "/kubernetes");
    let finding = finding.related(at, format!("the control plane runs {}", cluster.minor()));
    Some(finding.hint("bring the pool to the control plane's minor to end the upgrade"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn what_is_not_set_up_by_kubeadm_may_lag() {
        let pool = "# clusters/web.yaml\nspec: {provider: aws, kubernetes: v1.35.2, nodePools: [{name: a, kubernetes: v1.34.6}]}\n";
        assert!(findings(&RULE, pool).is_empty());
    }
}

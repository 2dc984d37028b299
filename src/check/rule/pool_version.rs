//! Workers are not ahead of their control plane, nor far behind it.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::version::{Minor, Version};
use crate::spec::yaml::Node;

/// Workers are not ahead of their control plane, nor far behind it.
pub const RULE: Rule = Rule {
    id: "pool-version",
    severity: Severity::Error,
    page: Page {
        summary: "a pool's minor is not above its control plane's, and at most three below",
        why: "Kubernetes supports no kubelet that is newer than the API server, or more than three minors older. \
              Cluster API makes no machine of such a pool: it can neither grow nor mend itself.",
        wrong: "# clusters/web.yaml\nspec:\n  kubernetes: v1.35.2\n  nodePools: [{name: default, kubernetes: v1.36.0}]\n",
        right: "# clusters/web.yaml\nspec:\n  kubernetes: v1.36.0\n  nodePools: [{name: default, kubernetes: v1.35.2}]\n",
    },
    check: Check::Specs(check),
};

/// How many minors a kubelet may be older than the API server (Kubernetes' version skew policy).
const SKEW: u16 = 3;

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        place::pools(cluster).filter_map(|(name, pool)| check_pool(name, pool, cluster)).collect()
    });
}

fn check_pool(name: &str, pool: &Node, cluster: &Cluster) -> Option<Diagnostic> {
    let node = place::written(pool, "kubernetes")?;
    let version: Version = node.as_str()?.parse().ok()?;
    let (own, control_plane) = (version.minor, cluster.minor());
    let (what, hint) = if own > control_plane {
        (
            "is ahead of its control plane",
            "raise the control plane first, or take the pool's `kubernetes` away".to_owned(),
        )
    } else if own.major == control_plane.major && own.minor.saturating_add(SKEW) < control_plane.minor {
        let oldest = Minor { minor: control_plane.minor - SKEW, ..control_plane };
        (
            "is more than three minors behind its control plane",
            format!("bring the pool to {oldest} or later before the control plane goes on"),
        )
    } else {
        return None;
    };
    let finding = RULE.finding(node.location, format!("the pool `{name}` {what}"));
    let at = place::at(&cluster.spec, "/kubernetes");
    let finding =
        finding.label(format!("{own}")).related(at, format!("the control plane runs {control_plane}"));
    Some(finding.hint(hint))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn minors_decide_and_not_patches() {
        let pool = |version: &str| {
            format!(
                "# clusters/web.yaml\nspec: {{kubernetes: v1.35.2, nodePools: [{{name: a, kubernetes: {version}}}]}}\n"
            )
        };
        for (version, wrong) in [("v1.36.0", true), ("v1.35.9", false), ("v1.32.0", false), ("v1.31.9", true)]
        {
            assert_eq!(!findings(&RULE, &pool(version)).is_empty(), wrong, "{version}");
        }
    }
}

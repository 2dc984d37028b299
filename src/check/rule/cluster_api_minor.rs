//! Clusters run minors that their Cluster API supports.

use crate::check::clusters;
use crate::check::management;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::location::Location;
use crate::spec::cluster::Cluster;
use crate::spec::version::{Minor, Version};

/// Clusters run minors that their Cluster API supports.
pub const RULE: Rule = Rule {
    id: "cluster-api-minor",
    severity: Severity::Error,
    page: Page {
        summary: "every cluster and pool runs a minor that the Cluster API of its management cluster supports",
        why: "Each minor of Cluster API is tested with six minors of Kubernetes, and lacks what a newer one needs: kubeadm's \
              configuration, the versions of CoreDNS and etcd. `check` knows those of Cluster API 1.9 to 1.14.3; what \
              another release supports, `clusterApi.kubernetes` of the Fleet says.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.11\"}}]\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.11\", kubernetes: \">=1.28 <1.36\"}}]\n",
    },
    check: Check::World(check),
};

/// The oldest and the newest minor of workload clusters that the last patch of each minor of Cluster API supports, and that
/// patch. Source: "Kubernetes version support" in the notes of these releases, and the book's `reference/versions`.
const SUPPORTED: [(u16, u16, u16, &str); 6] = [
    (9, 26, 32, "1.9"),
    (10, 26, 33, "1.10"),
    (11, 28, 34, "1.11.1"),
    (12, 29, 36, "1.12.8"),
    (13, 30, 37, "1.13.6"),
    (14, 31, 37, "1.14.3"),
];

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let own = [(cluster.minor(), place::at(&cluster.spec, "/kubernetes"), String::new())];
        let pools = place::pools(cluster).filter_map(|(name, pool)| {
            let node = place::written(pool, "kubernetes")?;
            let version: Version = node.as_str()?.parse().ok()?;
            Some((version.minor, node.location, format!(" of the pool `{name}`")))
        });
        own.into_iter().chain(pools).filter_map(|one| check_minor(specs, cluster, one)).collect()
    });
}

fn check_minor(
    specs: &Specs<'_>,
    cluster: &Cluster,
    (minor, at, whose): (Minor, Location, String),
) -> Option<Diagnostic> {
    let management = specs.catalog.fleet.management(cluster.management.as_str())?;
    let api = &management.cluster_api;
    let field = if api.kubernetes.is_some() { "kubernetes" } else { "version" };
    let related = management::cluster_api(specs, &management.name, field);
    let message = format!("Cluster API {} does not support Kubernetes {minor}{whose}", api.version);
    let finding = RULE.finding(at, message);
    if let Some(range) = &api.kubernetes {
        let is_supported = range.contains(minor);
        let hint = "upgrade Cluster API first, or say in `clusterApi.kubernetes` what yours supports";
        return (!is_supported).then(|| finding.related(related, "the minors that it supports").hint(hint));
    }
    let (_, oldest, newest, patch) =
        SUPPORTED.iter().find(|(known, ..)| api.version == Minor { major: 1, minor: *known })?;
    let supported = Minor { major: 1, minor: *oldest }..=Minor { major: 1, minor: *newest };
    if supported.contains(&minor) {
        return None;
    }
    let finding = finding.label(format!("{patch} supports {} to {}", supported.start(), supported.end()));
    let hint =
        "upgrade Cluster API first; what another patch supports, `clusterApi.kubernetes` of the Fleet says";
    Some(finding.related(related, format!("the Cluster API of `{}`", management.name)).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn each_minor_of_cluster_api_supports_its_own_minors() {
        let found = |api: &str, version: &str| {
            findings(
                &RULE,
                &format!(
                    "# fleet.yaml\nspec: {{management: [{{name: management, clusterApi: {api}}}]}}\n\
                     # clusters/web.yaml\nspec: {{kubernetes: {version}}}\n"
                ),
            )
        };
        for (api, version, wrong) in [
            ("{version: '1.14'}", "v1.31.0", false),
            ("{version: '1.14'}", "v1.30.9", true),
            ("{version: '1.14'}", "v1.37.0", false),
            ("{version: '1.14'}", "v1.38.0", true),
            ("{version: '1.14', kubernetes: '>=1.31 <1.39'}", "v1.38.0", false),
            ("{version: '1.14', kubernetes: '>=1.33 <1.37'}", "v1.32.0", true),
            ("{version: '1.13'}", "v1.30.0", false),
            ("{version: '1.15'}", "v1.20.0", false),
        ] {
            assert_eq!(!found(api, version).is_empty(), wrong, "{api} {version}");
        }
    }

    #[test]
    fn a_pool_counts_too_and_defaults_are_named_once() {
        let defaults = "# clusters/_defaults.yaml\nspec: {nodePools: [{name: old, kubernetes: v1.30.1}]}\n# clusters/db.yaml\nspec: {}\n";
        assert_eq!(
            findings(&RULE, defaults),
            [
                "clusters/_defaults.yaml `v1.30.1`: Cluster API 1.14 does not support Kubernetes 1.30 of the pool `old`; \
              fleet.yaml `1.14`: the Cluster API of `management`; clusters/db.yaml `db`: inherited by `blue/db` and 1 more"
            ]
        );
    }
}

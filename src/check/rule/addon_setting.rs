//! Clusters set what an addon has.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::addon::{Addon, Source};
use crate::spec::cluster::Cluster;

/// Clusters set what an addon has.
pub const RULE: Rule = Rule {
    id: "addon-setting",
    severity: Severity::Error,
    page: Page {
        summary: "a cluster sets a `version` only where an addon's source has one, `values` where it takes some",
        why: "A chart and an addon of EKS have a version; a kustomization and manifests are read as they lie in the \
              cluster's release. A kustomization takes no values. Set all the same, they would silently not hold.",
        wrong: "# clusters/web.yaml\nspec:\n  addons: {metrics: {version: 1.2.3}}\n\
                # addons/metrics/addon.yaml\nspec:\n  source: {helm: null, manifests: {path: addons/metrics/manifests}}\n",
        right: "# clusters/web.yaml\nspec:\n  addons: {metrics: {version: 1.2.3}}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let addons = &specs.catalog.content(cluster).addons;
        addons.values().flat_map(|addon| check_setting(cluster, addon)).collect()
    });
}

fn check_setting(cluster: &Cluster, addon: &Addon) -> Vec<Diagnostic> {
    let Some(setting) = cluster.addon(&addon.name).node else { return Vec::new() };
    let refused: &[&str] = match addon.source(cluster.minor()) {
        Ok(Source::Kustomize { .. }) => &["version", "values"],
        Ok(Source::Manifests { .. }) => &["version"],
        Ok(Source::Helm(_) | Source::Eks(_) | Source::Access) | Err(_) => &[],
    };
    let written = refused.iter().filter(|field| place::written(&setting, field).is_some());
    let finding = |field: &&str| {
        let message = format!("`{}` takes no `{field}` on Kubernetes {}", addon.name, cluster.minor());
        let source = addon.source_node(cluster.minor());
        let at = source
            .entries()
            .and_then(|entries| entries.first())
            .map_or(source.location, |entry| entry.key_location);
        RULE.finding(place::key(&setting, field), message).related(at, "its source")
    };
    written.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn the_source_of_the_clusters_own_release_decides() {
        let addon = "# addons/metrics/addon.yaml\nspec: {source: {helm: null, kustomize: {path: addons/metrics/k}}}\n";
        let cluster = |release: &str| {
            format!("{addon}# clusters/web.yaml\nspec: {{{release}addons: {{metrics: {{version: a}}}}}}\n")
        };
        assert_eq!(findings(&RULE, &cluster("")).len(), 1);
        assert!(findings(&RULE, &cluster("release: v1.35-ake.261121, ")).is_empty());
    }

    #[test]
    fn the_source_of_the_clusters_own_minor_decides() {
        let addon = "# addons/metrics/addon.yaml\nspec: {perMinor: [{kubernetes: \"1.35\", source: {kustomize: {path: addons/metrics/k}}}]}\n";
        let cluster = |version: &str| {
            format!(
                "{addon}# clusters/web.yaml\nspec: {{kubernetes: {version}, addons: {{metrics: {{version: a, values: {{b: c}}}}}}}}\n"
            )
        };
        assert_eq!(findings(&RULE, &cluster("v1.35.2")).len(), 2);
        assert!(findings(&RULE, &cluster("v1.36.0")).is_empty());
    }
}

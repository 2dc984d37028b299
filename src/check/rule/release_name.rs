//! Helm takes the names of releases.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::addon::{Addon, Placement, Source};

/// Helm takes the names of releases.
pub const RULE: Rule = Rule {
    id: "release-name",
    severity: Severity::Error,
    page: Page {
        summary: "`<addon>-<cluster>` has at most 53 characters for a chart on the management cluster",
        why: "Helm takes no longer name for a release, and charts cut the names of what they make at 63, so that two \
              would become one.",
        wrong: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  enable: {default: true}\n\
                # clusters/a-cluster-whose-name-is-really-quite-long-for-a-name.yaml\nspec:\n  paused: false\n",
        right: "# addons/metrics/addon.yaml\nspec:\n  placement: management\n  enable: {default: true}\n\
                # clusters/a-cluster-whose-name-is-just-short-enough-001.yaml\nspec:\n  paused: false\n",
    },
    check: Check::Specs(check),
};

/// The most characters that Helm takes (pkg/chartutil, `ValidateReleaseName`).
const MOST: usize = 53;

fn check(specs: &Specs<'_>, report: &mut Report) {
    let longest = specs.catalog.clusters.iter().map(|cluster| cluster.name.as_str().len()).max().unwrap_or(0);
    let may_be_long = |addon: &&Addon| {
        addon.spec.placement == Placement::Management && addon.name.as_str().len() + 1 + longest > MOST
    };
    for addon in specs.catalog.addons.values().filter(may_be_long) {
        for cluster in specs.clusters_with(addon) {
            let name = format!("{}-{}", addon.name, cluster.name);
            let source = addon.source(cluster.minor());
            let named_after_it = matches!(source, Ok(Source::Helm(helm)) if helm.release_name.is_none());
            if !named_after_it || name.len() <= MOST {
                continue;
            }
            let message = format!("the release `{name}` has {} characters; Helm takes {MOST}", name.len());
            let finding = RULE.finding(place::cluster(cluster), message).label("the cluster's part");
            report.push(finding.related(place::addon(addon), "the addon's part"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn an_addon_on_the_workload_cluster_has_the_name_to_itself() {
        let addon = "# addons/metrics/addon.yaml\nspec: {placement: workload, enable: {default: true}}\n";
        let cluster = "# clusters/a-cluster-whose-name-is-really-quite-long-for-a-name.yaml\n{}\n";
        assert!(findings(&RULE, &format!("{addon}{cluster}")).is_empty());
    }

    #[test]
    fn a_cluster_on_which_the_addon_is_off_has_no_release() {
        let addon = "# addons/metrics/addon.yaml\nspec: {placement: management}\n";
        let cluster = "# clusters/a-cluster-whose-name-is-really-quite-long-for-a-name.yaml\n{}\n";
        assert!(findings(&RULE, &format!("{addon}{cluster}")).is_empty());
    }
}

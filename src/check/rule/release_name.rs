//! Helm takes the names of releases.

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::application::release_name;
use crate::spec::addon::{Addon, Placement, Source};
use crate::spec::version::Minor;

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
        let own = longest_release_name(addon, &specs.catalog.fleet.spec.minors);
        addon.spec.placement == Placement::Management && own + 1 + longest > MOST
    };
    for addon in specs.addons().filter(may_be_long) {
        for cluster in specs.clusters_with(addon) {
            let Ok(Source::Helm(helm)) = addon.source(cluster.minor()) else { continue };
            let name = release_name(&helm, addon, cluster.name.as_str());
            if name.len() <= MOST {
                continue;
            }
            let message = format!("the release `{name}` has {} characters; Helm takes {MOST}", name.len());
            let finding = RULE.finding(place::cluster(cluster), message).label("the cluster's part");
            let node = addon.source_node(cluster.minor());
            let own = node.at("/helm/releaseName").map_or(place::addon(addon), |node| node.location);
            report.push(
                finding
                    .related(own, "the addon's part")
                    .hint("`releaseName` can be shorter than the addon's name"),
            );
        }
    }
}

/// Returns the most characters that an addon gives to the names of its releases.
fn longest_release_name(addon: &Addon, minors: &[Minor]) -> usize {
    let of = |minor: &Minor| match addon.source(*minor) {
        Ok(Source::Helm(helm)) => Some(helm.release_name.unwrap_or_else(|| addon.name.to_string()).len()),
        _ => None,
    };
    minors.iter().filter_map(of).max().unwrap_or(0)
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
    fn a_shorter_release_name_helps() {
        let addon = "# addons/metrics/addon.yaml\nspec: {placement: management, enable: {default: true}, source: {helm: {releaseName: m}}}\n";
        let cluster = "# clusters/a-cluster-whose-name-is-really-quite-long-for-a.yaml\n{}\n";
        assert!(findings(&RULE, &format!("{addon}{cluster}")).is_empty());
    }

    #[test]
    fn a_cluster_on_which_the_addon_is_off_has_no_release() {
        let addon = "# addons/metrics/addon.yaml\nspec: {placement: management}\n";
        let cluster = "# clusters/a-cluster-whose-name-is-really-quite-long-for-a-name.yaml\n{}\n";
        assert!(findings(&RULE, &format!("{addon}{cluster}")).is_empty());
    }
}

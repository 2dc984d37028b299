//! Applications have names of their own.

use std::collections::BTreeMap;

use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::emit::look_up::normalized;
use crate::spec::addon::Addon;
use crate::spec::cluster::Cluster;
use crate::spec::fleet::Management;

/// Applications have names of their own.
pub const RULE: Rule = Rule {
    id: "application-name",
    severity: Severity::Error,
    page: Page {
        summary: "Applications have a name `<addon>-<cluster>` of their own, of at most 253 characters",
        why: "All Applications lie in Argo CD's namespace. Addon `a` on a cluster shown as `b-c` and addon `a-b` on a \
              cluster shown as `c` would be one Application, which two ApplicationSets fight over; addon `cluster-x` \
              could take the name of the Application that reads a cluster's folder, `cluster-<project>-<cluster>`.",
        wrong: "# addons/cilium-blue/addon.yaml\nspec:\n  enable: {default: true}\n\
                # fleet.yaml\nspec:\n  management: [{name: management, argocd: {clusterName: \"{name}\"}}]\n\
                # clusters/blue-web.yaml\nspec:\n  paused: false\n",
        right: "# addons/cilium-extra/addon.yaml\nspec:\n  enable: {default: true}\n\
                # fleet.yaml\nspec:\n  management: [{name: management, argocd: {clusterName: \"{name}\"}}]\n\
                # clusters/blue-web.yaml\nspec:\n  paused: false\n",
    },
    check: Check::Specs(check),
};

/// The most characters of a name.
const MOST: usize = 253;

fn check(specs: &Specs<'_>, report: &mut Report) {
    for management in &specs.catalog.fleet.spec.management {
        let clusters = specs.catalog.clusters.iter().filter(|cluster| cluster.management == management.name);
        let shown = |cluster: &Cluster| normalized(&management.cluster_name(&cluster.project, &cluster.name));
        let shown: BTreeMap<String, &Cluster> = clusters.map(|cluster| (shown(cluster), cluster)).collect();
        check_lengths(specs, &shown, report);
        check_addons(specs, &shown, report);
        check_folders(specs, management, &shown, report);
    }
}

fn check_lengths(specs: &Specs<'_>, shown: &BTreeMap<String, &Cluster>, report: &mut Report) {
    let Some(longest) = specs.addons().max_by_key(|addon| addon.name.as_str().len()) else {
        return;
    };
    for (name, cluster) in shown {
        let length = longest.name.as_str().len() + 1 + name.len();
        if length > MOST {
            let message = format!(
                "the Application `{}-{name}` has {length} characters; {MOST} are taken",
                longest.name
            );
            let finding = RULE.finding(place::cluster(cluster), message);
            report.push(finding.related(place::addon(longest), "the addon's part"));
        }
    }
}

/// Compares every addon with those whose name goes on where its own ends: no others can make one name.
fn check_addons(specs: &Specs<'_>, shown: &BTreeMap<String, &Cluster>, report: &mut Report) {
    let addons: Vec<&Addon> = specs.catalog.emitted_addons().into_values().map(|(_, addon)| addon).collect();
    let addons = || addons.iter().copied();
    for (short, long, rest) in addons().flat_map(|short| longer_than(short, addons())) {
        for (name, cluster) in shown {
            let Some(other) = shown.get(&format!("{rest}-{name}")) else { continue };
            if !specs.is_on(&short.name, other) || !specs.is_on(&long.name, cluster) {
                continue;
            }
            let message = format!(
                "`{}` on `{}` and `{}` on `{}` would be one Application `{}-{name}`",
                short.name,
                other.identity(),
                long.name,
                cluster.identity(),
                long.name
            );
            let finding = RULE.finding(place::addon(long), message);
            let finding = finding.related(place::addon(short), "the other addon");
            report.push(
                finding
                    .related(place::cluster(cluster), "one cluster")
                    .related(place::cluster(other), "the other"),
            );
        }
    }
}

/// Returns the addons whose name is that of `short`, `-` and some rest, each with the rest.
fn longer_than<'a>(
    short: &'a Addon,
    addons: impl Iterator<Item = &'a Addon>,
) -> impl Iterator<Item = (&'a Addon, &'a Addon, &'a str)> {
    addons.filter_map(move |long| {
        let rest = long.name.as_str().strip_prefix(short.name.as_str())?.strip_prefix('-')?;
        Some((short, long, rest))
    })
}

/// Compares addons called `cluster-…` with the Applications of the clusters' folders.
fn check_folders(
    specs: &Specs<'_>,
    management: &Management,
    shown: &BTreeMap<String, &Cluster>,
    report: &mut Report,
) {
    let clusters = specs.catalog.clusters.iter().filter(|cluster| cluster.management == management.name);
    let folders: BTreeMap<String, &Cluster> =
        clusters.map(|cluster| (cluster.secret_name(), cluster)).collect();
    let alike = |addon: &&Addon| addon.name.as_str().starts_with("cluster-");
    let addons = specs.catalog.emitted_addons().into_values().map(|(_, addon)| addon);
    for addon in addons.filter(alike) {
        for (name, cluster) in shown {
            let application = format!("{}-{name}", addon.name);
            let Some(folder) = folders.get(&application).filter(|_| specs.is_on(&addon.name, cluster)) else {
                continue;
            };
            let message = format!(
                "`{}` on `{}` would have the name of the Application of `{}`'s folder, `{application}`",
                addon.name,
                cluster.identity(),
                folder.identity()
            );
            let finding =
                RULE.finding(place::addon(addon), message).related(place::cluster(cluster), "one cluster");
            report.push(finding.related(place::cluster(folder), "the other"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    const FLEET: &str = "# fleet.yaml\nspec: {management: [{name: management, argocd: {clusterName: \"{name}\"}}]}\n# clusters/blue-web.yaml\n{}\n";

    #[test]
    fn an_addon_that_is_off_has_no_application() {
        let addon = |on: bool| {
            format!("{FLEET}# addons/cilium-blue/addon.yaml\nspec: {{enable: {{default: {on}}}}}\n")
        };
        assert_eq!(findings(&RULE, &addon(true)).len(), 1);
        assert!(findings(&RULE, &addon(false)).is_empty());
    }

    #[test]
    fn the_applications_of_the_clusters_folders_have_names_too() {
        let addon = "# addons/cluster-autoscaler/addon.yaml\nspec: {enable: {default: true}}\n";
        let tenant = "# tenants/autoscaler.yaml\n{}\n# clusters/blue-web.yaml\nspec: {project: autoscaler}\n";
        let found = findings(&RULE, &format!("{addon}{tenant}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("`cluster-autoscaler-blue-web`"), "{found:?}");
    }
}

//! A network reaches every cluster.

use std::collections::BTreeMap;

use crate::check::companion::Companion;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::expand::ExpandedCluster;
use crate::spec::addon::Addon;
use crate::spec::cluster::Cluster;

/// What an addon that brings a network provides.
const CAPABILITY: &str = "cni";

/// Kinds by which others than addons bring a network.
const BRINGERS: [&str; 3] = ["ClusterResourceSet", "HelmChartProxy", "HelmRelease"];

/// A network reaches every cluster.
pub const RULE: Rule = Rule {
    id: "cluster-cni",
    severity: Severity::Warning,
    page: Page {
        summary: "an addon that provides `cni` is on for every cluster that kubeadm sets up",
        why: "kubeadm brings no network: without one no node becomes ready, and machine health checks replace them for \
              ever. A control plane that a cloud manages brings its own. So may a companion object, such as a \
              ClusterResourceSet; where commands of the machines do, a waiver says so.",
        wrong: "# clusters/web.yaml\nspec:\n  addons: {cilium: false}\n",
        right: "# clusters/web.yaml\nspec:\n  addons: {cilium: true}\n",
    },
    check: Check::World(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let mut without_any: BTreeMap<Option<&str>, Vec<&Cluster>> = BTreeMap::new();
    for on in specs.expanded().filter(|on| lacks_network(specs, on)) {
        let cluster = on.cluster;
        match on.content.addons.values().find(|addon| provides(addon)) {
            Some(first) => {
                let hint = format!("switch one on, such as `{}`", first.name);
                let finding = finding(cluster).related(place::addon(first), "it provides one");
                report.push(finding.hint(hint));
            }
            // Of a tree that knows no networks it is said once.
            None => {
                let release = cluster.release.as_ref().map(|release| release.as_str());
                without_any.entry(release).or_default().push(cluster);
            }
        }
    }
    for clusters in without_any.into_values().flat_map(|all| specs.waivers.apart(RULE.id, all)) {
        let Some((first, others)) = clusters.split_first() else { continue };
        let hint =
            format!("no addon says `provides: [{CAPABILITY}]`: add that to the one that brings the network");
        let finding = finding(first).hint(hint);
        report.push(match others.len() {
            0 => finding,
            more => finding.label(format!("and {more} more")),
        });
    }
}

fn finding(cluster: &Cluster) -> Diagnostic {
    RULE.finding(place::cluster(cluster), format!("no network reaches `{}`", cluster.identity()))
}

fn provides(addon: &Addon) -> bool {
    addon.spec.provides.iter().any(|provided| provided.as_str() == CAPABILITY)
}

fn lacks_network(specs: &Specs<'_>, on: &ExpandedCluster<'_>) -> bool {
    specs.uses_kubeadm(on.cluster)
        && !on.addons.iter().any(|installed| provides(installed.addon))
        && !Companion::of(on.cluster).any(|companion| BRINGERS.contains(&companion.kind))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn a_managed_control_plane_and_a_companion_object_bring_a_network() {
        let cluster =
            |rest: &str| format!("# clusters/web.yaml\nspec: {{addons: {{cilium: false}}, {rest}}}\n");
        assert_eq!(
            findings(&RULE, &cluster("paused: false")),
            [
                "clusters/web.yaml `web`: no network reaches `blue/web`; addons/cilium/addon.yaml `cilium`: it provides one"
            ]
        );
        assert!(findings(&RULE, &cluster("provider: aws")).is_empty());
        let object = "objects: [{apiVersion: addons.cluster.x-k8s.io/v1beta2, kind: ClusterResourceSet, metadata: {name: cni}}]";
        assert!(findings(&RULE, &cluster(object)).is_empty());
        let object = "objects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: cni}}]";
        assert_eq!(findings(&RULE, &cluster(object)).len(), 1);
    }

    #[test]
    fn a_fleet_that_knows_no_networks_is_told_once() {
        let addon = "# addons/cilium/addon.yaml\nspec: {provides: []}\n";
        let found = findings(&RULE, &format!("{addon}# clusters/a.yaml\nspec: {{paused: false}}\n"));
        assert_eq!(found, ["clusters/a.yaml `a`: no network reaches `blue/a`"]);
    }
}

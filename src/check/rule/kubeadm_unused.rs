//! Nobody configures a kubeadm that does not run.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// Nobody configures a kubeadm that does not run.
pub const RULE: Rule = Rule {
    id: "kubeadm-unused",
    severity: Severity::Error,
    page: Page {
        summary: "`kubeadm` is only written for providers that use it",
        why: "Nothing reads `kubeadm` on a provider whose machines are set up otherwise: what is written there would \
              silently not hold. Where defaults have it, `kubeadm: null` in the provider's folder takes it away.",
        wrong: "# clusters/web.yaml\nspec:\n  provider: aws\n  kubeadm: {preKubeadmCommands: [swapoff -a]}\n",
        right: "# clusters/web.yaml\nspec:\n  provider: metal\n  kubeadm: {preKubeadmCommands: [swapoff -a]}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| match specs.uses_kubeadm(cluster) {
        true => Vec::new(),
        false => blocks(cluster).map(|map| finding(map, cluster)).collect(),
    });
}

/// Returns every map that holds a `kubeadm` which is not empty.
fn blocks(cluster: &Cluster) -> impl Iterator<Item = &Node> {
    let control_plane = place::written(&cluster.spec, "controlPlane");
    let pools = place::pools(cluster).map(|(_, pool)| pool);
    let holds = |map: &&Node| {
        place::written(map, "kubeadm")
            .is_some_and(|block| block.entries().is_some_and(|entries| !entries.is_empty()))
    };
    std::iter::once(&cluster.spec).chain(control_plane).chain(pools).filter(holds)
}

fn finding(map: &Node, cluster: &Cluster) -> Diagnostic {
    let message = format!("the provider `{}` does not use kubeadm", cluster.provider);
    let finding = RULE.finding(place::key(map, "kubeadm"), message).label("nothing would read this");
    finding.related(place::at(&cluster.spec, "/provider"), "the provider")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn blocks_of_pools_and_the_control_plane_are_found_and_what_is_taken_away_is_not() {
        let cluster = |rest: &str| format!("# clusters/web.yaml\nspec: {{provider: aws, {rest}}}\n");
        let all = "controlPlane: {kubeadm: {format: ignition}}, nodePools: [{name: a, kubeadm: {format: ignition}}]";
        assert_eq!(findings(&RULE, &cluster(all)).len(), 2);
        let defaults = "# clusters/_defaults.yaml\nspec: {kubeadm: {format: ignition}}\n";
        let inherited = findings(&RULE, &format!("{defaults}{}", cluster("paused: false")));
        assert_eq!(inherited.len(), 1);
        assert!(inherited[0].contains("inherited by `blue/web`"), "{inherited:?}");
        assert!(findings(&RULE, &format!("{defaults}{}", cluster("kubeadm: null"))).is_empty());
    }
}

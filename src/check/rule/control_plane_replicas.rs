//! A control plane can vote, and can replace its machines.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// A control plane can vote, and can replace its machines.
pub const RULE: Rule = Rule {
    id: "control-plane-replicas",
    severity: Severity::Error,
    page: Page {
        summary: "a control plane of kubeadm has an odd number of machines; three, to roll in place",
        why: "Each machine of the control plane is a member of etcd: an even number survives no more failures than one \
              fewer, and Cluster API refuses it. With `maxSurge: 0` it takes a machine away before it makes a new one, \
              which it refuses below three. Where etcd runs elsewhere (`etcd.external` in the template or a patch), any number will do.",
        wrong: "# clusters/web.yaml\nspec:\n  controlPlane: {replicas: 2}\n",
        right: "# clusters/web.yaml\nspec:\n  controlPlane: {replicas: 3, rollout: {maxSurge: 0}}\n",
    },
    check: Check::Specs(check),
};

/// How many machines a control plane has where it does not say.
const DEFAULT: i64 = 3;

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| match place::written(&cluster.spec, "controlPlane") {
        Some(control_plane) if specs.uses_kubeadm(cluster) => {
            check_control_plane(control_plane, || has_etcd_elsewhere(specs, cluster))
        }
        _ => Vec::new(),
    });
}

/// Returns whether the template of a cluster, or a patch on it, says where an etcd runs that its control plane does not.
fn has_etcd_elsewhere(specs: &Specs<'_>, cluster: &Cluster) -> bool {
    let providers = &specs.catalog.content(cluster).providers;
    let templates = providers.get(&cluster.provider).map(|provider| provider.templates.as_slice());
    let is_in_template = templates.unwrap_or_default().iter().any(|(_, file)| {
        let text = String::from_utf8_lossy(&specs.sources.get(*file).bytes);
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut is_etcd = false;
        lines.any(|line| std::mem::replace(&mut is_etcd, line == "etcd:") && line.starts_with("external:"))
    });
    let fleet = specs.catalog.fleet.document.get("spec");
    let patches = fleet.into_iter().chain([&cluster.spec]).flat_map(|spec| place::items(spec, "patches"));
    let is_plane =
        |patch: &&Node| patch.at("/target/kind").and_then(Node::as_str) == Some("KubeadmControlPlane");
    is_in_template || patches.filter(is_plane).any(says_etcd_elsewhere)
}

fn says_etcd_elsewhere(patch: &Node) -> bool {
    let etcd = "/kubeadmConfigSpec/clusterConfiguration/etcd";
    let is_merged = patch.at(&format!("/merge/spec{etcd}/external")).is_some();
    is_merged
        || place::items(patch, "json").iter().any(|operation| {
            let path = operation.get("path").and_then(Node::as_str).unwrap_or_default();
            let rest = path.strip_prefix("/spec").and_then(|path| path.strip_prefix(etcd));
            match rest {
                Some("") => operation.at("/value/external").is_some(),
                Some(rest) => rest.starts_with("/external"),
                None => false,
            }
        })
}

fn check_control_plane(control_plane: &Node, has_etcd_elsewhere: impl Fn() -> bool) -> Vec<Diagnostic> {
    let replicas = place::integer(control_plane, "replicas").unwrap_or(DEFAULT);
    let at = place::at(control_plane, "/replicas");
    let mut found = Vec::new();
    if replicas % 2 == 0 && !has_etcd_elsewhere() {
        let message = format!(
            "a control plane of {replicas} machines survives no more failures than one of {}",
            replicas - 1
        );
        let hint = format!("set `replicas: {}`, or `{}`", replicas + 1, (replicas - 1).max(1));
        found.push(RULE.finding(at, message).label("expected an odd number").hint(hint));
    }
    let surge = control_plane.at("/rollout/maxSurge").filter(|_| replicas < 3);
    if let Some(surge) = surge.filter(|surge| surge.to_json() == 0) {
        let message = format!("a control plane of {replicas} cannot roll without one more machine");
        found.push(
            RULE.finding(surge.location, message)
                .label("expected 1")
                .related(at, "the number of its machines")
                .hint("set `maxSurge: 1`, or have three machines"),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn one_machine_needs_one_more_to_roll() {
        let one = "# clusters/web.yaml\nspec: {controlPlane: {replicas: 1, rollout: {maxSurge: 0}}}\n";
        assert_eq!(findings(&RULE, one).len(), 1);
        let plain = "# clusters/web.yaml\nspec: {controlPlane: {replicas: 1}}\n";
        assert!(findings(&RULE, plain).is_empty());
    }

    #[test]
    fn an_etcd_that_runs_elsewhere_has_members_of_its_own() {
        let patched = |kind: &str, patch: &str| {
            let spec = format!(
                "{{controlPlane: {{replicas: 2}}, patches: [{{target: {{kind: {kind}}}, {patch}}}]}}"
            );
            findings(&RULE, &format!("# clusters/web.yaml\nspec: {spec}\n")).len()
        };
        let merge = "merge: {spec: {kubeadmConfigSpec: {clusterConfiguration: {etcd: {external: {endpoints: [https://e]}}}}}}";
        let json = "json: [{op: add, path: /spec/kubeadmConfigSpec/clusterConfiguration/etcd, value: {external: {}}}]";
        assert_eq!([merge, json].map(|patch| patched("KubeadmControlPlane", patch)), [0, 0]);
        assert_eq!(patched("KubeadmConfigTemplate", merge), 1);
        assert_eq!(patched("KubeadmControlPlane", &merge.replace("external", "local")), 1);
        let template = |field: &str| {
            format!(
                "# templates/metal/cluster.yaml.j2\nkind: KubeadmControlPlane\nspec:\n  etcd:\n    {field}:\n      endpoints: []\n\
                 # clusters/web.yaml\nspec: {{controlPlane: {{replicas: 2}}}}\n"
            )
        };
        assert!(findings(&RULE, &template("external")).is_empty());
        assert_eq!(findings(&RULE, &template("local")).len(), 1);
    }

    #[test]
    fn a_control_plane_that_somebody_else_runs_may_say_what_it_likes() {
        let aws = "# clusters/web.yaml\nspec: {provider: aws, controlPlane: {replicas: 2}}\n";
        assert!(findings(&RULE, aws).is_empty());
    }
}

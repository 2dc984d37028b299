//! Labels that somebody else writes are left to them.

use crate::check::clusters;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// Labels that somebody else writes are left to them.
pub const RULE: Rule = Rule {
    id: "label-reserved",
    severity: Severity::Error,
    page: Page {
        summary: "a cluster has no label that Argo CD, Cluster API or yoshino write themselves",
        why: "Those labels decide which cluster Secret is one, which machines belong to which pool and which addons a \
              cluster has. Reserved are `argocd.argoproj.io/*`, `cluster.x-k8s.io/*`, `app.kubernetes.io/instance`, \
              `<domain>/*` and `addons.<domain>/*`.",
        wrong: "# clusters/web.yaml\nmetadata:\n  labels: {addons.ake.example.com/cilium: \"false\"}\n",
        right: "# clusters/web.yaml\nmetadata:\n  labels: {tier: production, node.cluster.x-k8s.io/size: large}\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    let domain = &specs.catalog.fleet.spec.label_domain;
    let addons = format!("addons.{domain}");
    let whose = |key: &str| match key.split_once('/') {
        Some(("argocd.argoproj.io", _)) | Some(("app.kubernetes.io", "instance")) => {
            Some("Argo CD writes it itself")
        }
        Some(("cluster.x-k8s.io", _)) => Some("Cluster API writes it itself"),
        Some((prefix, _)) if prefix == domain || prefix == addons => Some("yoshino writes it itself"),
        _ => None,
    };
    clusters::each(specs, report, |cluster| {
        let mut found = Vec::new();
        for labels in label_maps(cluster) {
            for entry in labels.entries().unwrap_or_default().iter().filter(|entry| !entry.value.is_null()) {
                if let Some(whose) = whose(&entry.key) {
                    let message = format!("the label `{}` is reserved", entry.key);
                    found.push(RULE.finding(entry.key_location, message).label(whose));
                }
            }
        }
        found
    });
}

/// Returns every map of labels that a cluster has.
fn label_maps(cluster: &Cluster) -> impl Iterator<Item = &Node> {
    let own = cluster.document.at("/metadata/labels");
    let control_plane = cluster.spec.at("/controlPlane/labels");
    let pools = place::pools(cluster).filter_map(|(_, pool)| pool.get("labels"));
    own.into_iter().chain(cluster.spec.get("labels")).chain(control_plane).chain(pools)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn labels_of_all_kinds_are_looked_at() {
        let cluster = |key: &str| {
            format!(
                "# clusters/web.yaml\nmetadata: {{labels: {{{key}: a}}}}\nspec: {{labels: {{{key}: a}}, controlPlane: {{labels: {{{key}: a}}}}, nodePools: [{{name: b, labels: {{{key}: a}}}}]}}\n"
            )
        };
        for key in [
            "argocd.argoproj.io/secret-type",
            "cluster.x-k8s.io/cluster-name",
            "app.kubernetes.io/instance",
            "ake.example.com/version",
        ] {
            assert_eq!(findings(&RULE, &cluster(key)).len(), 4, "{key}");
        }
        for key in
            ["app.kubernetes.io/name", "x.ake.example.com/version", "version", "node-role.kubernetes.io/gpu"]
        {
            assert!(findings(&RULE, &cluster(key)).is_empty(), "{key}");
        }
    }
}

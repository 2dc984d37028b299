//! Companion objects are not those that yoshino emits itself.

use crate::check::clusters;
use crate::check::companion::Companion;
use crate::check::place;
use crate::check::{Check, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};
use crate::spec::cluster::Cluster;
use crate::spec::yaml::Node;

/// Companion objects are not those that yoshino emits itself.
pub const RULE: Rule = Rule {
    id: "companion-own",
    severity: Severity::Error,
    page: Page {
        summary: "no companion object is one that is emitted anyway",
        why: "Of two objects with one kind and name in a folder Argo CD applies either. What is emitted for clusters, \
              tenants and addons is changed in their specs, or by patches.",
        wrong: "# clusters/web.yaml\nspec:\n  objects: [{apiVersion: v1, kind: Namespace, metadata: {name: blue}}]\n",
        right: "# clusters/web.yaml\nspec:\n  objects: [{apiVersion: v1, kind: Namespace, metadata: {name: blue-tools}}]\n",
    },
    check: Check::Specs(check),
};

fn check(specs: &Specs<'_>, report: &mut Report) {
    clusters::each(specs, report, |cluster: &Cluster| {
        let own = |object: &Companion<'_>| is_emitted(specs, cluster, object);
        let finding = |object: Companion<'_>| {
            let message = format!("the {} `{}` is emitted anyway", object.kind, object.name);
            let finding = RULE.finding(place::at(object.node, "/metadata/name"), message);
            finding.hint("a patch changes what is emitted")
        };
        Companion::of(cluster).filter(own).map(finding).collect()
    });
}

/// Returns whether an object of this kind and name is emitted for the cluster, its tenant or an addon.
fn is_emitted(specs: &Specs<'_>, cluster: &Cluster, object: &Companion<'_>) -> bool {
    let catalog = specs.catalog;
    let Some(management) = catalog.fleet.management(cluster.management.as_str()) else { return false };
    let in_argocd = object.namespace == management.argocd.namespace.as_str();
    let in_tenant = object.namespace == cluster.project.as_str();
    match (object.group, object.kind) {
        ("", "Namespace") => catalog.tenants.contains_key(object.name),
        ("", "Secret") => {
            in_argocd && catalog.clusters.iter().any(|other| other.secret_name() == object.name)
        }
        ("cluster.x-k8s.io", "Cluster") => in_tenant && object.name == cluster.name.as_str(),
        ("cluster.x-k8s.io", "MachineDeployment" | "MachinePool") => {
            in_tenant
                && place::pools(cluster).any(|(_, pool)| {
                    specs.machine_names(cluster, pool).iter().any(|name| name == object.name)
                })
        }
        ("cluster.x-k8s.io", "MachineHealthCheck") => {
            in_tenant && repairs(cluster).any(|name| name == object.name)
        }
        ("argoproj.io", "AppProject") => {
            let tenants = catalog.tenants.keys();
            in_argocd
                && tenants.clone().any(|tenant| {
                    tenant.as_str() == object.name || management.addon_project(tenant) == object.name
                })
        }
        ("argoproj.io", "ApplicationSet") => in_argocd && catalog.emitted_addons().contains_key(object.name),
        ("argoproj.io", "Application") => {
            in_argocd && catalog.clusters.iter().any(|other| other.secret_name() == object.name)
        }
        _ => false,
    }
}

/// Returns the names of a cluster's MachineHealthChecks.
fn repairs(cluster: &Cluster) -> impl Iterator<Item = String> {
    let has_one = |map: &&Node| map.get("repair").is_some_and(|repair| repair.entries().is_some());
    let control_plane = cluster.spec.get("controlPlane").filter(has_one);
    let control_plane = control_plane.map(|_| format!("{}-control-plane", cluster.name));
    let pools = place::pools(cluster).filter(move |(_, pool)| has_one(pool));
    control_plane.into_iter().chain(pools.map(|(name, _)| format!("{}-{name}", cluster.name)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn what_is_emitted_for_clusters_and_addons_is_known() {
        let object = |group: &str, kind: &str, name: &str, namespace: &str| {
            let found = findings(
                &RULE,
                &format!(
                    "# clusters/web.yaml\nspec: {{nodePools: [{{name: a, repair: {{}}}}, {{name: b}}], objects: [{{apiVersion: {group}, kind: {kind}, metadata: {{name: {name}, namespace: {namespace}}}}}]}}\n"
                ),
            );
            !found.is_empty()
        };
        assert!(object("cluster.x-k8s.io/v1beta2", "Cluster", "web", "blue"));
        assert!(!object("cluster.x-k8s.io/v1beta2", "Cluster", "web", "green"));
        assert!(object("cluster.x-k8s.io/v1beta2", "MachineDeployment", "web-b", "blue"));
        assert!(object("cluster.x-k8s.io/v1beta2", "MachineHealthCheck", "web-a", "blue"));
        assert!(!object("cluster.x-k8s.io/v1beta2", "MachineHealthCheck", "web-b", "blue"));
        assert!(object("argoproj.io/v1alpha1", "AppProject", "blue-platform", "argocd"));
        assert!(object("argoproj.io/v1alpha1", "ApplicationSet", "cilium", "argocd"));
        assert!(!object("argoproj.io/v1alpha1", "ApplicationSet", "cilium", "blue"));
        assert!(object("v1", "Secret", "cluster-blue-web", "argocd"));
        assert!(!object("v1", "Secret", "blue-web", "argocd"));
    }
}

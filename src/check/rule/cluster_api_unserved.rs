//! Objects have an API version that their Cluster API serves.

use crate::check::cluster_api::life;
use crate::check::made::{finding, rendered_for, text};
use crate::check::management;
use crate::check::{Check, EmittedCluster, Page, Rule, Specs};
use crate::diagnostic::{Report, Severity};

/// Objects have an API version that their Cluster API serves.
pub const RULE: Rule = Rule {
    id: "cluster-api-unserved",
    severity: Severity::Error,
    page: Page {
        summary: "every object of Cluster API has an API version that its management cluster serves",
        why: "The API server refuses anything else, and Argo CD can then apply nothing of the cluster. v1beta1 is served up \
              to Cluster API 1.15, v1beta2 since 1.11; the Docker kinds are gone in 1.15, where DevCluster and \
              DevMachineTemplate are in their place.",
        wrong: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.16\"}}]\n# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta1\n      kind: MachineHealthCheck\n      metadata: {name: a}\n",
        right: "# fleet.yaml\nspec:\n  management: [{name: management, clusterApi: {version: \"1.16\"}}]\n# clusters/web.yaml\nspec:\n  objects:\n    - apiVersion: cluster.x-k8s.io/v1beta2\n      kind: MachineHealthCheck\n      metadata: {name: a}\n",
    },
    check: Check::Cluster(check),
};

fn check(specs: &Specs<'_>, cluster: &EmittedCluster<'_, '_>, report: &mut Report) {
    let management = cluster.expanded.management;
    let version = management.cluster_api.version;
    for (index, object) in cluster.objects.iter().enumerate() {
        let Some(life) = life(object).filter(|life| !life.is_served_by(version)) else { continue };
        let message = format!(
            "Cluster API {version} does not serve `{}` of `{}`",
            object.kind(),
            text(object, "/apiVersion")
        );
        let found = finding(&RULE, (cluster, index), &["apiVersion"], message);
        let found = found.label(match (life.from, life.until) {
            (Some(from), _) => format!("since {from}"),
            (None, Some(until)) => format!("gone in {until}"),
            (None, None) => String::new(),
        });
        let core = management::cluster_api(specs, &management.name, "version");
        report.push(rendered_for(found.related(core, "the Cluster API"), cluster));
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::check::fixture::findings;

    #[test]
    fn kinds_of_others_and_versions_that_are_served_pass() {
        let found = |version: &str, api_version: &str, kind: &str| {
            let fleet = format!(
                "# fleet.yaml\nspec: {{management: [{{name: management, clusterApi: {{version: \"{version}\"}}}}]}}\n\
                 # clusters/web.yaml\nspec: {{objects: [{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}]}}\n"
            );
            !findings(&RULE, &fleet).is_empty()
        };
        for (version, api_version, kind, wrong) in [
            ("1.15", "cluster.x-k8s.io/v1beta1", "MachineDeployment", false),
            ("1.16", "cluster.x-k8s.io/v1beta1", "MachineDeployment", true),
            ("1.16", "controlplane.cluster.x-k8s.io/v1beta1", "KubeadmControlPlane", true),
            ("1.16", "controlplane.cluster.x-k8s.io/v1beta1", "MyControlPlane", false),
            ("1.16", "infrastructure.cluster.x-k8s.io/v1beta1", "OpenStackCluster", false),
            ("1.10", "cluster.x-k8s.io/v1beta2", "Cluster", true),
            ("1.11", "cluster.x-k8s.io/v1beta2", "Cluster", false),
            ("1.10", "controlplane.cluster.x-k8s.io/v1beta2", "AWSManagedControlPlane", false),
            ("1.15", "infrastructure.cluster.x-k8s.io/v1beta2", "DockerCluster", true),
            ("1.14", "infrastructure.cluster.x-k8s.io/v1beta2", "DockerCluster", false),
            ("1.14", "cluster.x-k8s.io/v1alpha4", "Cluster", true),
        ] {
            assert_eq!(found(version, api_version, kind), wrong, "{version} {api_version} {kind}");
        }
    }
}

//! The Applications with which Argo CD reads what is rendered: the root, the projects, the sets, every cluster.
//!
//! They are sources of plain folders, each small: one Application for a whole fleet would not fit into etcd.

use serde_json::{Map, Value, json};

use super::application::{IN_CLUSTER, RESOURCES_FINALIZER, retry};
use super::cluster_secret::has_config;
use super::patch::Patches;
use super::{Object, Origin};
use crate::diagnostic::Report;
use crate::expand::ExpandedCluster;
use crate::spec::fleet::{Fleet, Management};

/// The annotation with which the Cluster API autoscaler is told how large a pool may become.
const AUTOSCALED: &str = "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size";

/// An Application over one folder of the output.
struct Folder<'f> {
    name: String,
    path: String,
    /// Where its objects go that name no namespace.
    namespace: &'f str,
    wave: Option<i64>,
}

/// Returns the root Application, which reads `apps/`; it is applied by hand, and so nothing may delete it.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn root(fleet: &Fleet, management: &Management, patches: &Patches) -> Result<Object, Report> {
    let namespace = management.argocd.namespace.as_str();
    let folder = Folder { name: "root".into(), path: "apps".into(), namespace, wave: None };
    finish(folder.application(fleet, management), fleet, &[patches])
}

/// Returns the Application of the tenants' projects, one wave before whatever needs them.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn projects_application(
    fleet: &Fleet,
    management: &Management,
    patches: &Patches,
) -> Result<Object, Report> {
    let namespace = management.argocd.namespace.as_str();
    let folder = Folder { name: "projects".into(), path: "projects".into(), namespace, wave: Some(-2) };
    finish(folder.application(fleet, management), fleet, &[patches])
}

/// Returns the Application of the ApplicationSets.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn sets_application(fleet: &Fleet, management: &Management, patches: &Patches) -> Result<Object, Report> {
    let namespace = management.argocd.namespace.as_str();
    let folder =
        Folder { name: "applicationsets".into(), path: "applicationsets".into(), namespace, wave: Some(-1) };
    finish(folder.application(fleet, management), fleet, &[patches])
}

/// Returns the Application of a cluster's folder; `objects` are those of the folder, as they are written.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn cluster_application(
    fleet: &Fleet,
    cluster: &ExpandedCluster<'_>,
    objects: &[Object],
    patches: &[&Patches],
) -> Result<Object, Report> {
    let identity = cluster.cluster.identity();
    let folder = Folder {
        name: cluster.cluster.secret_name(),
        path: format!("clusters/{identity}"),
        namespace: cluster.tenant.name.as_str(),
        wave: Some(0),
    };
    let mut body = folder.application(fleet, cluster.management);
    body["metadata"]["finalizers"] = json!([RESOURCES_FINALIZER]);
    let ignored = ignored_differences(cluster, objects);
    if !ignored.is_empty() {
        body["spec"]["ignoreDifferences"] = ignored.into();
    }
    let origin = Origin { spec: cluster.cluster.document.location, template: None };
    let mut object = Object { body, origin };
    for owner in patches {
        owner.apply(&mut object)?;
    }
    Ok(object)
}

fn finish(body: Value, fleet: &Fleet, patches: &[&Patches]) -> Result<Object, Report> {
    let mut object = Object { body, origin: Origin { spec: fleet.document.location, template: None } };
    for owner in patches {
        owner.apply(&mut object)?;
    }
    Ok(object)
}

impl Folder<'_> {
    fn application(&self, fleet: &Fleet, management: &Management) -> Value {
        let mut metadata = Map::new();
        metadata.insert("name".into(), self.name.as_str().into());
        metadata.insert("namespace".into(), management.argocd.namespace.as_str().into());
        if let Some(wave) = self.wave {
            metadata.insert("annotations".into(), json!({"argocd.argoproj.io/sync-wave": wave.to_string()}));
        }
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": metadata,
            "spec": {
                "project": management.argocd.root_project.as_str(),
                "source": {
                    "repoURL": fleet.spec.repository.url,
                    "targetRevision": fleet.output_revision(),
                    "path": format!("{}/{}", fleet.output_folder(&management.name), self.path),
                },
                "destination": {"server": IN_CLUSTER, "namespace": self.namespace},
                "syncPolicy": {
                    "automated": {"prune": true, "selfHeal": true},
                    "syncOptions": ["ServerSideApply=true", "RespectIgnoreDifferences=true"],
                    "retry": retry(-1),
                },
            },
        })
    }
}

/// Returns what others write: replicas that the autoscaler moves, and what a controller fills into the Secret.
fn ignored_differences(cluster: &ExpandedCluster<'_>, objects: &[Object]) -> Vec<Value> {
    let is_autoscaled = |object: &&Object| {
        object
            .body
            .pointer("/metadata/annotations")
            .is_some_and(|annotations| annotations[AUTOSCALED].is_string())
    };
    let replicas = |object: &Object| {
        json!({
            "group": object.group(),
            "kind": object.kind(),
            "name": object.name(),
            "jsonPointers": ["/spec/replicas"],
        })
    };
    let mut ignored: Vec<Value> = objects.iter().filter(is_autoscaled).map(replicas).collect();
    let mut pointers = Vec::new();
    if !has_config(cluster.cluster) {
        pointers.push("/data/config");
    }
    if cluster.cluster.server().is_none() {
        pointers.push("/data/server");
    }
    if !pointers.is_empty() {
        ignored.push(json!({
            "kind": "Secret",
            "name": cluster.cluster.secret_name(),
            "namespace": cluster.management.argocd.namespace.as_str(),
            "jsonPointers": pointers,
        }));
    }
    ignored
}

#[cfg(test)]
mod tests {
    use super::super::fixture::catalog;
    use super::*;
    use crate::expand::expand;

    const ON_A_BRANCH: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Fleet, metadata: {name: ake}, spec: {labelDomain: ake.example.com, repository: {url: https://git.example.com/fleet.git}, minors: ['1.35'], output: {branch: rendered}, management: [{name: east, argocd: {namespace: gitops, rootProject: fleet}}]}}";

    fn cluster_application_of(endpoint: &str, objects: &[Value]) -> Result<Value, Report> {
        let text = format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {{name: web}}, spec: {{project: blue, provider: metal, kubernetes: v1.35.2{endpoint}}}}}"
        );
        let (catalog, _) = catalog(&[("clusters/web.yaml", &text)]);
        let expansion = expand(&catalog)?;
        let origin = Origin { spec: catalog.fleet.document.location, template: None };
        let objects: Vec<Object> = objects.iter().map(|body| Object { body: body.clone(), origin }).collect();
        Ok(cluster_application(&catalog.fleet, &expansion.clusters[0], &objects, &[])?.body)
    }

    #[test]
    fn the_root_reads_the_applications_of_folders_and_nothing_deletes_it() -> Result<(), Report> {
        let (catalog, _) = catalog(&[("fleet.yaml", ON_A_BRANCH)]);
        let (fleet, management) = (&catalog.fleet, &catalog.fleet.spec.management[0]);
        let none = Patches::default();
        let root = root(fleet, management, &none)?.body;
        let expected = json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": "root", "namespace": "gitops"},
            "spec": {
                "project": "fleet",
                "source": {
                    "repoURL": "https://git.example.com/fleet.git",
                    "targetRevision": "rendered",
                    "path": "east/apps",
                },
                "destination": {"server": "https://kubernetes.default.svc", "namespace": "gitops"},
                "syncPolicy": {
                    "automated": {"prune": true, "selfHeal": true},
                    "syncOptions": ["ServerSideApply=true", "RespectIgnoreDifferences=true"],
                    "retry": {"limit": -1, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
                },
            },
        });
        assert_eq!(root, expected);
        let wave =
            |object: Object| object.body["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"].clone();
        assert_eq!(wave(projects_application(fleet, management, &none)?), json!("-2"));
        assert_eq!(wave(sets_application(fleet, management, &none)?), json!("-1"));
        Ok(())
    }

    #[test]
    fn a_clusters_application_leaves_alone_what_others_write() -> Result<(), Report> {
        let autoscaled = json!({
            "apiVersion": "cluster.x-k8s.io/v1beta2",
            "kind": "MachineDeployment",
            "metadata": {"name": "web-a", "annotations": {AUTOSCALED: "5"}},
        });
        let fixed = json!({"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "metadata": {"name": "web-b"}});
        let application = cluster_application_of("", &[autoscaled, fixed])?;
        assert_eq!(application["metadata"]["finalizers"], json!([RESOURCES_FINALIZER]));
        assert_eq!(application["spec"]["source"]["path"], json!("rendered/east/clusters/blue/web"));
        assert_eq!(
            application["spec"]["ignoreDifferences"],
            json!([
                {
                    "group": "cluster.x-k8s.io",
                    "kind": "MachineDeployment",
                    "name": "web-a",
                    "jsonPointers": ["/spec/replicas"],
                },
                {
                    "kind": "Secret",
                    "name": "cluster-blue-web",
                    "namespace": "argocd",
                    "jsonPointers": ["/data/config", "/data/server"],
                },
            ])
        );
        let known = cluster_application_of(", endpoint: {host: 10.0.0.1}", &[])?;
        assert_eq!(known["spec"]["ignoreDifferences"][0]["jsonPointers"], json!(["/data/config"]));
        let whole =
            cluster_application_of(", endpoint: {host: 10.0.0.1, ca: CA, aws: {clusterName: web}}", &[])?;
        assert_eq!(whole["spec"].get("ignoreDifferences"), None);
        Ok(())
    }
}

//! A small fleet with every kind of addon, and what is emitted of it once something is laid over it.

use std::collections::BTreeMap;

use serde_json::Value;

use super::application_set::application_sets;
use super::cluster_secret::ClusterSecrets;
use super::fold::Fold;
use super::patch::AllPatches;
use super::values::AddonValues;
use crate::argocd::Unfolding;
use crate::diagnostic::{Color, Report};
use crate::error::Failure;
use crate::expand::expand;
use crate::location::Sources;
use crate::spec::pin::no_releases;
use crate::spec::{Catalog, load};
use crate::tree::FileTree;

const FLEET: &[(&str, &str)] = &[
    (
        "fleet.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Fleet, metadata: {name: ake}, spec: {labelDomain: ake.example.com, repository: {url: https://git.example.com/fleet.git}, minors: ['1.34', '1.35'], management: [{name: east}, {name: west}]}}",
    ),
    ("tenants/blue.yaml", "{apiVersion: yoshino.dev/v1alpha1, kind: Tenant, metadata: {name: blue}}"),
    (
        "clusters/web.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {name: web, labels: {tier: canary}}, spec: {project: blue, provider: metal, kubernetes: v1.35.2, endpoint: {host: 10.0.0.1}}}",
    ),
    (
        "addons/charts/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: charts}, spec: {namespace: charts, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0, values: {replicas: 2}}}}}",
    ),
    (
        "addons/registry/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: registry}, spec: {namespace: charts, enable: {default: true}, source: {helm: {repository: oci://quay.example.com/charts, chart: web, version: 2.0.0, values: {name: '${{ cluster.name }}'}}}}}",
    ),
    (
        "addons/overlay/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: overlay}, spec: {namespace: kube-system, enable: {default: true}, source: {kustomize: {path: addons/overlay/base}}}}",
    ),
    ("addons/overlay/base/kustomization.yaml", "resources: []\n"),
    (
        "addons/plain/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: plain}, spec: {namespace: kube-system, enable: {default: true}, source: {manifests: {path: addons/plain/manifests}}}}",
    ),
    ("addons/plain/manifests/a.yaml", "kind: List\n"),
    (
        "addons/filled/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: filled}, spec: {namespace: kube-system, enable: {default: true}, source: {manifests: {path: addons/filled/manifests}}}}",
    ),
    (
        "addons/filled/manifests/a.yaml.j2",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${{ cluster.name }}\n",
    ),
    (
        "addons/managed/addon.yaml",
        "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: managed}, spec: {namespace: kube-system, enable: {default: true}, source: {eks: {addon: vpc-cni, version: v1}}}}",
    ),
    ("templates/metal/cluster.yaml.j2", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
    ("templates/metal/schema.json", "{}"),
    ("templates/metal/impact.yaml", "{kind: Impact, spec: {kubeadm: true, rules: []}}"),
];

/// What is emitted for Argo CD.
#[derive(Debug)]
pub struct Emitted {
    /// ApplicationSets by management cluster and name.
    pub sets: BTreeMap<String, Value>,
    /// Cluster Secrets by project and name of the cluster.
    pub secrets: BTreeMap<String, Value>,
    /// Applications as they were folded, by management cluster and name.
    pub applications: BTreeMap<String, Value>,
}

/// Returns the fleet with `changes` laid over it: each file is replaced, or added.
///
/// # Panics
/// Panics where the changes do not fit the schemas: they are the author's own.
pub fn catalog(changes: &[(&str, &str)]) -> (Catalog, Sources) {
    let mut files: Vec<(&str, &str)> = FLEET.to_vec();
    files.retain(|(path, _)| changes.iter().all(|(changed, _)| changed != path));
    files.extend_from_slice(changes);
    let mut sources = Sources::default();
    match load(FileTree::literal(&files), &mut sources, &no_releases) {
        Ok(catalog) => (catalog, sources),
        Err(Failure::Report(report)) => panic!("{}", report.sorted(&sources).to_text(&sources, Color::Never)),
        Err(Failure::Error(error)) => panic!("{error}"),
    }
}

/// Emits what Argo CD reads, unfolds it and compares.
///
/// # Errors
/// Reports what emitting and unfolding find.
pub fn emit(catalog: &Catalog) -> Result<Emitted, Report> {
    let expansion = expand(catalog)?;
    let (patches, values) = (AllPatches::new(&expansion), AddonValues::new(&expansion)?);
    let fold = Fold::new(&expansion, &patches, &values)?;
    let secrets = ClusterSecrets::new(&fold);
    let mut emitted =
        Emitted { sets: BTreeMap::new(), secrets: BTreeMap::new(), applications: BTreeMap::new() };
    for management in &catalog.fleet.spec.management {
        let sets = application_sets(&fold, management, &patches)?;
        let unfolding = Unfolding::new(&fold, management, &sets)?;
        for (index, cluster) in expansion.clusters.iter().enumerate() {
            if cluster.management.name != management.name {
                continue;
            }
            let emitted_secret = secrets.of_cluster(index);
            let mut secret = emitted_secret.object();
            for owner in patches.on_cluster(index) {
                owner.apply(&mut secret)?;
            }
            unfolding.check_object(index, &secret.body)?;
            emitted.secrets.insert(cluster.cluster.identity(), secret.body);
            for position in 0..cluster.addons.len() {
                if let Some(application) = fold.application(index, position)? {
                    let name = application["metadata"]["name"].as_str().unwrap_or_default();
                    emitted.applications.insert(format!("{}/{name}", management.name), application);
                }
            }
        }
        let named = sets.into_iter().map(|set| (format!("{}/{}", management.name, set.name()), set.body));
        emitted.sets.extend(named);
    }
    Ok(emitted)
}

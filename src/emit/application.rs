//! The Argo CD Application of one addon on one cluster.
//!
//! A [`Shape`] is everything about it that is no look-up. Filled with the values of one cluster it is that cluster's
//! Application; filled with placeholders, the template of an ApplicationSet. Which clusters share a shape is not
//! decided here.

use serde_json::{Map, Value, json};

use super::look_up::LookUp;
use crate::spec::addon::{Addon, Helm, Placement, Source};
use crate::spec::fleet::{Fleet, Management};

/// The finalizer with which Argo CD deletes an Application's workloads before the Application.
pub const RESOURCES_FINALIZER: &str = "resources-finalizer.argocd.argoproj.io";

/// The API server of the management cluster, as Argo CD there knows it.
pub const IN_CLUSTER: &str = "https://kubernetes.default.svc";

/// What an Application is installed from, as far as its form goes; the first word of a variant's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceKind {
    /// A chart of a Helm repository.
    Helm,
    /// A chart of an OCI registry.
    Oci,
    /// A kustomization of the release.
    Kustomize,
    /// Plain manifests of the release.
    Manifests,
    /// Manifests that are rendered for each cluster.
    Rendered,
}

/// Everything about an Application that is no look-up.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    /// The form of its source.
    pub kind: SourceKind,
    /// Its source; never one that AWS manages.
    pub source: &'a Source,
    /// What it installs.
    pub addon: &'a Addon,
    /// Whose Argo CD it belongs to.
    pub management: &'a Management,
    /// The fleet.
    pub fleet: &'a Fleet,
}

impl SourceKind {
    /// Returns the kind's word in the names of variants.
    pub fn word(self) -> &'static str {
        match self {
            Self::Helm => "helm",
            Self::Oci => "oci",
            Self::Kustomize => "kustomize",
            Self::Manifests => "manifests",
            Self::Rendered => "rendered",
        }
    }

    /// Returns whether the source is a chart, with a version and a values file.
    pub fn is_chart(self) -> bool {
        match self {
            Self::Helm | Self::Oci => true,
            Self::Kustomize | Self::Manifests | Self::Rendered => false,
        }
    }
}

/// Returns the name of an addon's Application, given the cluster's normalised name.
pub fn application_name(addon: &Addon, cluster: &str) -> String {
    format!("{}-{cluster}", addon.name)
}

/// Returns the name of a chart's release on the cluster called `cluster`.
///
/// On the management cluster the releases of one addon stand side by side, so each has its cluster's name.
pub fn release_name(helm: &Helm, addon: &Addon, cluster: &str) -> String {
    match (&helm.release_name, addon.spec.placement) {
        (Some(name), _) => name.clone(),
        (None, Placement::Workload) => addon.name.to_string(),
        (None, Placement::Management) => format!("{}-{cluster}", addon.name),
    }
}

/// Returns a chart repository as Argo CD names it: OCI registries without their scheme (Argo CD 3.5, "Helm").
pub fn chart_repository(repository: &str) -> &str {
    repository.strip_prefix("oci://").unwrap_or(repository)
}

impl Shape<'_> {
    /// Returns the Application, with `fill` for every look-up.
    pub fn application(&self, fill: &dyn Fn(LookUp<'_>) -> String) -> Value {
        let name = application_name(self.addon, &fill(LookUp::NormalizedName));
        let mut metadata = json!({
            "name": name,
            "namespace": self.management.argocd.namespace.as_str(),
            "labels": self.labels(fill),
        });
        // Written out, because it is the template's part of the Application and so belongs to the variant.
        if !self.addon.spec.sync.preserve_resources_on_deletion {
            metadata["finalizers"] = json!([RESOURCES_FINALIZER]);
        }
        let project = &self.management.argocd.addon_project;
        let mut spec = Map::new();
        spec.insert("project".into(), project.replace("{project}", &fill(LookUp::Project)).into());
        let mut sources = self.sources(fill);
        match sources.len() {
            1 => spec.insert("source".into(), sources.swap_remove(0)),
            _ => spec.insert("sources".into(), sources.into()),
        };
        spec.insert("destination".into(), self.destination(fill));
        spec.insert("syncPolicy".into(), self.sync_policy());
        json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": metadata,
            "spec": spec,
        })
    }

    fn labels(&self, fill: &dyn Fn(LookUp<'_>) -> String) -> Value {
        let domain = &self.fleet.spec.label_domain;
        let mut labels = Map::new();
        labels.insert(format!("{domain}/addon"), self.addon.name.as_str().into());
        labels.insert(format!("{domain}/cluster"), fill(LookUp::Cluster).into());
        labels.insert(format!("{domain}/wave"), wave(self.addon.spec.wave).into());
        for key in self.fleet.rollout_keys() {
            labels.entry(key).or_insert_with(|| fill(LookUp::Label(key)).into());
        }
        labels.into()
    }

    /// Returns the sources: what is installed first, then what it refers to, then its Secrets.
    fn sources(&self, fill: &dyn Fn(LookUp<'_>) -> String) -> Vec<Value> {
        let mut sources = match (self.kind, self.source) {
            (_, Source::Helm(helm)) => self.chart(helm, fill),
            (SourceKind::Kustomize, _) => vec![self.kustomization(fill)],
            (SourceKind::Rendered, _) => vec![self.directory(fill, self.fleet.output_revision())],
            (_, _) => vec![self.directory(fill, &fill(LookUp::Revision))],
        };
        // The folder of rendered manifests holds them already.
        if !self.addon.spec.secrets.is_empty() && self.kind != SourceKind::Rendered {
            let (project, cluster) = (fill(LookUp::Project), fill(LookUp::Cluster));
            sources.push(json!({
                "repoURL": self.fleet.spec.repository.url,
                "targetRevision": self.fleet.output_revision(),
                "path": format!("{}/manifests/{}/{project}/{cluster}", self.folder(), self.addon.name),
            }));
        }
        sources
    }

    fn chart(&self, helm: &Helm, fill: &dyn Fn(LookUp<'_>) -> String) -> Vec<Value> {
        let values = format!("$values/{}/values/{}/{}", self.folder(), self.addon.name, fill(LookUp::Values));
        vec![
            json!({
                "repoURL": chart_repository(&helm.repository),
                "chart": helm.chart,
                "targetRevision": fill(LookUp::Version),
                "helm": {
                    "releaseName": release_name(helm, self.addon, &fill(LookUp::Cluster)),
                    "valueFiles": [values],
                },
            }),
            json!({
                "repoURL": self.fleet.spec.repository.url,
                "targetRevision": self.fleet.output_revision(),
                "ref": "values",
            }),
        ]
    }

    fn kustomization(&self, fill: &dyn Fn(LookUp<'_>) -> String) -> Value {
        let mut source = json!({
            "repoURL": self.fleet.spec.repository.url,
            "targetRevision": fill(LookUp::Revision),
            "path": fill(LookUp::Path),
        });
        // Cluster-scoped kinds of two tenants' clusters meet on the management cluster, so the tenant is in the name.
        if self.addon.spec.placement == Placement::Management {
            let suffix = format!("-{}-{}", fill(LookUp::Project), fill(LookUp::Cluster));
            source["kustomize"] = json!({"nameSuffix": suffix});
        }
        source
    }

    /// Returns a folder of plain YAML; said outright, so that no file in it can make Argo CD take it for a chart.
    fn directory(&self, fill: &dyn Fn(LookUp<'_>) -> String, revision: &str) -> Value {
        json!({
            "repoURL": self.fleet.spec.repository.url,
            "targetRevision": revision,
            "path": fill(LookUp::Path),
            "directory": {"recurse": true},
        })
    }

    fn destination(&self, fill: &dyn Fn(LookUp<'_>) -> String) -> Value {
        match self.addon.spec.placement {
            Placement::Workload => {
                json!({"name": fill(LookUp::Name), "namespace": self.addon.spec.namespace.as_str()})
            }
            Placement::Management => json!({"server": IN_CLUSTER, "namespace": fill(LookUp::Namespace)}),
        }
    }

    fn sync_policy(&self) -> Value {
        let sync = &self.addon.spec.sync;
        let makes_namespace = self.addon.spec.placement == Placement::Workload && sync.create_namespace;
        let mut policy = Map::new();
        if sync.automated {
            let switches = [("prune", sync.prune), ("selfHeal", sync.self_heal)];
            let switched_on = switches.into_iter().filter(|(_, on)| *on);
            policy.insert(
                "automated".into(),
                switched_on.map(|(name, on)| (name.to_owned(), on.into())).collect::<Map<_, _>>().into(),
            );
        }
        let mut options = Vec::new();
        for (option, on) in
            [("CreateNamespace", makes_namespace), ("ServerSideApply", sync.server_side_apply)]
        {
            // What the addon writes out holds over what follows from its other fields.
            let written = sync.options.iter().any(|own| own.split('=').next() == Some(option));
            if on && !written {
                options.push(Value::String(format!("{option}=true")));
            }
        }
        options.extend(sync.options.iter().map(|option| Value::from(option.as_str())));
        if !options.is_empty() {
            policy.insert("syncOptions".into(), options.into());
        }
        if makes_namespace && !sync.namespace_labels.is_empty() {
            policy.insert("managedNamespaceMetadata".into(), json!({"labels": sync.namespace_labels}));
        }
        policy.insert("retry".into(), retry(sync.retry.limit));
        policy.into()
    }

    fn folder(&self) -> String {
        self.fleet.output_folder(&self.management.name)
    }
}

/// Returns how a failed sync is tried again: -1 is for ever; 0, which Argo CD leaves out when it writes, is never.
pub fn retry(limit: i64) -> Value {
    let backoff = json!({"duration": "10s", "factor": 2, "maxDuration": "5m"});
    if limit == 0 { json!({"backoff": backoff}) } else { json!({"limit": limit, "backoff": backoff}) }
}

/// Returns a wave as a label's value, which cannot begin with `-`.
fn wave(wave: i64) -> String {
    if wave < 0 { format!("minus-{}", wave.unsigned_abs()) } else { wave.to_string() }
}

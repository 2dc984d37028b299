//! Addons: something installed on clusters.

mod built_in;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::merge::merge;
use super::name::Name;
use super::schema::Schema;
use super::selector::Selector;
use super::version::{Minor, MinorRange};
use super::yaml::Node;
use crate::diagnostic::{Diagnostic, Report};
use crate::tree::RepoPath;

pub use built_in::{ACCESS, access};

/// One addon.
#[derive(Clone, Debug)]
pub struct Addon {
    /// Its name, at most 40 characters.
    pub name: Name,
    /// What it says, defaults filled in.
    pub spec: AddonSpec,
    /// The whole document, for locations, values and sources.
    pub document: Node,
    /// The file it stands in.
    pub path: RepoPath,
    /// The schema of its `spec`.
    pub schema: Arc<Schema>,
}

/// `spec` of an Addon, but for its sources.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddonSpec {
    /// What it is for.
    pub description: Option<String>,
    /// Other names that people know it by; several addons may share one.
    pub aliases: Vec<String>,
    /// Where it runs.
    pub placement: Placement,
    /// Its namespace on workload clusters.
    pub namespace: Name,
    /// Minors it runs on; all where absent.
    pub kubernetes: Option<MinorRange>,
    /// Providers it runs on; all where empty.
    pub providers: Vec<Name>,
    /// Where it is on without being asked for.
    pub enable: Enable,
    /// Singletons it provides.
    pub provides: Vec<Name>,
    /// Addons or capabilities that must be there.
    pub requires: Vec<Name>,
    /// Addons or capabilities that must not.
    pub conflicts: Vec<Name>,
    /// Sync wave of its own rendered manifests.
    pub wave: i64,
    /// Secrets it needs.
    pub secrets: Vec<AddonSecret>,
    /// How Argo CD syncs it.
    pub sync: Sync,
    /// Namespaces other than the tenant's that a management addon writes to.
    pub management_namespaces: Vec<Name>,
    /// Where it stands in its life.
    pub lifecycle: Lifecycle,
}

/// Where an addon runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Placement {
    /// On the workload cluster itself.
    Workload,
    /// On the management cluster, once per workload cluster.
    Management,
}

/// Where an addon is on without being asked for.
#[derive(Clone, Debug, Deserialize)]
pub struct Enable {
    /// Whether it is on where `when` holds.
    pub default: bool,
    /// On which clusters.
    #[serde(default)]
    pub when: Selector,
}

/// A Secret that an ExternalSecret makes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddonSecret {
    /// The Secret's name.
    pub name: String,
    /// Its namespace; the addon's where absent.
    pub namespace: Option<Name>,
    /// Where its content comes from.
    pub external_secret: ExternalSecret,
}

/// Where the content of a Secret comes from.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecret {
    /// Name of the ClusterSecretStore.
    pub store: String,
    /// Key in the store, with `{project}`, `{name}` and `{addon}`.
    pub key: String,
    /// How often it is read again.
    pub refresh_interval: Option<String>,
}

/// How Argo CD syncs an addon.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sync {
    /// Without being asked.
    pub automated: bool,
    /// Deletes what is gone.
    pub prune: bool,
    /// Undoes what others change.
    pub self_heal: bool,
    /// With server-side apply.
    pub server_side_apply: bool,
    /// Makes the namespace.
    pub create_namespace: bool,
    /// Labels of the namespace it makes.
    pub namespace_labels: BTreeMap<String, String>,
    /// More sync options.
    pub options: Vec<String>,
    /// How often a failed sync is tried again.
    pub retry: Retry,
    /// Leaves the workloads where the Application goes.
    pub preserve_resources_on_deletion: bool,
}

/// How often a failed sync is tried again.
#[derive(Clone, Debug, Deserialize)]
pub struct Retry {
    /// Times; -1 for ever.
    pub limit: i64,
}

/// Where an addon stands in its life.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lifecycle {
    /// Its status.
    pub status: LifecycleStatus,
    /// The day it ends: `2027-10-01`.
    pub end_of_life: Option<String>,
    /// What follows it.
    pub successor: Option<String>,
}

/// The status of an addon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LifecycleStatus {
    /// Maintained.
    Active,
    /// Maintained, but on its way out.
    Deprecated,
    /// Maintained by nobody.
    Retired,
}

/// How an addon's version follows the cluster's minor.
#[derive(Clone, Copy, Debug)]
pub struct ExactMinor<'a> {
    /// The JSON pointer, in the source, of what follows it; the source's version where absent.
    pub field: Option<&'a str>,
    /// What its text begins with, `{minor}` and `{n}` not filled in.
    pub prefix: Option<&'a str>,
    /// Where all this is said.
    pub node: &'a Node,
}

/// What an addon is installed from, for one minor.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A Helm chart.
    Helm(Helm),
    /// A kustomization in this repository.
    Kustomize {
        /// Its folder.
        path: String,
    },
    /// Manifests in this repository, plain or `*.yaml.j2`.
    Manifests {
        /// Their folder.
        path: String,
    },
    /// An addon that AWS manages.
    Eks(Eks),
    /// What tenants say under `access`; of the addon of that name alone, which nobody writes.
    Access,
}

impl Source {
    /// Returns the version that it names itself; `None` for what is read from this repository.
    pub fn version(&self) -> Option<&str> {
        match self {
            Self::Helm(helm) => Some(&helm.version),
            Self::Eks(eks) => Some(&eks.version),
            Self::Kustomize { .. } | Self::Manifests { .. } | Self::Access => None,
        }
    }
}

/// A Helm chart and its values.
#[derive(Clone, Debug, PartialEq)]
pub struct Helm {
    /// The chart repository, or `oci://…`.
    pub repository: String,
    /// The chart.
    pub chart: String,
    /// Its version.
    pub version: String,
    /// The release's name; derived where absent.
    pub release_name: Option<String>,
    /// Its values, with expressions.
    pub values: Option<Node>,
}

/// An addon that AWS manages.
#[derive(Clone, Debug, PartialEq)]
pub struct Eks {
    /// Its name at AWS.
    pub addon: String,
    /// Its version.
    pub version: String,
    /// Its configuration, with expressions.
    pub values: Option<Node>,
    /// ARN of its IAM role.
    pub role: Option<String>,
}

/// The kinds of source, and the fields each must have once `perMinor` is merged in.
const KINDS: [(&str, &[&str]); 5] = [
    ("helm", &["repository", "chart", "version"]),
    ("kustomize", &["path"]),
    ("manifests", &["path"]),
    ("eks", &["addon", "version"]),
    (ACCESS, &[]),
];

impl Addon {
    /// Returns whether the addon runs on `minor` at all.
    pub fn runs_on(&self, minor: Minor) -> bool {
        self.spec.kubernetes.as_ref().is_none_or(|range| range.contains(minor))
    }

    /// Returns whether the addon runs on clusters of `provider`.
    pub fn runs_with(&self, provider: &Name) -> bool {
        self.spec.providers.is_empty() || self.spec.providers.contains(provider)
    }

    /// Returns how its version follows the cluster's minor; `None` where it need not.
    pub fn exact_minor(&self) -> Option<ExactMinor<'_>> {
        let node = self.document.at("/spec/exactMinor").filter(|node| !node.is_null())?;
        let text = |field: &str| node.get(field).and_then(Node::as_str);
        Some(ExactMinor { field: text("field"), prefix: text("prefix"), node })
    }

    /// Returns the source of `perMinor`'s first match for `minor`, as written; `None` where none matches or it has none.
    pub fn minor_source(&self, minor: Minor) -> Option<&Node> {
        let per_minor = self.document.at("/spec/perMinor").and_then(Node::items).unwrap_or_default();
        let holds = |item: &&Node| {
            let range = item
                .get("kubernetes")
                .and_then(Node::as_str)
                .and_then(|text| text.parse::<MinorRange>().ok());
            range.is_some_and(|range| range.contains(minor))
        };
        per_minor.iter().find(holds).and_then(|item| item.get("source"))
    }

    /// Returns the node of the source for `minor`: `perMinor`'s first match laid over `source`.
    pub fn source_node(&self, minor: Minor) -> Node {
        let base = self.document.at("/spec/source").unwrap_or(&self.document);
        match self.minor_source(minor) {
            Some(over) if kind_of(base) == kind_of(over) => merge(base, over),
            Some(over) => over.clone(),
            None => base.clone(),
        }
    }

    /// Returns what the addon is installed from on `minor`.
    ///
    /// # Errors
    /// Reports the fields that are missing once `perMinor` is merged in, each at the source.
    pub fn source(&self, minor: Minor) -> Result<Source, Report> {
        read_source(&self.source_node(minor), minor)
    }
}

impl ExactMinor<'_> {
    /// Returns what the text begins with on a minor; where nothing is said, a leading `v` may stand before it.
    pub fn beginning(&self, minor: Minor) -> String {
        let prefix = self.prefix.unwrap_or("{minor}.");
        prefix.replace("{minor}", &minor.to_string()).replace("{n}", &minor.minor.to_string())
    }
}

/// Reads a source that is whole.
fn read_source(node: &Node, minor: Minor) -> Result<Source, Report> {
    let mut report = Report::default();
    let Some((kind, required)) = KINDS.iter().find(|(kind, _)| Some(*kind) == kind_of(node)) else {
        return Err(Diagnostic::error("choose-one", node.location, "the source has no kind").into());
    };
    let body = node.get(kind).unwrap_or(node);
    for field in required.iter().filter(|field| body.get(field).is_none_or(Node::is_null)) {
        let message = format!("`{kind}` has no `{field}` for Kubernetes {minor}");
        report.push(
            Diagnostic::error("missing-field", body.location, message)
                .label("here, with `perMinor` merged in"),
        );
    }
    let text = |field: &str| body.get(field).and_then(Node::as_str).unwrap_or_default().to_owned();
    let optional = |field: &str| body.get(field).and_then(Node::as_str).map(str::to_owned);
    let values = body.get("values").filter(|values| !values.is_null()).cloned();
    let source = match *kind {
        "helm" => Source::Helm(Helm {
            repository: text("repository"),
            chart: text("chart"),
            version: text("version"),
            release_name: optional("releaseName"),
            values,
        }),
        "kustomize" => Source::Kustomize { path: text("path") },
        "manifests" => Source::Manifests { path: text("path") },
        ACCESS => Source::Access,
        _ => Source::Eks(Eks {
            addon: text("addon"),
            version: text("version"),
            values,
            role: optional("role"),
        }),
    };
    report.or(source)
}

/// Returns the kind of a source: its only key.
pub fn kind_of(node: &Node) -> Option<&str> {
    node.entries()?.iter().find(|entry| !entry.value.is_null()).map(|entry| &*entry.key)
}

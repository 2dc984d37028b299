//! Clusters, defaults merged in.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::name::Name;
use super::release::Release;
use super::schema::Schema;
use super::version::{Minor, Version};
use super::yaml::{Node, Scalar};
use crate::diagnostic::{Diagnostic, Report};
use crate::tree::RepoPath;

/// A workload cluster. Its identity is project and name.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: Name,
    /// The tenant that owns it.
    pub project: Name,
    /// The management cluster that makes it.
    pub management: Name,
    /// The folder under `templates/` its objects come from.
    pub provider: Name,
    /// Its Kubernetes version.
    pub kubernetes: Version,
    /// The release that it is pinned to; `None` for trunk's own addons and templates.
    pub release: Option<Release>,
    /// Whether Cluster API and Argo CD leave it alone.
    pub paused: bool,
    /// Its free labels.
    pub labels: BTreeMap<String, String>,
    /// The file it stands in.
    pub path: RepoPath,
    /// Its document as written, without defaults.
    pub document: Node,
    /// Its `spec`, defaults merged in; every node's location is the layer that wrote it.
    pub spec: Node,
    /// The schema of its `spec`, with the provider's block and machines.
    pub schema: Arc<Schema>,
}

/// What a cluster says about one addon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddonSetting {
    /// On or off; the addon's own rule where absent.
    pub enabled: Option<bool>,
    /// Another version than the addon's.
    pub version: Option<String>,
    /// Values laid over the addon's.
    pub values: Option<Node>,
    /// Where it stands.
    pub node: Option<Node>,
}

impl Cluster {
    /// Returns the cluster's minor.
    pub fn minor(&self) -> Minor {
        self.kubernetes.minor
    }

    /// Returns what the cluster says about `addon`; nothing where it does not name it.
    pub fn addon(&self, addon: &Name) -> AddonSetting {
        let node = self
            .spec
            .get("addons")
            .and_then(|addons| addons.get(addon.as_str()))
            .filter(|node| !node.is_null());
        let Some(node) = node else { return AddonSetting::default() };
        if let Some(Scalar::Bool(enabled)) = node.scalar() {
            return AddonSetting {
                enabled: Some(enabled),
                node: Some(node.clone()),
                ..AddonSetting::default()
            };
        }
        let enabled = match node.get("enabled").and_then(Node::scalar) {
            Some(Scalar::Bool(enabled)) => Some(enabled),
            _ => None,
        };
        AddonSetting {
            enabled,
            version: node.get("version").and_then(Node::as_str).map(str::to_owned),
            values: node.get("values").filter(|values| !values.is_null()).cloned(),
            node: Some(node.clone()),
        }
    }

    /// Returns the tenants that `sharedWith` names, as they are written.
    pub fn shared_with(&self) -> impl Iterator<Item = &Node> {
        self.spec.get("sharedWith").and_then(Node::items).unwrap_or_default().iter()
    }

    /// Returns the name of the release that it is pinned to, as it is written; [`Cluster::release`] is what was made of it.
    pub fn pin_name(&self) -> Option<&str> {
        self.spec.get("release").and_then(Node::as_str)
    }

    /// Returns the names under which the cluster and what is made of it are known: `<project>/<name>`.
    pub fn identity(&self) -> String {
        format!("{}/{}", self.project, self.name)
    }

    /// Returns the name of its cluster Secret.
    pub fn secret_name(&self) -> String {
        format!("cluster-{}-{}", self.project, self.name)
    }

    /// Returns the API server's address, `None` where it is not known yet.
    pub fn server(&self) -> Option<String> {
        let endpoint = self.spec.get("endpoint")?;
        let host = endpoint.get("host")?.as_str()?;
        let port = match endpoint.get("port").and_then(Node::scalar) {
            Some(Scalar::Integer(port)) => port,
            _ => 6443,
        };
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        Some(format!("https://{host}:{port}"))
    }
}

/// Finds the cluster that is called `name`, alone or with its project; returns its place among those given.
///
/// # Errors
/// Reports that there is none, with the nearest name, or more than one.
pub fn find<'c>(clusters: impl Iterator<Item = &'c Cluster> + Clone, name: &str) -> Result<usize, Report> {
    let is_meant = |cluster: &Cluster| cluster.name.as_str() == name || cluster.identity() == name;
    let found: Vec<(usize, &Cluster)> =
        clusters.clone().enumerate().filter(|(_, cluster)| is_meant(cluster)).collect();
    match found[..] {
        [(index, _)] => Ok(index),
        [] => {
            let identities = clusters.clone().map(Cluster::identity);
            let known: Vec<String> =
                identities.chain(clusters.map(|cluster| cluster.name.to_string())).collect();
            let finding =
                Diagnostic::error_nowhere("unknown-reference", format!("there is no cluster `{name}`"));
            let known = known.iter().map(String::as_str);
            Err(finding.hint_nearest(name, known, "`yoshino list clusters` names them all").into())
        }
        [..] => {
            let all: Vec<String> =
                found.iter().map(|(_, cluster)| format!("`{}`", cluster.identity())).collect();
            let message = format!("there is more than one cluster `{name}`: {}", all.join(", "));
            Err(Diagnostic::error_nowhere("unknown-reference", message).hint("name its project too").into())
        }
    }
}

//! Tenants: who owns clusters.

mod access;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::name::Name;
use super::schema::Schema;
use super::yaml::Node;
use crate::tree::RepoPath;

pub use access::{
    Access, AccessNamespace, AccessRole, AccessTree, Binding, Bound, Hierarchy, Placed, PolicyRule, RoleRef,
    Subject,
};

/// One tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its name: that of its AppProjects, and the namespace of its clusters.
    pub name: Name,
    /// What it says, defaults filled in.
    pub spec: TenantSpec,
    /// The whole document, for locations.
    pub document: Node,
    /// The file it stands in.
    pub path: RepoPath,
    /// The schema of its `spec`.
    pub schema: Arc<Schema>,
}

/// `spec` of a Tenant.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantSpec {
    /// Who it is.
    pub description: Option<String>,
    /// Where its own Applications may go; its own clusters where empty.
    pub destinations: Vec<Destination>,
    /// Repositories its own Applications may read.
    pub source_repositories: Vec<String>,
    /// Cluster-scoped kinds its own Applications may make.
    pub cluster_resources: Vec<ClusterResource>,
    /// Roles in its AppProjects.
    pub roles: Vec<Role>,
    /// When its own Applications may sync.
    pub sync_windows: Vec<SyncWindow>,
    /// Quota of its namespace on the management cluster.
    pub quota: BTreeMap<String, Value>,
    /// RBAC on its workload clusters.
    pub access: Access,
}

/// A cluster and a namespace that Applications may go to.
#[derive(Clone, Debug, Deserialize)]
pub struct Destination {
    /// Name of one of its clusters, a glob is fine.
    pub cluster: String,
    /// The namespace, a glob is fine.
    pub namespace: String,
}

/// A cluster-scoped kind.
#[derive(Clone, Debug, Deserialize)]
pub struct ClusterResource {
    /// Its API group; empty for the core group.
    pub group: String,
    /// Its kind.
    pub kind: String,
}

/// A role in an AppProject.
#[derive(Clone, Debug, Deserialize)]
pub struct Role {
    /// Its name.
    pub name: Name,
    /// Groups of the identity provider that have it.
    pub groups: Vec<String>,
    /// What it may do to Applications.
    pub actions: Vec<String>,
}

/// When Applications may or may not sync.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SyncWindow {
    /// `allow` or `deny`.
    pub kind: String,
    /// Cron syntax.
    pub schedule: String,
    /// How long.
    pub duration: String,
    /// For which Applications, globs.
    pub applications: Vec<String>,
    /// For which namespaces, globs.
    pub namespaces: Vec<String>,
    /// For which clusters, globs.
    pub clusters: Vec<String>,
    /// Whether a person may sync all the same.
    pub manual_sync: Option<bool>,
    /// Time zone of the schedule.
    pub time_zone: Option<String>,
}

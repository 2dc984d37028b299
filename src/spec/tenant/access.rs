//! `access` of a Tenant: who may do what on its workload clusters, in a tree of namespaces.
//!
//! What is bound to a namespace holds in all its descendants. How that is brought to them, and what is made of it, is not
//! known here.

mod tree;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::spec::name::Name;
use crate::spec::selector::Selector;

pub use tree::{AccessTree, Bound, Placed, Subject};

/// The ClusterRoles of Kubernetes itself that bindings may name without a word in `roles` (Kubernetes 1.36, "Using RBAC
/// Authorization", user-facing roles).
const BUILT_IN: [&str; 4] = ["view", "edit", "admin", CLUSTER_ADMIN];

/// The ClusterRole of Kubernetes that may do everything.
const CLUSTER_ADMIN: &str = "cluster-admin";

/// RBAC on workload clusters.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Access {
    /// Which of the clusters it reaches; all where empty.
    pub clusters: Selector,
    /// What bindings may give, by the name they use.
    pub roles: BTreeMap<String, AccessRole>,
    /// Who has which role on the whole cluster.
    pub bind: Vec<Binding>,
    /// The roots of the tree.
    pub namespaces: Vec<AccessNamespace>,
    /// Who brings bindings to descendants.
    pub hierarchy: Hierarchy,
}

/// What a role may do: a ClusterRole that is there, or rules of one that is made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessRole {
    /// A ClusterRole that is on the clusters already.
    pub cluster_role: Option<String>,
    /// Rules of a ClusterRole that is made for it; empty where it names one.
    pub rules: Vec<PolicyRule>,
}

/// A rule of a ClusterRole (rbac.authorization.k8s.io/v1).
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyRule {
    /// API groups; the core group is empty text.
    pub api_groups: Vec<String>,
    /// Resources of these groups.
    pub resources: Vec<String>,
    /// Names of objects; all where empty.
    pub resource_names: Vec<String>,
    /// Paths of the API that belong to no resource.
    #[serde(rename = "nonResourceURLs")]
    pub non_resource_urls: Vec<String>,
    /// What may be done.
    pub verbs: Vec<String>,
}

/// Who has a role.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// A group.
    pub group: Option<String>,
    /// A user.
    pub user: Option<String>,
    /// A ServiceAccount: its name in the namespace where the binding stands, or `namespace/name`.
    pub service_account: Option<String>,
    /// The role.
    pub role: String,
    /// Whether a role that may do everything is meant.
    pub dangerous: bool,
}

/// A namespace of the tree.
#[derive(Clone, Debug, Deserialize)]
pub struct AccessNamespace {
    /// Its name.
    pub name: Name,
    /// Who has which role here and in all descendants.
    pub bind: Vec<Binding>,
    /// The namespaces beneath it.
    #[serde(default)]
    pub children: Vec<AccessNamespace>,
}

/// Who brings bindings to descendants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hierarchy {
    /// Rendering does.
    #[default]
    None,
    /// The Hierarchical Namespace Controller on the cluster does.
    Hnc,
}

/// The ClusterRole that a binding gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleRef<'a> {
    /// One that is there already.
    There(&'a str),
    /// The one that is made of the rules under this name.
    Made(&'a str),
}

impl Access {
    /// Returns whether nothing is bound and no namespace declared, so that there is nothing to install.
    pub fn is_empty(&self) -> bool {
        self.bind.is_empty() && self.namespaces.is_empty()
    }

    /// Returns the ClusterRole that `role` stands for: what `roles` says, else a ClusterRole of Kubernetes itself.
    pub fn role<'a>(&'a self, role: &'a str) -> Option<RoleRef<'a>> {
        match self.roles.get_key_value(role) {
            Some((name, own)) => {
                Some(own.cluster_role.as_deref().map_or(RoleRef::Made(name), RoleRef::There))
            }
            None => BUILT_IN.contains(&role).then_some(RoleRef::There(role)),
        }
    }

    /// Returns the names that bindings may use.
    pub fn role_names(&self) -> impl Iterator<Item = &str> {
        let built_in = BUILT_IN.into_iter().filter(|name| !self.roles.contains_key(*name));
        self.roles.keys().map(String::as_str).chain(built_in)
    }

    /// Returns whether a role may do everything.
    pub fn is_unbounded(&self, role: RoleRef<'_>) -> bool {
        match role {
            RoleRef::There(name) => name == CLUSTER_ADMIN,
            RoleRef::Made(name) => {
                self.roles.get(name).is_some_and(|own| own.rules.iter().any(PolicyRule::is_unbounded))
            }
        }
    }
}

impl PolicyRule {
    /// Returns whether it allows everything on every resource.
    fn is_unbounded(&self) -> bool {
        let all = |texts: &[String]| texts.iter().any(|text| text == "*");
        all(&self.api_groups) && all(&self.resources) && all(&self.verbs) && self.resource_names.is_empty()
    }
}

//! RBAC of a tenant on a workload cluster: namespaces, roles, bindings in every descendant of where they stand, and the
//! ServiceAccounts that they name.
//!
//! All clusters that a tenant's access reaches get the same, but that on a cluster of another tenant it has its namespaces
//! alone. Which clusters those are is not known here.

mod name;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use self::name::{binding_name, cluster_binding_name, cluster_role_name};
use super::{Object, Origin};
use crate::location::Location;
use crate::spec::cluster::Cluster;
use crate::spec::fleet::Fleet;
use crate::spec::tenant::{
    Access, AccessTree, Bound, Hierarchy, Placed, PolicyRule, RoleRef, Subject, Tenant,
};

/// The API of roles and bindings.
const RBAC: &str = "rbac.authorization.k8s.io";

/// Who has a role, by one place where that is said: what becomes one binding object in every namespace that it reaches.
struct Group<'a> {
    /// The role as bindings call it.
    role: &'a str,
    role_ref: RoleRef<'a>,
    subjects: Vec<Subject<'a>>,
    location: Location,
}

/// Returns what a tenant's access comes to on one cluster, in the order of the file.
pub fn access_objects(tenant: &Tenant, cluster: &Cluster, fleet: &Fleet) -> Vec<Object> {
    let tree = tenant.access_tree();
    let emission = Emission { tenant, access: &tenant.spec.access, domain: &fleet.spec.label_domain };
    let mut objects = emission.cluster_roles();
    if cluster.project == tenant.name {
        objects.extend(emission.everywhere(&tree));
    }
    let groups: Vec<Vec<Group<'_>>> =
        tree.namespaces.iter().map(|namespace| emission.groups(&namespace.bindings)).collect();
    let accounts = service_accounts(&tree);
    for (index, namespace) in tree.namespaces.iter().enumerate() {
        objects.push(emission.namespace(namespace));
        for name in accounts.get(namespace.name.as_str()).into_iter().flatten() {
            objects.push(emission.service_account(namespace, name));
        }
        let origins = match emission.access.hierarchy {
            Hierarchy::None => tree.lineage(index),
            Hierarchy::Hnc => {
                objects.extend(emission.hierarchy(&tree, namespace));
                vec![index]
            }
        };
        for origin in origins {
            let from = &tree.namespaces[origin];
            objects.extend(groups[origin].iter().map(|group| emission.role_binding(group, from, namespace)));
        }
    }
    objects
}

/// Returns the ServiceAccounts that bindings name, by namespace: those of namespaces outside the tree are made by whoever
/// has them, and `default` by Kubernetes.
fn service_accounts<'a>(tree: &AccessTree<'a>) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut accounts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for bound in tree.bindings() {
        if let Some(Subject::ServiceAccount { namespace, name }) = bound.subject()
            && name != "default"
        {
            accounts.entry(namespace).or_default().insert(name);
        }
    }
    accounts
}

struct Emission<'a> {
    tenant: &'a Tenant,
    access: &'a Access,
    domain: &'a str,
}

impl<'a> Emission<'a> {
    /// Returns the bindings of one place by their roles, in the order in which these are first named. What names no
    /// role, or nobody, has been reported.
    fn groups(&self, bindings: &[Bound<'a>]) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        for bound in bindings {
            let role = bound.binding.role.as_str();
            let Some((role_ref, subject)) = self.access.role(role).zip(bound.subject()) else { continue };
            let index = groups.iter().position(|group| group.role == role).unwrap_or_else(|| {
                groups.push(Group { role, role_ref, subjects: Vec::new(), location: bound.node.location });
                groups.len() - 1
            });
            if !groups[index].subjects.contains(&subject) {
                groups[index].subjects.push(subject);
            }
        }
        groups
    }

    fn cluster_roles(&self) -> Vec<Object> {
        let made = self.access.roles.iter().filter(|(_, role)| role.cluster_role.is_none());
        let object = |(name, role): (&String, &crate::spec::tenant::AccessRole)| {
            let rules: Vec<Value> = role.rules.iter().map(rule).collect();
            let at = self.tenant.document.at(&format!("/spec/access/roles/{name}"));
            let body = json!({
                "apiVersion": format!("{RBAC}/v1"),
                "kind": "ClusterRole",
                "metadata": {"name": cluster_role_name(&self.tenant.name, name), "labels": self.labels(&[("role", name)])},
                "rules": rules,
            });
            self.object(body, at.map_or(self.tenant.document.location, |node| node.location))
        };
        made.map(object).collect()
    }

    fn everywhere(&self, tree: &AccessTree<'a>) -> Vec<Object> {
        let object = |group: Group<'_>| {
            let role = self.cluster_role(group.role_ref);
            let body = json!({
                "apiVersion": format!("{RBAC}/v1"),
                "kind": "ClusterRoleBinding",
                "metadata": {
                    "name": cluster_binding_name(&self.tenant.name, group.role, &role),
                    "labels": self.labels(&[("role", group.role)]),
                },
                "roleRef": role_ref(&role),
                "subjects": group.subjects.iter().map(subject).collect::<Vec<_>>(),
            });
            self.object(body, group.location)
        };
        self.groups(&tree.everywhere).into_iter().map(object).collect()
    }

    /// Returns a namespace of the tree. Argo CD never deletes it, since it would take along whatever lies in it; nor does
    /// it wait for a confirmation, since until that came nobody's access to the cluster would change any more.
    fn namespace(&self, namespace: &Placed<'_>) -> Object {
        let body = json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": namespace.name.as_str(),
                "labels": self.labels(&[]),
                "annotations": {
                    "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
                    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
                },
            },
        });
        self.object(body, namespace.location)
    }

    fn service_account(&self, namespace: &Placed<'_>, name: &str) -> Object {
        let body = json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": namespace.name.as_str(), "labels": self.labels(&[])},
        });
        self.object(body, namespace.location)
    }

    /// Returns what tells the controller which namespace is above this one; `None` for a root.
    fn hierarchy(&self, tree: &AccessTree<'_>, namespace: &Placed<'_>) -> Option<Object> {
        let parent = &tree.namespaces[namespace.parent?];
        let body = json!({
            "apiVersion": "hnc.x-k8s.io/v1alpha2",
            "kind": "HierarchyConfiguration",
            "metadata": {
                "name": "hierarchy",
                "namespace": namespace.name.as_str(),
                "labels": self.labels(&[]),
                // The controller may come with the same cluster.
                "annotations": {"argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"},
            },
            "spec": {"parent": parent.name.as_str()},
        });
        Some(self.object(body, namespace.location))
    }

    fn role_binding(&self, group: &Group<'_>, from: &Placed<'_>, to: &Placed<'_>) -> Object {
        let role = self.cluster_role(group.role_ref);
        let origin = from.name.as_str();
        let body = json!({
            "apiVersion": format!("{RBAC}/v1"),
            "kind": "RoleBinding",
            "metadata": {
                "name": binding_name(&self.tenant.name, group.role, &role, origin),
                "namespace": to.name.as_str(),
                "labels": self.labels(&[("role", group.role), ("bound-in", origin)]),
            },
            "roleRef": role_ref(&role),
            "subjects": group.subjects.iter().map(subject).collect::<Vec<_>>(),
        });
        self.object(body, group.location)
    }

    fn cluster_role(&self, role: RoleRef<'_>) -> String {
        match role {
            RoleRef::There(name) => name.to_owned(),
            RoleRef::Made(name) => cluster_role_name(&self.tenant.name, name),
        }
    }

    /// Returns the labels that say where an object comes from.
    fn labels(&self, more: &[(&str, &str)]) -> Map<String, Value> {
        let own = [("project", self.tenant.name.as_str())];
        let all = own.iter().chain(more);
        all.map(|(name, value)| (format!("{}/{name}", self.domain), (*value).into())).collect()
    }

    fn object(&self, body: Value, location: Location) -> Object {
        Object { body, origin: Origin { spec: location, template: None } }
    }
}

fn rule(rule: &PolicyRule) -> Value {
    let mut written = Map::new();
    for (field, texts) in [
        ("apiGroups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.resource_names),
        ("nonResourceURLs", &rule.non_resource_urls),
        ("verbs", &rule.verbs),
    ] {
        if !texts.is_empty() {
            written.insert(field.into(), texts.clone().into());
        }
    }
    written.into()
}

fn role_ref(cluster_role: &str) -> Value {
    json!({"apiGroup": RBAC, "kind": "ClusterRole", "name": cluster_role})
}

fn subject(subject: &Subject<'_>) -> Value {
    match subject {
        Subject::Group(name) => json!({"apiGroup": RBAC, "kind": "Group", "name": name}),
        Subject::User(name) => json!({"apiGroup": RBAC, "kind": "User", "name": name}),
        Subject::ServiceAccount { namespace, name } => {
            json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
        }
    }
}

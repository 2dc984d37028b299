//! A tenant's tree of namespaces, flat, with the places where its parts stand in the file.

use super::{AccessNamespace, Binding};
use crate::location::Location;
use crate::spec::name::Name;
use crate::spec::tenant::Tenant;
use crate::spec::yaml::Node;

/// Who is meant by a binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject<'a> {
    /// A group of whoever says who people are.
    Group(&'a str),
    /// A user.
    User(&'a str),
    /// A ServiceAccount.
    ServiceAccount {
        /// Its namespace.
        namespace: &'a str,
        /// Its name.
        name: &'a str,
    },
}

impl Subject<'_> {
    /// Returns the ServiceAccount where this is its user name: who binds the one binds the other.
    ///
    /// Kubernetes 1.37, docs/reference/access-authn-authz/authentication: `system:serviceaccount:<namespace>:<name>`.
    pub fn authenticated(self) -> Self {
        let Self::User(user) = self else { return self };
        let account = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
        account.map_or(self, |(namespace, name)| Self::ServiceAccount { namespace, name })
    }
}

/// A tenant's tree, with the places where its parts stand.
#[derive(Clone, Debug)]
pub struct AccessTree<'a> {
    /// The bindings of the whole cluster.
    pub everywhere: Vec<Bound<'a>>,
    /// The namespaces, each before its children, in the order in which they are written.
    pub namespaces: Vec<Placed<'a>>,
}

/// A namespace of the tree, and where it stands.
#[derive(Clone, Debug)]
pub struct Placed<'a> {
    /// Its name.
    pub name: &'a Name,
    /// Where its name stands.
    pub location: Location,
    /// The namespace above it, as its place among the tree's.
    pub parent: Option<usize>,
    /// What is bound here.
    pub bindings: Vec<Bound<'a>>,
}

/// A binding, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// What it says.
    pub binding: &'a Binding,
    /// The namespace where it stands; `None` for the whole cluster.
    pub namespace: Option<&'a str>,
    /// Its place in the file.
    pub node: &'a Node,
}

impl<'a> Bound<'a> {
    /// Returns who is meant; `None` for a ServiceAccount whose namespace is not said.
    pub fn subject(&self) -> Option<Subject<'a>> {
        let Binding { group, user, service_account, .. } = self.binding;
        match (group, user, service_account) {
            (Some(group), ..) => Some(Subject::Group(group)),
            (None, Some(user), _) => Some(Subject::User(user)),
            (None, None, Some(account)) => {
                let (namespace, name) = match account.split_once('/') {
                    Some((namespace, name)) => (namespace, name),
                    None => (self.namespace?, account.as_str()),
                };
                Some(Subject::ServiceAccount { namespace, name })
            }
            (None, None, None) => None,
        }
    }

    /// Returns where a field of the binding stands.
    pub fn place(&self, field: &str) -> Location {
        self.node.get(field).map_or(self.node.location, |value| value.location)
    }
}

impl<'a> AccessTree<'a> {
    /// Returns the namespace at `index` and those above it, as places among the tree's, the root first.
    pub fn lineage(&self, index: usize) -> Vec<usize> {
        let above = |index: &usize| self.namespaces.get(*index)?.parent;
        let mut lineage: Vec<usize> = std::iter::successors(Some(index), above).collect();
        lineage.reverse();
        lineage
    }

    /// Returns every binding, those of the whole cluster first.
    pub fn bindings(&self) -> impl Iterator<Item = &Bound<'a>> {
        self.everywhere.iter().chain(self.namespaces.iter().flat_map(|namespace| &namespace.bindings))
    }
}

impl Tenant {
    /// Returns its tree of namespaces; an empty one where it says nothing under `access`.
    pub fn access_tree(&self) -> AccessTree<'_> {
        let mut tree = AccessTree { everywhere: Vec::new(), namespaces: Vec::new() };
        if let Some(node) = self.document.at("/spec/access") {
            tree.everywhere = bound(&self.spec.access.bind, node, None);
            add(&self.spec.access.namespaces, items(node, "namespaces"), None, &mut tree.namespaces);
        }
        tree
    }
}

/// Adds namespaces and what lies beneath them; `nodes` are where they stand, in the same order.
fn add<'a>(
    namespaces: &'a [AccessNamespace],
    nodes: &'a [Node],
    parent: Option<usize>,
    flat: &mut Vec<Placed<'a>>,
) {
    for (namespace, node) in namespaces.iter().zip(nodes) {
        let index = flat.len();
        flat.push(Placed {
            name: &namespace.name,
            location: node.get("name").map_or(node.location, |name| name.location),
            parent,
            bindings: bound(&namespace.bind, node, Some(namespace.name.as_str())),
        });
        add(&namespace.children, items(node, "children"), Some(index), flat);
    }
}

fn bound<'a>(bindings: &'a [Binding], node: &'a Node, namespace: Option<&'a str>) -> Vec<Bound<'a>> {
    let nodes = items(node, "bind");
    bindings.iter().zip(nodes).map(|(binding, node)| Bound { binding, namespace, node }).collect()
}

fn items<'a>(node: &'a Node, field: &str) -> &'a [Node] {
    node.get(field).and_then(Node::items).unwrap_or_default()
}

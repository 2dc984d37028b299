//! Which tenants may do something on a cluster: its owner and those it is shared with, as their selectors say.

use crate::spec::Catalog;
use crate::spec::cluster::Cluster;
use crate::spec::tenant::Tenant;
use crate::spec::yaml::Node;

/// Returns the tenants whose `access` reaches a cluster, its owner first, the others in the order of `sharedWith`.
pub(super) fn tenants<'a>(catalog: &'a Catalog, cluster: &Cluster) -> Vec<&'a Tenant> {
    let shared = cluster.shared_with().filter_map(Node::as_str);
    let mut tenants: Vec<&Tenant> = Vec::new();
    for name in std::iter::once(cluster.project.as_str()).chain(shared) {
        let Some(tenant) = catalog.tenants.get(name) else { continue };
        let access = &tenant.spec.access;
        let is_known = tenants.iter().any(|known| known.name == tenant.name);
        // What a guest binds to whole clusters does not hold on this one.
        let is_empty = access.is_empty() || (tenant.name != cluster.project && access.namespaces.is_empty());
        if !is_known && !is_empty && access.clusters.selects(&cluster.labels) {
            tenants.push(tenant);
        }
    }
    tenants
}

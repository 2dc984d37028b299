//! Why the addon `access` is on or off: which tenants say something under `access`, and whether that reaches the cluster.

use serde_json::Value;

use super::addon::selected;
use super::{Asked, Explanation, Origin, Step};
use crate::location::Location;
use crate::spec::addon::ACCESS;
use crate::spec::tenant::Tenant;
use crate::spec::yaml::Node;

/// Explains whether the addon is on.
pub(super) fn explain(asked: &Asked<'_>) -> Explanation {
    let cluster = asked.cluster();
    let expanded = &asked.expansion.clusters[asked.index];
    // What holds comes first: it is what decides.
    let mut parts: Vec<(bool, Vec<Step>)> = Vec::new();
    let is_reached = |tenant: &Tenant| expanded.access.iter().any(|known| known.name == tenant.name);
    if let Some(owner) = asked.catalog.tenants.get(&cluster.project) {
        parts.push((is_reached(owner), of_tenant(asked, owner)));
    }
    for node in cluster.shared_with() {
        let Some(tenant) = node.as_str().and_then(|name| asked.catalog.tenants.get(name)) else { continue };
        let what = format!("shares it with `{}`", tenant.name);
        let shared = Step::new(Origin::Cluster, Some(node.location), what);
        parts.push((is_reached(tenant), std::iter::once(shared).chain(of_tenant(asked, tenant)).collect()));
    }
    parts.sort_by_key(|(is_reached, _)| !is_reached);
    let steps = parts.into_iter().flat_map(|(_, steps)| steps).collect();
    let is_on = expanded.addon(ACCESS).is_some();
    Explanation {
        subject: format!("the addon {ACCESS} of {}", cluster.identity()),
        value: Some(Value::Bool(is_on)),
        steps,
    }
}

/// Returns what a tenant says about the cluster.
fn of_tenant(asked: &Asked<'_>, tenant: &Tenant) -> Vec<Step> {
    let access = &tenant.spec.access;
    let location = |node: Option<&Node>| -> Option<Location> { node.map(|node| node.location) };
    if access.is_empty() {
        let name = location(tenant.document.at("/metadata/name"));
        let what = format!("`{}` says nothing under `access`", tenant.name);
        return vec![Step::new(Origin::Tenant, name, what).giving(false.into())];
    }
    if access.namespaces.is_empty() && tenant.name != asked.cluster().project {
        let what = format!("`{}` has no namespaces, and binds nothing on clusters of others", tenant.name);
        let place = location(tenant.document.at("/spec/access/bind"));
        return vec![Step::new(Origin::Tenant, place, what).giving(false.into())];
    }
    let at = tenant.document.at("/spec/access");
    let start = location(at).map(|at| Location { end: at.start, ..at });
    let what = format!("`{}` says who may do what on its clusters", tenant.name);
    let mut steps = vec![Step::new(Origin::Tenant, start, what).giving(true.into())];
    let selector = at.and_then(|access| access.get("clusters"));
    steps.extend(selected(&access.clusters, (Origin::Tenant, selector), asked.cluster()));
    steps
}

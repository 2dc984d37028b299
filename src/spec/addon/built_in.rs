//! The addon that nobody writes: `access`, which installs what tenants say under `access`.
//!
//! It is an addon like any other from here on: an Application on each cluster, in one ApplicationSet.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Addon;
use crate::diagnostic::Report;
use crate::spec::decode::decode;
use crate::spec::fleet::Fleet;
use crate::spec::name::Name;
use crate::spec::schema::Schema;
use crate::spec::tenant::Tenant;
use crate::spec::yaml::Node;
use crate::tree::RepoPath;

/// Its name, which no other addon may have.
pub const ACCESS: &str = "access";

/// Returns the addon where a tenant has access to install; `schema` is that of an addon's `spec`.
///
/// # Errors
/// Reports what the schema would not take.
pub fn access(
    tenants: &BTreeMap<Name, Tenant>,
    fleet: &Fleet,
    schema: &Arc<Schema>,
) -> Result<Option<Addon>, Report> {
    let Some(tenant) = tenants.values().find(|tenant| !tenant.spec.access.is_empty()) else {
        return Ok(None);
    };
    let at = tenant.document.at("/spec/access").map_or(tenant.document.location, |access| access.location);
    let text = |text: &str| Node::from_text(at, text);
    let map = |entries: Vec<(&str, Node)>| Node::from_entries(at, entries);
    let spec = map(vec![
        ("description", text("who may do what, as tenants say it under `access`")),
        // Everything that it installs names its own namespace, and it makes those that it is for.
        ("namespace", text("default")),
        ("source", map(vec![(ACCESS, map(Vec::new()))])),
        ("sync", map(vec![("createNamespace", Node::from_bool(at, false))])),
    ]);
    let document = map(vec![
        ("apiVersion", text("yoshino.dev/v1alpha1")),
        ("kind", text("Addon")),
        ("metadata", map(vec![("name", text(ACCESS))])),
        ("spec", spec.clone()),
    ]);
    let mut addon = Addon {
        name: Name::new(ACCESS).expect("because it is a DNS label"),
        spec: decode(&spec, schema)?,
        document,
        path: RepoPath::new("tenants").expect("because it is a plain folder"),
        schema: schema.clone(),
    };
    // Argo CD's RollingSync switches self-heal off; saying otherwise would promise what does not happen.
    addon.spec.sync.self_heal = fleet.rollout_steps().is_empty();
    Ok(Some(addon))
}

//! What templates and values see of a cluster: `cluster`, `tenant`, `fleet`, `addons`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::cluster_api::effective_cluster;
use super::template::{Value, context};
use crate::diagnostic::Report;
use crate::expand::{ExpandedCluster, Expansion};
use crate::spec::addon::{Addon, Placement, Source};
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// The variables that clusters share.
#[derive(Debug)]
pub struct Variables {
    fleet: Value,
    tenants: BTreeMap<Name, Value>,
}

/// Fills an EKS addon's values for a cluster, given the variables but `addons`; `None` where it has none.
pub type EksValues<'v> =
    dyn Fn(&ExpandedCluster<'_>, &Name, &Value) -> Result<Option<Json>, Report> + Sync + 'v;

impl Variables {
    /// Prepares what does not depend on the cluster.
    pub fn new(expansion: &Expansion<'_>) -> Self {
        let catalog = expansion.catalog;
        let fleet = context::object(catalog.fleet.document.get("spec"), &catalog.fleet.schema);
        let fleet = context::overlay(fleet, [("name", text(catalog.fleet.name.as_str()))]);
        let tenant = |(name, tenant): (&Name, &crate::spec::tenant::Tenant)| {
            let spec = context::object(tenant.document.get("spec"), &tenant.schema);
            (name.clone(), context::overlay(spec, [("name", text(name.as_str()))]))
        };
        Self { fleet, tenants: catalog.tenants.iter().map(tenant).collect() }
    }

    /// Returns the variables that do not depend on the cluster.
    pub fn shared(&self) -> Value {
        context::root([("fleet", self.fleet.clone())])
    }

    /// Returns the variables of a cluster's templates and values.
    ///
    /// # Errors
    /// Reports values of EKS addons that cannot be filled.
    pub fn of_cluster(
        &self,
        expansion: &Expansion<'_>,
        expanded: &ExpandedCluster<'_>,
        eks_values: &EksValues<'_>,
    ) -> Result<Value, Report> {
        let cluster = context::object(Some(&effective_cluster(expanded)), &expanded.cluster.schema);
        let tenant = self.tenants.get(&expanded.tenant.name).cloned().unwrap_or_default();
        let shared = [("cluster", cluster), ("tenant", tenant), ("fleet", self.fleet.clone())];
        let without_addons = context::root(shared);
        let addons = addons(expansion, expanded, &without_addons, eks_values)?;
        Ok(context::overlay(without_addons, [("addons", context::lenient(&addons))]))
    }
}

/// Returns the variables with `addon` beside them: what an addon's values and manifests see.
pub fn with_addon(variables: &Value, addon: &Addon, version: Option<&str>) -> Value {
    let addon = json!({
        "name": addon.name.as_str(),
        "version": version,
        "namespace": addon.spec.namespace.as_str(),
        "placement": placement(addon),
    });
    context::overlay(variables.clone(), [("addon", context::plain(&addon))])
}

/// Returns the enabled addons by name, and under `eks` those that AWS manages, sorted by their name at AWS.
fn addons(
    expansion: &Expansion<'_>,
    expanded: &ExpandedCluster<'_>,
    variables: &Value,
    eks_values: &EksValues<'_>,
) -> Result<Json, Report> {
    let mut addons = Map::new();
    let mut managed: Vec<Json> = Vec::new();
    for installed in &expanded.addons {
        let Some(source) = expansion.source(expanded.cluster, installed) else { continue };
        let addon = installed.addon;
        let version = installed.version(source);
        let one = json!({
            "name": addon.name.as_str(),
            "version": version,
            "namespace": addon.spec.namespace.as_str(),
            "placement": placement(addon),
        });
        addons.insert(addon.name.to_string(), one);
        if let Source::Eks(eks) = source {
            let values = eks_values(expanded, &addon.name, variables)?;
            let configuration = values.map(|values| values.to_string());
            managed.push(json!({"name": eks.addon, "version": version, "configuration": configuration, "role": eks.role}));
        }
    }
    managed.sort_by_cached_key(|one| one["name"].to_string());
    addons.insert("eks".to_owned(), Json::Array(managed));
    Ok(Json::Object(addons))
}

fn placement(addon: &Addon) -> &'static str {
    match addon.spec.placement {
        Placement::Workload => "workload",
        Placement::Management => "management",
    }
}

fn text(text: &str) -> Value {
    context::plain(&json!(text))
}

/// Returns where a cluster's rendering should point when something is wrong with it: its name.
pub fn place_of(expanded: &ExpandedCluster<'_>) -> crate::location::Location {
    let cluster = expanded.cluster;
    cluster.document.at("/metadata/name").map_or(cluster.document.location, |name: &Node| name.location)
}

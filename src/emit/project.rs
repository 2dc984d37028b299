//! What a tenant has on a management cluster: two AppProjects, its namespace and a quota.
//!
//! `<tenant>` is for the tenant's own Applications and reaches its own clusters only; the project of addons reaches
//! these and the tenant's namespace on the management cluster. Whether names collide, and whether the tenant has
//! what it names, is not looked at here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::application::{IN_CLUSTER, chart_repository};
use super::patch::{AllPatches, glob_matches};
use super::{Object, Origin};
use crate::diagnostic::Report;
use crate::expand::{ExpandedCluster, Expansion};
use crate::spec::Catalog;
use crate::spec::addon::{Addon, Placement};
use crate::spec::fleet::Management;
use crate::spec::name::Name;
use crate::spec::tenant::{Role, SyncWindow, Tenant};

/// What tenants may do to the Applications of addons.
const ON_ADDONS: [&str; 2] = ["get", "sync"];

/// Returns the objects of each tenant that a management cluster serves, in the order of the tenants' names.
///
/// A tenant is where it has clusters; without clusters it is on the fleet's first management cluster.
///
/// # Errors
/// Reports patches that cannot be applied.
pub fn projects<'a>(
    expansion: &'a Expansion<'a>,
    management: &Management,
    patches: &AllPatches<'_>,
) -> Result<Vec<(&'a Tenant, Vec<Object>)>, Report> {
    let catalog = expansion.catalog;
    let shared = Shared::new(catalog);
    let mut of_tenants: BTreeMap<&Name, Vec<&ExpandedCluster<'_>>> = BTreeMap::new();
    for cluster in &expansion.clusters {
        of_tenants.entry(&cluster.tenant.name).or_default().push(cluster);
    }
    let is_first = catalog.fleet.spec.management.first().is_some_and(|first| first.name == management.name);
    let mut report = Report::default();
    let mut projects = Vec::new();
    for tenant in catalog.tenants.values() {
        let everywhere = of_tenants.get(&tenant.name).map(Vec::as_slice).unwrap_or_default();
        let here = everywhere.iter().copied().filter(|cluster| cluster.management.name == management.name);
        let here: Vec<&ExpandedCluster<'_>> = here.collect();
        if here.is_empty() && !(is_first && everywhere.is_empty()) {
            continue;
        }
        let mut objects = shared.objects(tenant, management, &here);
        for object in &mut objects {
            if let Err(findings) = patches.fleet.apply(object) {
                report.extend(findings);
            }
        }
        projects.push((tenant, objects));
    }
    report.or(projects)
}

/// What the projects of all tenants share.
struct Shared {
    repositories: Vec<Value>,
    namespaces: BTreeSet<Name>,
}

impl Shared {
    fn new(catalog: &Catalog) -> Self {
        let addons = || catalog.contents().flat_map(|content| content.addons.values());
        let of_charts: BTreeSet<String> = addons().flat_map(chart_repositories).collect();
        let own = catalog.fleet.spec.repository.url.clone();
        let others = of_charts.into_iter().filter(|repository| *repository != own);
        let repositories = std::iter::once(own.clone()).chain(others).map(Value::from).collect();
        let on_management = addons().filter(|addon| addon.spec.placement == Placement::Management);
        let namespaces = on_management.flat_map(|addon| addon.spec.management_namespaces.iter().cloned());
        Self { repositories, namespaces: namespaces.collect() }
    }

    fn objects(
        &self,
        tenant: &Tenant,
        management: &Management,
        clusters: &[&ExpandedCluster<'_>],
    ) -> Vec<Object> {
        let mut bodies = vec![json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": tenant.name.as_str(),
                "annotations": {"argocd.argoproj.io/sync-options": "Prune=confirm"},
            },
        })];
        bodies.extend(quota(tenant));
        bodies.push(own_project(tenant, management, clusters));
        bodies.push(self.addon_project(tenant, management, clusters));
        let origin = Origin { spec: tenant.document.location, template: None };
        bodies.into_iter().map(|body| Object { body, origin }).collect()
    }

    fn addon_project(
        &self,
        tenant: &Tenant,
        management: &Management,
        clusters: &[&ExpandedCluster<'_>],
    ) -> Value {
        let name = management.addon_project(&tenant.name);
        let on_clusters = clusters.iter().map(|cluster| destination(cluster, "*"));
        let namespaces = std::iter::once(&tenant.name);
        let namespaces = namespaces.chain(self.namespaces.iter().filter(|other| **other != tenant.name));
        let here = namespaces.map(|namespace| json!({"server": IN_CLUSTER, "namespace": namespace.as_str()}));
        let mut spec = Map::new();
        spec.insert("description".into(), format!("addons on the clusters of {}", tenant.name).into());
        spec.insert("sourceRepos".into(), self.repositories.clone().into());
        spec.insert("destinations".into(), on_clusters.chain(here).collect());
        spec.insert("clusterResourceWhitelist".into(), json!([{"group": "*", "kind": "*"}]));
        let roles = roles(&name, &tenant.spec.roles, |action| ON_ADDONS.contains(&action));
        insert_list(&mut spec, "roles", roles);
        app_project(&name, management, spec)
    }
}

/// Returns the chart repositories of an addon as Argo CD names them, over all minors.
fn chart_repositories(addon: &Addon) -> Vec<String> {
    let base = addon.document.at("/spec/source/helm/repository");
    let per_minor = addon.document.at("/spec/perMinor").and_then(|node| node.items()).unwrap_or_default();
    let others = per_minor.iter().filter_map(|item| item.at("/source/helm/repository"));
    let written = base.into_iter().chain(others).filter_map(|node| node.as_str());
    written.map(|repository| chart_repository(repository).to_owned()).collect()
}

fn own_project(tenant: &Tenant, management: &Management, clusters: &[&ExpandedCluster<'_>]) -> Value {
    let name = tenant.name.as_str();
    let mut spec = Map::new();
    if let Some(description) = &tenant.spec.description {
        spec.insert("description".into(), description.as_str().into());
    }
    insert_list(&mut spec, "sourceRepos", without_repetition(&tenant.spec.source_repositories));
    insert_list(&mut spec, "destinations", own_destinations(tenant, clusters));
    let kinds = tenant.spec.cluster_resources.iter();
    let kinds = kinds.map(|resource| json!({"group": resource.group, "kind": resource.kind}));
    insert_list(&mut spec, "clusterResourceWhitelist", kinds.collect());
    insert_list(&mut spec, "roles", roles(name, &tenant.spec.roles, |_| true));
    insert_list(&mut spec, "syncWindows", tenant.spec.sync_windows.iter().map(sync_window).collect());
    app_project(name, management, spec)
}

fn own_destinations(tenant: &Tenant, clusters: &[&ExpandedCluster<'_>]) -> Vec<Value> {
    if tenant.spec.destinations.is_empty() {
        return clusters.iter().map(|cluster| destination(cluster, "*")).collect();
    }
    let mut destinations: Vec<Value> = Vec::new();
    for wanted in &tenant.spec.destinations {
        let meant =
            clusters.iter().filter(|cluster| glob_matches(&wanted.cluster, cluster.cluster.name.as_str()));
        for one in meant.map(|cluster| destination(cluster, &wanted.namespace)) {
            if !destinations.contains(&one) {
                destinations.push(one);
            }
        }
    }
    destinations
}

/// Destinations go by name: Argo CD knows the server only once the cluster has one.
fn destination(cluster: &ExpandedCluster<'_>, namespace: &str) -> Value {
    let name = cluster.management.cluster_name(&cluster.cluster.project, &cluster.cluster.name);
    json!({"name": name, "namespace": namespace})
}

fn app_project(name: &str, management: &Management, spec: Map<String, Value>) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {
            "name": name,
            "namespace": management.argocd.namespace.as_str(),
            "annotations": {"argocd.argoproj.io/sync-options": "Prune=confirm"},
        },
        "spec": spec,
    })
}

/// Returns a project's roles with the actions that `allowed` lets through; a role without any is left out.
fn roles(project: &str, roles: &[Role], allowed: impl Fn(&str) -> bool) -> Vec<Value> {
    let role = |role: &Role| {
        let actions: BTreeSet<&str> =
            role.actions.iter().map(String::as_str).filter(|action| allowed(action)).collect();
        let policy = |action: &&str| {
            format!("p, proj:{project}:{}, applications, {action}, {project}/*, allow", role.name)
        };
        let policies: Vec<String> = actions.iter().map(policy).collect();
        let groups: Vec<String> = role.groups.iter().map(|group| quoted(group)).collect();
        let mut written = Map::new();
        written.insert("name".into(), role.name.as_str().into());
        insert_list(&mut written, "policies", without_repetition(&policies));
        insert_list(&mut written, "groups", without_repetition(&groups));
        (!policies.is_empty()).then_some(Value::Object(written))
    };
    roles.iter().filter_map(role).collect()
}

/// Returns a group as Argo CD wants it: one with a comma, such as an LDAP name, stands in quotes.
fn quoted(group: &str) -> String {
    if group.contains(',') && !group.starts_with('"') { format!("\"{group}\"") } else { group.to_owned() }
}

/// Returns a sync window; one that names nothing holds for every Application of the project.
fn sync_window(window: &SyncWindow) -> Value {
    let everything =
        window.applications.is_empty() && window.namespaces.is_empty() && window.clusters.is_empty();
    let applications = if everything { vec!["*".to_owned()] } else { window.applications.clone() };
    let mut written = Map::new();
    for (field, text) in
        [("kind", &window.kind), ("schedule", &window.schedule), ("duration", &window.duration)]
    {
        written.insert(field.into(), text.as_str().into());
    }
    let lists =
        [("applications", &applications), ("namespaces", &window.namespaces), ("clusters", &window.clusters)];
    for (field, texts) in lists {
        insert_list(&mut written, field, texts.iter().map(|text| text.as_str().into()).collect());
    }
    if window.manual_sync == Some(true) {
        written.insert("manualSync".into(), true.into());
    }
    if let Some(time_zone) = &window.time_zone {
        written.insert("timeZone".into(), time_zone.as_str().into());
    }
    written.into()
}

fn quota(tenant: &Tenant) -> Option<Value> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let hard: Map<String, Value> =
        tenant.spec.quota.iter().map(|(resource, value)| (resource.clone(), text(value).into())).collect();
    (!hard.is_empty()).then(|| {
        json!({
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "quota", "namespace": tenant.name.as_str()},
            "spec": {"hard": hard},
        })
    })
}

fn insert_list(map: &mut Map<String, Value>, field: &str, items: Vec<Value>) {
    if !items.is_empty() {
        map.insert(field.into(), items.into());
    }
}

/// Argo CD refuses lists with repetitions.
fn without_repetition(texts: &[String]) -> Vec<Value> {
    let mut kept: Vec<&String> = Vec::new();
    for text in texts {
        if !kept.contains(&text) {
            kept.push(text);
        }
    }
    kept.into_iter().map(|text| Value::from(text.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::catalog;
    use super::*;
    use crate::expand::expand;

    /// Returns the objects of each tenant on a management cluster, by tenant.
    fn emitted(management: &str, changes: &[(&str, &str)]) -> Result<BTreeMap<String, Vec<Value>>, Report> {
        let (catalog, _) = catalog(changes);
        let expansion = expand(&catalog)?;
        let patches = AllPatches::new(&expansion);
        let Some(management) = catalog.fleet.management(management) else { return Ok(BTreeMap::new()) };
        let of_tenant = |(tenant, objects): (&Tenant, Vec<Object>)| {
            (tenant.name.to_string(), objects.into_iter().map(|object| object.body).collect())
        };
        Ok(projects(&expansion, management, &patches)?.into_iter().map(of_tenant).collect())
    }

    const TENANT: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Tenant, metadata: {name: blue}, spec: {description: Blue, destinations: [{cluster: 'w*', namespace: shop}, {cluster: web, namespace: shop}], sourceRepositories: [https://git.example.com/*, https://git.example.com/*], clusterResources: [{group: '', kind: Namespace}], roles: [{name: deployer, groups: ['cn=a,ou=b', team], actions: [sync, get, delete]}, {name: owner, actions: [delete]}], syncWindows: [{kind: deny, schedule: 0 22 * * *, duration: 8h}], quota: {pods: 100, cpu: '20'}}}";

    const AUTOSCALER: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: autoscaler}, spec: {placement: management, namespace: kube-system, managementNamespaces: [monitoring], source: {helm: {repository: oci://quay.example.com/autoscaler, chart: x, version: 1.0.0}}, perMinor: [{kubernetes: '1.34', source: {helm: {repository: https://old.example.com}}}]}}";

    #[test]
    fn a_tenant_has_two_projects_a_namespace_and_a_quota() -> Result<(), Report> {
        let objects =
            emitted("east", &[("tenants/blue.yaml", TENANT), ("addons/autoscaler/addon.yaml", AUTOSCALER)])?;
        let confirm = json!({"argocd.argoproj.io/sync-options": "Prune=confirm"});
        let expected = [
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "blue", "annotations": confirm}}),
            json!({
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": "quota", "namespace": "blue"},
                "spec": {"hard": {"cpu": "20", "pods": "100"}},
            }),
            json!({
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "AppProject",
                "metadata": {"name": "blue", "namespace": "argocd", "annotations": confirm},
                "spec": {
                    "description": "Blue",
                    "sourceRepos": ["https://git.example.com/*"],
                    "destinations": [{"name": "blue-web", "namespace": "shop"}],
                    "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
                    "roles": [
                        {
                            "name": "deployer",
                            "policies": [
                                "p, proj:blue:deployer, applications, delete, blue/*, allow",
                                "p, proj:blue:deployer, applications, get, blue/*, allow",
                                "p, proj:blue:deployer, applications, sync, blue/*, allow",
                            ],
                            "groups": ["\"cn=a,ou=b\"", "team"],
                        },
                        {
                            "name": "owner",
                            "policies": ["p, proj:blue:owner, applications, delete, blue/*, allow"],
                        },
                    ],
                    "syncWindows": [
                        {"kind": "deny", "schedule": "0 22 * * *", "duration": "8h", "applications": ["*"]},
                    ],
                },
            }),
            json!({
                "apiVersion": "argoproj.io/v1alpha1",
                "kind": "AppProject",
                "metadata": {"name": "blue-platform", "namespace": "argocd", "annotations": confirm},
                "spec": {
                    "description": "addons on the clusters of blue",
                    "sourceRepos": [
                        "https://git.example.com/fleet.git",
                        "https://charts.example.com",
                        "https://old.example.com",
                        "quay.example.com/autoscaler",
                        "quay.example.com/charts",
                    ],
                    "destinations": [
                        {"name": "blue-web", "namespace": "*"},
                        {"server": "https://kubernetes.default.svc", "namespace": "blue"},
                        {"server": "https://kubernetes.default.svc", "namespace": "monitoring"},
                    ],
                    "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
                    "roles": [{
                        "name": "deployer",
                        "policies": [
                            "p, proj:blue-platform:deployer, applications, get, blue-platform/*, allow",
                            "p, proj:blue-platform:deployer, applications, sync, blue-platform/*, allow",
                        ],
                        "groups": ["\"cn=a,ou=b\"", "team"],
                    }],
                },
            }),
        ];
        assert_eq!(objects["blue"], expected);
        Ok(())
    }

    #[test]
    fn a_tenant_is_where_its_clusters_are_or_else_on_the_first_management_cluster() -> Result<(), Report> {
        let green = "{apiVersion: yoshino.dev/v1alpha1, kind: Tenant, metadata: {name: green}}";
        let api = "{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {name: api}, spec: {project: green, provider: metal, management: west, kubernetes: v1.35.2}}";
        let names = |objects: BTreeMap<String, Vec<Value>>| objects.into_keys().collect::<Vec<_>>();
        let without = [("tenants/green.yaml", green)];
        let with = [("tenants/green.yaml", green), ("clusters/api.yaml", api)];
        assert_eq!(names(emitted("east", &without)?), ["blue", "green"]);
        assert_eq!(names(emitted("west", &without)?), [""; 0]);
        assert_eq!(names(emitted("east", &with)?), ["blue"]);
        assert_eq!(names(emitted("west", &with)?), ["green"]);
        Ok(())
    }
}

//! Who gets what: for every cluster, which addons are on, from which source, with which settings.
//!
//! Pure: a [`Catalog`] goes in, an [`Expansion`] comes out. It must not know how anything is written down.

mod access;
mod agree;
mod pool;

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Report};
use crate::spec::addon::{Addon, Source};
use crate::spec::cluster::{AddonSetting, Cluster};
use crate::spec::fleet::{Fleet, Management};
use crate::spec::merge::merge_optional;
use crate::spec::name::Name;
use crate::spec::provider::Provider;
use crate::spec::release::Release;
use crate::spec::tenant::Tenant;
use crate::spec::version::Minor;
use crate::spec::yaml::Node;
use crate::spec::{Catalog, Content};

pub use pool::{PoolDeployment, deployments, split_labels};

/// Every cluster with its addons, and every source in use.
#[derive(Debug)]
pub struct Expansion<'a> {
    /// What it was made from.
    pub catalog: &'a Catalog,
    /// The clusters, sorted by project and name.
    pub clusters: Vec<ExpandedCluster<'a>>,
    /// The source of each addon of trunk and of each release, for each minor that a cluster runs and the addon supports.
    pub sources: BTreeMap<SourceKey<'a>, Source>,
}

/// What decides an addon's source: the release, `None` for trunk, the addon, the minor.
pub type SourceKey<'a> = (Option<&'a Release>, &'a Name, Minor);

/// One cluster, its references followed.
#[derive(Debug)]
pub struct ExpandedCluster<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// Who owns it.
    pub tenant: &'a Tenant,
    /// Who makes it.
    pub management: &'a Management,
    /// What it is installed from: trunk's addons and templates, or those of the release that it is pinned to.
    pub content: &'a Content,
    /// What its objects are made from.
    pub provider: &'a Provider,
    /// The addons that are on, in the order of their names.
    pub addons: Vec<Installed<'a>>,
    /// The tenants whose `access` reaches it, its owner first.
    pub access: Vec<&'a Tenant>,
}

/// An addon that is on for a cluster.
#[derive(Debug)]
pub struct Installed<'a> {
    /// The addon.
    pub addon: &'a Addon,
    /// What the cluster says about it.
    pub setting: AddonSetting,
}

impl<'a> ExpandedCluster<'a> {
    /// Returns the git revision at which what its addons contain is read: its pin, or trunk.
    pub fn revision(&self, fleet: &'a Fleet) -> &'a str {
        self.cluster.release.as_ref().map_or(fleet.spec.repository.trunk.as_str(), Release::as_str)
    }
    /// Returns the addon called `name` if it is on.
    pub fn addon(&self, name: &str) -> Option<&Installed<'_>> {
        self.addons.iter().find(|installed| installed.addon.name.as_str() == name)
    }
}

impl<'a> Expansion<'a> {
    /// Returns the source that `installed` is installed from on `cluster`.
    pub fn source<'s>(&'s self, cluster: &'s Cluster, installed: &'s Installed<'_>) -> Option<&'s Source> {
        self.sources.get(&(cluster.release.as_ref(), &installed.addon.name, cluster.minor()))
    }

    /// Returns the clusters of a management cluster, in order.
    pub fn clusters_of(&self, management: &Name) -> impl Iterator<Item = &ExpandedCluster<'a>> {
        self.clusters.iter().filter(move |cluster| cluster.management.name == *management)
    }
}

impl Installed<'_> {
    /// Returns the version in use: the cluster's own, else the source's; `None` for sources that have none.
    pub fn version<'b>(&'b self, source: &'b Source) -> Option<&'b str> {
        let own = source.version()?;
        Some(self.setting.version.as_deref().unwrap_or(own))
    }

    /// Returns the values in use: the cluster's laid over the source's.
    pub fn values(&self, source: &Source) -> Option<Node> {
        let own = match source {
            Source::Helm(helm) => helm.values.as_ref(),
            Source::Eks(eks) => eks.values.as_ref(),
            Source::Kustomize { .. } | Source::Manifests { .. } | Source::Access => None,
        };
        merge_optional(own, self.setting.values.as_ref())
    }
}

/// Expands a catalog.
///
/// # Errors
/// Reports addons that a cluster asks for and that do not run on it, sources that are not whole, and addons of one
/// cluster that do not go together; what many clusters share is reported once, with their number.
pub fn expand(catalog: &Catalog) -> Result<Expansion<'_>, Report> {
    let expanded: Vec<_> =
        catalog.clusters.par_iter().map(|cluster| expand_cluster(catalog, cluster)).collect();
    let mut report = Report::default();
    let mut clusters = Vec::with_capacity(expanded.len());
    for (cluster, findings) in expanded {
        report.extend(findings);
        clusters.extend(cluster);
    }
    let sources = read_sources(&clusters, &mut report);
    agree::check(&clusters, &mut report);
    report.or(Expansion { catalog, clusters, sources })
}

fn expand_cluster<'a>(catalog: &'a Catalog, cluster: &'a Cluster) -> (Option<ExpandedCluster<'a>>, Report) {
    let mut report = Report::default();
    let content = catalog.content(cluster);
    let addons = content.addons.values().filter_map(|addon| {
        let setting = cluster.addon(&addon.name);
        is_on(addon, cluster, &setting, &mut report).then_some(Installed { addon, setting })
    });
    let mut addons: Vec<Installed<'_>> = addons.collect();
    let access = access::tenants(catalog, cluster);
    if let Some(addon) = catalog.access.as_ref().filter(|_| !access.is_empty()) {
        let at = addons.partition_point(|other| other.addon.name < addon.name);
        addons.insert(at, Installed { addon, setting: AddonSetting::default() });
    }
    // `load` has reported references that lead nowhere.
    let references = (|| {
        let tenant = catalog.tenants.get(&cluster.project)?;
        let management = catalog.fleet.management(cluster.management.as_str())?;
        Some((tenant, management, content.providers.get(&cluster.provider)?))
    })();
    let expanded = references.map(|(tenant, management, provider)| ExpandedCluster {
        cluster,
        tenant,
        management,
        content,
        provider,
        addons,
        access,
    });
    (expanded, report)
}

/// Returns whether an addon is on for a cluster: by the cluster's own word, else by the addon's rule.
fn is_on(addon: &Addon, cluster: &Cluster, setting: &AddonSetting, report: &mut Report) -> bool {
    let fits = addon.runs_on(cluster.minor()) && addon.runs_with(&cluster.provider);
    if setting.enabled == Some(true)
        && !fits
        && let Some(node) = &setting.node
    {
        let message = format!("`{}` does not run on this cluster", addon.name);
        let diagnostic =
            Diagnostic::error("addon-unsupported", node.location, message).label("asked for here");
        report.push(unsupported_because(diagnostic, addon, cluster));
    }
    let by_rule = addon.spec.enable.default && addon.spec.enable.when.selects(&cluster.labels);
    fits && setting.enabled.unwrap_or(by_rule)
}

fn unsupported_because(diagnostic: Diagnostic, addon: &Addon, cluster: &Cluster) -> Diagnostic {
    let place =
        |pointer: &str| addon.document.at(pointer).map_or(addon.document.location, |node| node.location);
    if addon.runs_on(cluster.minor()) {
        let why = format!("the cluster's provider is `{}`", cluster.provider);
        let hint = format!(
            "take `{}` away from the cluster; `providers` of the addon says where it runs",
            addon.name
        );
        diagnostic.related(place("/spec/providers"), why).hint(hint)
    } else {
        let hint = format!(
            "take `{}` away from the cluster, or bring the addon to a version for {} and widen `kubernetes`",
            addon.name,
            cluster.minor()
        );
        let why = format!("the cluster runs {}", cluster.minor());
        diagnostic.related(place("/spec/kubernetes"), why).hint(hint)
    }
}

fn read_sources<'a>(
    clusters: &[ExpandedCluster<'a>],
    report: &mut Report,
) -> BTreeMap<SourceKey<'a>, Source> {
    let mut wanted: BTreeMap<SourceKey<'a>, &'a Addon> = BTreeMap::new();
    for cluster in clusters {
        for installed in &cluster.addons {
            let (release, minor) = (cluster.cluster.release.as_ref(), cluster.cluster.minor());
            wanted.insert((release, &installed.addon.name, minor), installed.addon);
        }
    }
    let mut sources = BTreeMap::new();
    for (key, addon) in wanted {
        match addon.source(key.2) {
            Ok(source) => {
                sources.insert(key, source);
            }
            Err(findings) => report.extend(findings),
        }
    }
    sources
}

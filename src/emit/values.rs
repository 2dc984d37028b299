//! Values of charts and of addons that AWS manages: what they depend on, where they are written, what is in them.
//!
//! An Application reads exactly one values file, complete. Clusters share one where nothing in it depends on the
//! cluster: neither an expression nor a setting of the cluster's own.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::template::{Value, Values};
use super::variables::{Variables, place_of, with_addon};
use crate::diagnostic::Report;
use crate::expand::{ExpandedCluster, Expansion, Installed, SourceKey};
use crate::location::Location;
use crate::spec::Content;
use crate::spec::addon::{Addon, Source};
use crate::spec::name::Name;
use crate::spec::yaml::Node;

/// The values of every addon in use, compiled.
#[derive(Debug)]
pub struct AddonValues<'a> {
    expansion: &'a Expansion<'a>,
    compiled: BTreeMap<Key<'a>, Compiled>,
}

/// What decides an addon's values before they are filled: the source, and the topmost layer of what clusters say
/// themselves. What lies beneath a layer follows from the folder it stands in.
type Key<'a> = (SourceKey<'a>, Option<Location>);

#[derive(Debug)]
struct Compiled {
    /// `None` where there are no values at all.
    values: Option<Values>,
    /// Whether an expression reads the cluster, its tenant or its addons.
    reads_cluster: bool,
    /// Whether an expression reads the addon, whose version a cluster may set.
    reads_addon: bool,
}

/// A values file.
#[derive(Clone, Debug)]
pub struct ValuesFile<'a> {
    /// Its path below `values/<addon>/`.
    pub path: String,
    /// The addon.
    pub addon: &'a Addon,
    /// What is in it, a map.
    pub body: Json,
}

impl<'a> AddonValues<'a> {
    /// Compiles the values of every addon that is on somewhere.
    ///
    /// # Errors
    /// Reports every expression that cannot be read.
    pub fn new(expansion: &'a Expansion<'a>) -> Result<Self, Report> {
        let mut report = Report::default();
        let mut compiled = BTreeMap::new();
        for cluster in &expansion.clusters {
            for installed in &cluster.addons {
                let key = key(cluster, installed);
                if compiled.contains_key(&key) {
                    continue;
                }
                let source = expansion.source(cluster.cluster, installed);
                match Compiled::new(source.and_then(|source| installed.values(source))) {
                    Ok(values) => {
                        compiled.insert(key, values);
                    }
                    Err(findings) => report.extend(findings),
                }
            }
        }
        report.or(Self { expansion, compiled })
    }

    /// Returns the path of the values file of a chart on a cluster, below `values/<addon>/`.
    pub fn path(&self, cluster: &ExpandedCluster<'a>, installed: &Installed<'a>) -> String {
        if self.is_shared(cluster, installed) {
            self.shared_path(cluster)
        } else {
            format!("clusters/{}/{}.yaml", cluster.cluster.project, cluster.cluster.name)
        }
    }

    /// Returns the values files of the charts of one cluster that no other cluster reads.
    ///
    /// # Errors
    /// Reports expressions that have no value for this cluster.
    pub fn of_cluster(
        &self,
        cluster: &ExpandedCluster<'a>,
        variables: &Value,
    ) -> Result<Vec<ValuesFile<'a>>, Report> {
        let mut report = Report::default();
        let mut files = Vec::new();
        for installed in &cluster.addons {
            let source = self.expansion.source(cluster.cluster, installed);
            let Some(source @ Source::Helm(_)) = source else { continue };
            if self.is_shared(cluster, installed) {
                continue;
            }
            let variables = with_addon(variables, installed.addon, installed.version(source));
            match self.fill(cluster, installed, &variables) {
                Ok(body) => {
                    files.push(ValuesFile {
                        path: self.path(cluster, installed),
                        addon: installed.addon,
                        body,
                    });
                }
                Err(findings) => report.extend(findings),
            }
        }
        report.or(files)
    }

    /// Returns the values files that clusters of a management cluster share, in the order of releases, addons and minors,
    /// each with what it was read from.
    ///
    /// # Errors
    /// Reports expressions that have no value.
    pub fn shared(
        &self,
        management: &Name,
        variables: &Variables,
    ) -> Result<Vec<(&'a Content, ValuesFile<'a>)>, Report> {
        let mut first: BTreeMap<SourceKey<'_>, (&ExpandedCluster<'a>, &Installed<'a>)> = BTreeMap::new();
        for cluster in self.expansion.clusters_of(management) {
            for installed in &cluster.addons {
                let is_chart =
                    matches!(self.expansion.source(cluster.cluster, installed), Some(Source::Helm(_)));
                if is_chart && self.is_shared(cluster, installed) {
                    first.entry(key(cluster, installed).0).or_insert((cluster, installed));
                }
            }
        }
        let mut report = Report::default();
        let mut files = Vec::new();
        for (cluster, installed) in first.into_values() {
            let version = self.expansion.source(cluster.cluster, installed).and_then(Source::version);
            let variables = with_addon(&variables.shared(), installed.addon, version);
            match self.fill(cluster, installed, &variables) {
                Ok(body) => {
                    let file = ValuesFile { path: self.shared_path(cluster), addon: installed.addon, body };
                    files.push((cluster.content, file));
                }
                Err(findings) => report.extend(findings),
            }
        }
        report.or(files)
    }

    /// Returns the configuration of an addon that AWS manages on a cluster; `None` where it has none.
    ///
    /// # Errors
    /// Reports expressions that have no value for this cluster.
    pub fn of_eks_addon(
        &self,
        cluster: &ExpandedCluster<'_>,
        addon: &Name,
        variables: &Value,
    ) -> Result<Option<Json>, Report> {
        let installed = cluster.addons.iter().find(|installed| installed.addon.name == *addon);
        let source = installed.and_then(|installed| self.expansion.source(cluster.cluster, installed));
        let Some((installed, source)) = installed.zip(source) else { return Ok(None) };
        let compiled = self.compiled.get(&key(cluster, installed));
        let Some(values) = compiled.and_then(|compiled| compiled.values.as_ref()) else { return Ok(None) };
        let variables = with_addon(variables, installed.addon, installed.version(source));
        values.fill(&variables, place_of(cluster)).map(Some)
    }

    fn fill(
        &self,
        cluster: &ExpandedCluster<'a>,
        installed: &Installed<'a>,
        variables: &Value,
    ) -> Result<Json, Report> {
        let compiled = self.compiled.get(&key(cluster, installed));
        match compiled.and_then(|compiled| compiled.values.as_ref()) {
            Some(values) => values.fill(variables, place_of(cluster)),
            None => Ok(Json::Object(Map::new())),
        }
    }

    fn is_shared(&self, cluster: &ExpandedCluster<'a>, installed: &Installed<'a>) -> bool {
        let Some(compiled) = self.compiled.get(&key(cluster, installed)) else { return false };
        let sets_version = installed.setting.version.is_some();
        installed.setting.values.is_none()
            && !compiled.reads_cluster
            && !(sets_version && compiled.reads_addon)
    }

    fn shared_path(&self, cluster: &ExpandedCluster<'a>) -> String {
        let fleet = &self.expansion.catalog.fleet;
        format!("{}/{}.yaml", cluster.revision(fleet), cluster.cluster.minor())
    }
}

impl Compiled {
    fn new(node: Option<Node>) -> Result<Self, Report> {
        let values = node.map(|node| Values::compile(&node)).transpose()?;
        let reads = values.iter().flat_map(Values::reads);
        let roots: Vec<Cow<'_, str>> =
            reads.map(|path| path.split('.').next().unwrap_or_default().to_owned().into()).collect();
        let reads_addon = roots.iter().any(|root| root == "addon");
        let reads_cluster = roots.iter().any(|root| root != "addon" && root != "fleet");
        Ok(Self { values, reads_cluster, reads_addon })
    }
}

fn key<'a>(cluster: &ExpandedCluster<'a>, installed: &Installed<'a>) -> Key<'a> {
    let own = installed.setting.values.as_ref().map(|values| values.location);
    ((cluster.cluster.release.as_ref(), &installed.addon.name, cluster.cluster.minor()), own)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixture::catalog;
    use super::*;
    use crate::expand::expand;

    const OTHER: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {name: other}, spec: {project: blue, provider: metal, kubernetes: v1.35.1, addons: {charts: {values: {replicas: 3}}, registry: {version: 2.1.0}, versioned: {version: 1.1.0}}}}";
    const VERSIONED: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: versioned}, spec: {namespace: x, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0, values: {tag: 'v${{ addon.version }}', domain: '${{ fleet.labelDomain }}'}}}}}";
    const EMPTY: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: empty}, spec: {namespace: x, enable: {default: true}, source: {helm: {repository: https://charts.example.com, chart: web, version: 1.0.0}}}}";
    const MANAGED: &str = "{apiVersion: yoshino.dev/v1alpha1, kind: Addon, metadata: {name: managed}, spec: {namespace: x, enable: {default: true}, source: {eks: {addon: vpc-cni, version: v1, values: {name: '${{ cluster.name }}'}}}}}";

    #[test]
    fn clusters_share_a_file_where_nothing_in_it_depends_on_them() -> Result<(), Report> {
        let (catalog, _) = catalog(&[
            ("clusters/other.yaml", OTHER),
            ("addons/versioned/addon.yaml", VERSIONED),
            ("addons/empty/addon.yaml", EMPTY),
            ("addons/managed/addon.yaml", MANAGED),
        ]);
        let expansion = expand(&catalog)?;
        let values = AddonValues::new(&expansion)?;
        let variables = Variables::new(&expansion);
        let mut found = BTreeMap::new();
        let mut add = |files: Vec<ValuesFile<'_>>| {
            found.extend(
                files.into_iter().map(|file| (format!("{}/{}", file.addon.name, file.path), file.body)),
            );
        };
        let shared = values.shared(&expansion.clusters[0].management.name, &variables)?;
        add(shared.into_iter().map(|(_, file)| file).collect());
        for cluster in &expansion.clusters {
            let variables = variables.of_cluster(&expansion, cluster, &|_, _, _| Ok(None))?;
            add(values.of_cluster(cluster, &variables)?);
            let managed = values.of_eks_addon(cluster, &catalog.trunk.addons["managed"].name, &variables)?;
            assert_eq!(managed, Some(json!({"name": cluster.cluster.name.as_str()})));
        }

        let expected = BTreeMap::from([
            ("charts/clusters/blue/other.yaml".to_owned(), json!({"replicas": 3})),
            ("charts/main/1.35.yaml".to_owned(), json!({"replicas": 2})),
            ("empty/main/1.35.yaml".to_owned(), json!({})),
            ("registry/clusters/blue/other.yaml".to_owned(), json!({"name": "other"})),
            ("registry/clusters/blue/web.yaml".to_owned(), json!({"name": "web"})),
            (
                "versioned/clusters/blue/other.yaml".to_owned(),
                json!({"tag": "v1.1.0", "domain": "ake.example.com"}),
            ),
            ("versioned/main/1.35.yaml".to_owned(), json!({"tag": "v1.0.0", "domain": "ake.example.com"})),
        ]);
        assert_eq!(found, expected);
        Ok(())
    }
}

//! Which versions an earlier state of the fleet declared, as far as they may have changed since.
//!
//! An earlier state is compared with, and never judged: whatever in it cannot be read says nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::clusters::{merge_clusters, merge_defaults, read_defaults};
use super::of_kind;
use crate::diagnostic::Report;
use crate::location::{Location, Sources};
use crate::spec::documents::{SpecDocument, read_documents};
use crate::spec::kinds::SpecKind;
use crate::spec::version::{Minor, Version};
use crate::spec::yaml::Node;
use crate::tree::{FileTree, RepoPath, Selection};

/// The versions of an earlier state; clusters whose specs are the same now are left out.
#[derive(Clone, Debug, Default)]
pub struct Former {
    /// The clusters by `project/name`.
    clusters: BTreeMap<String, FormerCluster>,
    /// The minors of Cluster API by management cluster.
    cluster_api: BTreeMap<String, Written<Minor>>,
}

/// A version, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The version.
    pub version: T,
    /// Where the earlier state says so.
    pub place: Location,
}

/// The versions of a cluster.
#[derive(Clone, Debug)]
pub struct FormerCluster {
    /// That of its control plane.
    pub kubernetes: Written<Version>,
    /// Those of its pools by name; its own where a pool has none.
    pub pools: BTreeMap<String, Written<Version>>,
}

impl Former {
    /// What of an earlier state is read.
    pub const SELECTION: Selection<'static> = Selection { folders: &["clusters"], files: &["fleet.yaml"] };

    /// Reads the versions that `files` declare, an earlier state of the fleet that `now` holds; `revision` says in
    /// messages which. What is read is added to `sources`.
    pub fn read(mut files: FileTree, revision: &str, now: &FileTree, sources: &mut Sources) -> Self {
        keep_changed(&mut files, now);
        let documents = read_documents(&files, Some(revision), sources, &mut Report::default());
        let layers: Vec<&SpecDocument> = of_kind(&documents, SpecKind::ClusterDefaults).collect();
        let defaults = merge_defaults(&read_defaults(&layers, &mut Report::default()));
        let clusters = merge_clusters(of_kind(&documents, SpecKind::Cluster).collect(), &defaults);
        let clusters = clusters.iter().filter_map(|merged| {
            let name = merged.document.root.at("/metadata/name")?.as_str()?;
            let project = merged.spec.get("project")?.as_str()?;
            Some((format!("{project}/{name}"), FormerCluster::of(&merged.spec)?))
        });
        let fleet = of_kind(&documents, SpecKind::Fleet).next();
        let management = fleet.and_then(|fleet| fleet.root.at("/spec/management")).and_then(Node::items);
        let cluster_api = management.unwrap_or_default().iter().filter_map(|one| {
            let name = one.get("name")?;
            // What nobody wrote, nobody meant.
            Some((name.as_str()?.to_owned(), written(one.at("/clusterApi/version")?)?))
        });
        Self { clusters: clusters.collect(), cluster_api: cluster_api.collect() }
    }

    /// Returns what a cluster was, by `project/name`; `None` where it is new, or nothing of it has changed.
    pub fn cluster(&self, identity: &str) -> Option<&FormerCluster> {
        self.clusters.get(identity)
    }

    /// Returns the minor of Cluster API that a management cluster had, where it was written.
    pub fn cluster_api(&self, management: &str) -> Option<Written<Minor>> {
        self.cluster_api.get(management).copied()
    }
}

impl FormerCluster {
    fn of(spec: &Node) -> Option<Self> {
        let kubernetes = written(spec.get("kubernetes")?)?;
        let pools = spec.get("nodePools").and_then(Node::items).unwrap_or_default().iter();
        let pools = pools.filter_map(|pool| {
            let own = pool.get("kubernetes").filter(|node| !node.is_null());
            let version = own.map_or(Some(kubernetes), written)?;
            Some((pool.get("name")?.as_str()?.to_owned(), version))
        });
        Some(Self { kubernetes, pools: pools.collect() })
    }
}

fn written<T: std::str::FromStr>(node: &Node) -> Option<Written<T>> {
    Some(Written { version: node.as_str()?.parse().ok()?, place: node.location })
}

/// Leaves out cluster specs that are the same now, unless the defaults that they lie beneath are not: a thousand of them
/// need not be read to learn that one has changed.
fn keep_changed(files: &mut FileTree, now: &FileTree) {
    let is_defaults = |path: &RepoPath| path.file_name() == "_defaults.yaml";
    let paths = || files.0.keys().chain(now.0.keys()).filter(|path| path.lies_beneath("clusters"));
    let differs = |path: &&RepoPath| files.0.get(*path) != now.0.get(*path);
    let changed = paths().filter(|path| is_defaults(path)).filter(differs);
    let changed: BTreeSet<String> = changed.map(|path| path.folder().to_owned()).collect();
    files.0.retain(|path, bytes| {
        let is_beneath = |folder: &String| path.lies_beneath(folder);
        is_defaults(path)
            || now.0.get(path) != Some(bytes)
            || changed.iter().any(is_beneath)
            || path.as_str() == "fleet.yaml"
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(name: &str, spec: &str) -> String {
        format!(
            "{{apiVersion: yoshino.dev/v1alpha1, kind: Cluster, metadata: {{name: {name}}}, spec: {spec}}}"
        )
    }

    fn versions(former: &Former, identity: &str) -> Option<String> {
        let cluster = former.cluster(identity)?;
        let pools = cluster.pools.iter().map(|(name, pool)| format!(" {name} {}", pool.version));
        Some(format!("{}{}", cluster.kubernetes.version, pools.collect::<String>()))
    }

    #[test]
    fn clusters_that_have_not_changed_are_left_out_unless_their_defaults_have() {
        let defaults = "{apiVersion: yoshino.dev/v1alpha1, kind: ClusterDefaults, spec: {project: blue, kubernetes: v1.34.1}}";
        let later = defaults.replace("34", "35");
        let (web, db) =
            (cluster("web", "{nodePools: [{name: a, kubernetes: v1.33.0}, {name: b}]}"), cluster("db", "{}"));
        let base = [
            ("clusters/_defaults.yaml", defaults),
            ("clusters/web.yaml", &web),
            ("clusters/x/db.yaml", &db),
            ("clusters/broken.yaml", "{"),
            (
                "fleet.yaml",
                "{apiVersion: yoshino.dev/v1alpha1, kind: Fleet, metadata: {name: a}, spec: {management: [{name: east, clusterApi: {version: '1.13'}}]}}",
            ),
        ];
        let read = |now: &[(&str, &str)]| {
            Former::read(FileTree::literal(&base), "main", &FileTree::literal(now), &mut Sources::default())
        };

        let same = read(&base);
        let one = read(&[base[0], ("clusters/web.yaml", "other"), base[2]]);
        let all = read(&[("clusters/_defaults.yaml", &later), base[1], base[2]]);

        assert_eq!([versions(&same, "blue/web"), versions(&same, "blue/db")], [None, None]);
        assert_eq!(
            same.cluster_api("east").map(|written| written.version.to_string()).as_deref(),
            Some("1.13")
        );
        assert_eq!(versions(&one, "blue/web").as_deref(), Some("v1.34.1 a v1.33.0 b v1.34.1"));
        assert_eq!(versions(&one, "blue/db"), None);
        assert_eq!(versions(&all, "blue/db").as_deref(), Some("v1.34.1"));
    }
}

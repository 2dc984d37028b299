//! The two sides of a comparison: what a tree declares, and what it renders to.
//!
//! Each side is rendered from its own tree by itself. What cannot differ is not rendered at all: where everything that
//! clusters share is the same on both sides, a cluster whose own file is the same comes to the same files.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::document::objects_in;
use super::object::{self, by_key, is_pool};
use crate::diagnostic::Diagnostic;
use crate::error::Failure;
use crate::location::Sources;
use crate::render::{Scope, load_fleet, render_to_memory};
use crate::spec::cluster::Cluster;
use crate::spec::pin::ReadReleases;
use crate::spec::{Catalog, load_specs};
use crate::tree::{FileTree, RepoPath};

/// Which side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// What is compared with.
    Base,
    /// What is compared.
    Head,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    /// What it declares; of an output that was committed, the fleet and its providers alone.
    pub catalog: Catalog,
    /// What it renders to, or was rendered to: paths begin with the management cluster.
    pub rendered: FileTree,
    /// How many nodes the pools of all clusters may have.
    pub nodes: u64,
}

impl Which {
    /// Returns the side in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Head => "head",
        }
    }
}

/// Renders both trees; clusters that cannot differ have no files on either side but their Secrets.
///
/// # Errors
/// Reports everything that is wrong with one of the trees, with a finding that says which; `sources` is then its own.
pub fn render_sides(
    base: FileTree,
    head: FileTree,
    sources: &mut Sources,
    releases: &ReadReleases<'_>,
) -> Result<[Side; 2], Failure> {
    let load = |files, which| load(files, which, releases);
    let (base, head) = rayon::join(|| load(base, Which::Base), || load(head, Which::Head));
    let [base, head] = both(base, head, sources)?;
    let same = same_clusters(&base.0, &head.0);
    let (base, head) = rayon::join(|| render(base, &same, Which::Base), || render(head, &same, Which::Head));
    both(base, head, sources)
}

/// Returns what went well, or the first failure, with the sources it points into.
fn both<T>(base: Tried<T>, head: Tried<T>, sources: &mut Sources) -> Result<[T; 2], Failure> {
    match (base, head) {
        (Ok(base), Ok(head)) => Ok([base, head]),
        (Err(failed), _) | (_, Err(failed)) => {
            let (failure, own) = *failed;
            *sources = own;
            Err(failure)
        }
    }
}

/// What a step came to, or why it did not and what the reasons point into.
type Tried<T> = Result<T, Box<(Failure, Sources)>>;

fn load(files: FileTree, which: Which, releases: &ReadReleases<'_>) -> Tried<(Catalog, Sources)> {
    let mut sources = Sources::default();
    match load_fleet(files, &mut sources, releases) {
        Ok(catalog) => Ok((catalog, sources)),
        Err(failure) => Err(Box::new((on_side(failure, which), sources))),
    }
}

fn render((catalog, sources): (Catalog, Sources), same: &BTreeSet<String>, which: Which) -> Tried<Side> {
    match render_to_memory(&catalog, &sources, Scope::Without(same)) {
        Ok(rendered) => Ok(Side { nodes: nodes(&catalog), catalog, rendered }),
        Err(failure) => Err(Box::new((on_side(failure, which), sources))),
    }
}

/// Says which side has failed.
fn on_side(failure: Failure, which: Which) -> Failure {
    match failure {
        Failure::Report(mut report) => {
            let message = format!("the {} cannot be rendered", which.word());
            report.push(Diagnostic::error_nowhere("diff-side", message));
            Failure::Report(report)
        }
        Failure::Error(error) => Failure::Error(error),
    }
}

/// Returns the clusters, as `project/name`, that come to the same files on both sides.
///
/// A cluster's files follow from its own file, the defaults of the folders above it, fleet and tenants, and what it is
/// installed from: the release that it is pinned to, else trunk's addons and templates. The files of other clusters have
/// no say.
fn same_clusters(base: &Catalog, head: &Catalog) -> BTreeSet<String> {
    let is_of_one_cluster =
        |path: &RepoPath| path.lies_beneath("clusters") && path.file_name() != "_defaults.yaml";
    let is_content = |path: &RepoPath| path.lies_beneath("addons") || path.lies_beneath("templates");
    let is_shared = |path: &RepoPath| !is_of_one_cluster(path) && !is_content(path);
    if !files(base, &is_shared).eq(files(head, &is_shared)) {
        return BTreeSet::new();
    }
    let is_same_trunk = files(base, &is_content).eq(files(head, &is_content));
    let is_same_content = |cluster: &Cluster| match &cluster.release {
        None => is_same_trunk,
        Some(release) => {
            let commit = |catalog: &Catalog| {
                catalog.releases.get(release)?.tag.as_ref().map(|tag| tag.commit_id.clone())
            };
            commit(base).is_some() && commit(base) == commit(head)
        }
    };
    let is_same = |cluster: &&Cluster| {
        let own = |catalog: &Catalog| catalog.trunk.files.0.get(&cluster.path).cloned();
        own(base).is_some() && own(base) == own(head) && is_same_content(cluster)
    };
    head.clusters.iter().filter(is_same).map(Cluster::identity).collect()
}

/// Returns the files of a tree that `are_meant`.
fn files<'c>(
    catalog: &'c Catalog,
    are_meant: &'c dyn Fn(&RepoPath) -> bool,
) -> impl Iterator<Item = (&'c RepoPath, &'c Arc<[u8]>)> {
    catalog.trunk.files.0.iter().filter(move |(path, _)| are_meant(path))
}

/// Returns how many nodes the pools of all clusters may have.
fn nodes(catalog: &Catalog) -> u64 {
    let of_cluster = |cluster: &Cluster| {
        let pools = cluster.spec.get("nodePools").and_then(|pools| pools.items()).unwrap_or_default();
        let deployments =
            pools.iter().flat_map(|pool| crate::expand::deployments(cluster.name.as_str(), pool));
        let most =
            deployments.map(|one| one.autoscale.map_or_else(|| one.replicas.unwrap_or(1), |(_, most)| most));
        most.map(|nodes| u64::try_from(nodes).unwrap_or(0)).sum::<u64>()
    };
    catalog.clusters.iter().map(of_cluster).sum()
}

/// Takes an output as it was committed; `specs` holds the Fleet and the providers it was rendered with, `rendered` the
/// output with paths that begin with the management cluster.
///
/// # Errors
/// Reports what is wrong with the Fleet or the providers; `sources` is then what the findings point into.
pub fn committed_side(
    specs: FileTree,
    rendered: FileTree,
    which: Which,
    sources: &mut Sources,
) -> Result<Side, Failure> {
    let is_needed = |path: &RepoPath| path.as_str() == "fleet.yaml" || path.lies_beneath("templates");
    let files = FileTree(
        specs
            .0
            .iter()
            .filter(|(path, _)| is_needed(path))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect(),
    );
    let mut catalog = load_specs(files, sources).map_err(|report| on_side(report.into(), which))?;
    // What Applications read of the trees that people write is compared all the same.
    catalog.trunk.files = specs;
    Ok(Side { nodes: committed_nodes(&rendered), catalog, rendered })
}

/// Returns how many nodes the pools of an output may have; what cannot be read is found where it is compared.
fn committed_nodes(rendered: &FileTree) -> u64 {
    let files = rendered.0.par_iter().filter(|(path, _)| path.file_name() == "cluster.yaml");
    let nodes = |(path, bytes): (&RepoPath, &Arc<[u8]>)| {
        let objects = by_key(objects_in(path.as_str(), Which::Base, bytes).unwrap_or_default());
        objects.iter().filter(|(key, _)| is_pool(key)).map(|(_, pool)| object::nodes(pool).max).sum::<u64>()
    };
    files.map(nodes).sum()
}

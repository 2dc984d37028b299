//! The files of one management cluster on both sides, by what they hold.

use std::collections::{BTreeMap, BTreeSet};

use super::ClusterId;
use super::pair::Pair;
use super::side::Side;
use crate::tree::{FileTree, RepoPath};

/// The files of one management cluster.
#[derive(Debug, Default)]
pub struct Output<'f> {
    /// Applications over folders, and the root.
    pub wiring: Files<'f>,
    /// What tenants have.
    pub projects: Files<'f>,
    /// ApplicationSets.
    pub sets: Files<'f>,
    /// Cluster Secrets.
    pub secrets: BTreeMap<ClusterId, Pair<Option<&'f [u8]>>>,
    /// Everything else of clusters.
    pub clusters: BTreeMap<ClusterId, Files<'f>>,
    /// Whether anything differs that only Applications read: values and manifests.
    pub contents: BTreeSet<String>,
}

/// Files by their path from the management cluster's folder.
pub type Files<'f> = BTreeMap<&'f str, Pair<Option<&'f [u8]>>>;

/// Returns the management clusters of both sides, sorted.
pub fn managements<'f>(sides: Pair<&'f Side>) -> BTreeSet<&'f str> {
    let of =
        |side: &'f Side| side.rendered.0.keys().filter_map(|path| Some(path.as_str().split_once('/')?.0));
    of(sides.base).chain(of(sides.head)).collect()
}

impl<'f> Output<'f> {
    /// Sorts the files of `management` by what they hold.
    pub fn new(sides: Pair<&'f Side>, management: &str) -> Self {
        let mut output = Self::default();
        let prefix = format!("{management}/");
        let Ok(start) = RepoPath::new(management) else { return output };
        let mut files: Files<'f> = BTreeMap::new();
        for (path, bytes) in beneath(&sides.base.rendered, &start, &prefix) {
            files.entry(path).or_default().base = Some(bytes);
        }
        for (path, bytes) in beneath(&sides.head.rendered, &start, &prefix) {
            files.entry(path).or_default().head = Some(bytes);
        }
        for (path, pair) in files {
            output.add(path, pair);
        }
        output
    }

    fn add(&mut self, path: &'f str, pair: Pair<Option<&'f [u8]>>) {
        let is_manifest = path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json");
        let (folder, rest) = path.split_once('/').unwrap_or(("", path));
        match folder {
            "values" | "manifests" if pair.is_same() => {}
            "values" | "manifests" => _ = self.contents.insert(path.to_owned()),
            _ if !is_manifest => {}
            "" | "apps" => _ = self.wiring.insert(path, pair),
            "projects" => _ = self.projects.insert(path, pair),
            "applicationsets" => _ = self.sets.insert(path, pair),
            "clusters" => {
                let Some((id, file)) = cluster(rest) else { return };
                if file == "argocd-cluster.yaml" {
                    self.secrets.insert(id, pair);
                } else {
                    self.clusters.entry(id).or_default().insert(path, pair);
                }
            }
            // Nobody's source path.
            _ => {}
        }
    }
}

fn beneath<'f>(
    tree: &'f FileTree,
    start: &RepoPath,
    prefix: &str,
) -> impl Iterator<Item = (&'f str, &'f [u8])> {
    let near = tree.0.range(start.clone()..).take_while({
        let start = start.clone();
        move |(path, _)| path.as_str().starts_with(start.as_str())
    });
    let prefix = prefix.to_owned();
    near.filter_map(move |(path, bytes)| Some((path.as_str().strip_prefix(prefix.as_str())?, bytes.as_ref())))
}

/// Parts `project/cluster/file`.
fn cluster(path: &str) -> Option<(ClusterId, &str)> {
    let (project, rest) = path.split_once('/')?;
    let (name, file) = rest.split_once('/')?;
    Some((ClusterId { project: project.to_owned(), name: name.to_owned() }, file))
}

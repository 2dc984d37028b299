//! A fleet's own tests: small repositories, and what they render to or what is said about them.
//!
//! `golden/<case>/repo/` is the repository; what it does not have of `fleet.yaml`, `addons/` and `templates/` is the
//! fleet's own. `golden/<case>/releases/<tag>/` is what a release holds of `addons/` and `templates/`; what it does not
//! have is the case's own. Such a release counts as proved, and as the commit that it points at stand the first 40
//! digits of the SHA-256 of the tag's name, so that a case does not change with what is beside the point. Beside it lies
//! what is expected: `rendered/`, or `report.txt` for a repository that is wrong. This module must not write anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::diagnostic::Color;
use crate::error::Failure;
use crate::location::Sources;
use crate::render::render_tree;
use crate::spec::fleet::Fleet;
use crate::spec::pin::{ReleaseTree, Releases};
use crate::spec::release::{Release, TagPattern};
use crate::tree::{FileTree, RepoPath};

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The folder's name: the sentence that must stay true.
    pub name: String,
    /// The repository, completed with what the fleet has.
    pub repository: FileTree,
    /// What releases hold, by the names of their tags.
    pub releases: BTreeMap<String, FileTree>,
    /// What is expected, by path from the case's folder: `report.txt`, `rendered/…`.
    pub expected: FileTree,
}

/// What a case gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What there is now, by path from the case's folder.
    pub actual: FileTree,
    /// The paths that differ from what is expected, are missing there, or are too many.
    pub differing: Vec<RepoPath>,
}

/// Parts of a repository that a case takes from the fleet where it has none itself.
const SHARED: [&str; 3] = ["fleet.yaml", "addons", "templates"];

/// Parts of a release that it takes from the case's repository where it has none itself.
const RELEASED: [&str; 2] = ["addons", "templates"];

/// Finds the cases in a tree that was read with the fleet's files and its `golden/`, in the order of their names.
pub fn cases(files: &FileTree) -> Vec<Case> {
    let mut found: BTreeMap<&str, Case> = BTreeMap::new();
    for (path, bytes) in &files.0 {
        let parts = path.as_str().strip_prefix("golden/").and_then(|rest| rest.split_once('/'));
        let Some((name, rest)) = parts else { continue };
        let case = found.entry(name).or_insert_with(|| Case::empty(name));
        let is_expected = rest == "report.txt" || rest.starts_with("rendered/");
        let (tree, rest) = match rest.split_once('/') {
            _ if is_expected => (&mut case.expected, rest),
            Some(("repo", inside)) => (&mut case.repository, inside),
            Some(("releases", inside)) => match inside.split_once('/') {
                Some((tag, inside)) => (case.releases.entry(tag.to_owned()).or_default(), inside),
                None => continue,
            },
            _ => continue,
        };
        if let Ok(path) = RepoPath::new(rest) {
            tree.0.insert(path, bytes.clone());
        }
    }
    // A folder without a repository is something else, such as the recorded names.
    let cases = found.into_values().filter(|case| !case.repository.0.is_empty());
    cases.map(|case| case.completed(files)).collect()
}

/// Adds the parts of a tree that it does not have, as another has them.
fn complete(tree: &mut FileTree, parts: &[&str], from: &FileTree) {
    for part in parts {
        let belongs = |path: &RepoPath| path.as_str() == *part || path.lies_beneath(part);
        if !tree.0.keys().any(belongs) {
            let shared = from.0.iter().filter(|(path, _)| belongs(path));
            tree.0.extend(shared.map(|(path, bytes)| (path.clone(), bytes.clone())));
        }
    }
}

impl Case {
    fn empty(name: &str) -> Self {
        let (repository, expected) = (FileTree::default(), FileTree::default());
        Self { name: name.to_owned(), repository, releases: BTreeMap::new(), expected }
    }

    fn completed(mut self, fleet: &FileTree) -> Self {
        complete(&mut self.repository, &SHARED, fleet);
        for release in self.releases.values_mut() {
            complete(release, &RELEASED, &self.repository);
        }
        self
    }

    /// Returns what the tags of the case hold.
    fn read_releases(&self, pattern: &TagPattern, asked: &BTreeSet<Release>) -> Releases {
        let known: BTreeSet<Release> = self.releases.keys().filter_map(|name| pattern.parse(name)).collect();
        let tree = |release: &Release| {
            let files = self.releases.get(release.as_str())?.clone();
            let tree = ReleaseTree { commit_id: stand_in(release.as_str()), files };
            Some((release.clone(), Ok(tree)))
        };
        Releases { asked: asked.iter().filter_map(tree).collect(), known }
    }

    /// Renders the case and compares.
    pub fn run(&self) -> Outcome {
        let mut actual = FileTree::default();
        let mut sources = Sources::default();
        let mut put = |path: &str, bytes: Arc<[u8]>| {
            if let Ok(path) = RepoPath::new(path) {
                actual.0.insert(path, bytes);
            }
        };
        let releases = |_: &Fleet, pattern: &TagPattern, asked: &BTreeSet<Release>| {
            Ok(self.read_releases(pattern, asked))
        };
        match render_tree(self.repository.clone(), &mut sources, &releases) {
            Ok(rendered) => {
                rendered.0.into_iter().for_each(|(path, bytes)| put(&format!("rendered/{path}"), bytes))
            }
            Err(failure) => put("report.txt", Arc::from(report_text(failure, &sources).as_bytes())),
        }
        let paths: BTreeSet<&RepoPath> = actual.0.keys().chain(self.expected.0.keys()).collect();
        let differs = |path: &&&RepoPath| actual.0.get(**path) != self.expected.0.get(**path);
        let differing = paths.iter().filter(differs).map(|path| (*path).clone()).collect();
        Outcome { actual, differing }
    }
}

/// Returns what stands for the id of a tag's commit.
fn stand_in(tag: &str) -> String {
    let digest = Sha256::digest(tag.as_bytes());
    digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

fn report_text(failure: Failure, sources: &Sources) -> String {
    match failure {
        Failure::Report(report) => report.sorted(sources).to_text(sources, Color::Never),
        Failure::Error(error) => format!("error: {error}\n"),
    }
}

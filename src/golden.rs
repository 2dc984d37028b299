//! A fleet's own tests: small repositories, and what they render to or what is said about them.
//!
//! `golden/<case>/repo/` is the repository; what it does not have of `fleet.yaml`, `addons/` and `templates/` is the
//! fleet's own. Beside it lies what is expected: `rendered/`, or `report.txt` for a repository that is wrong. This
//! module must not write anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Color;
use crate::error::Failure;
use crate::location::Sources;
use crate::render::render_tree;
use crate::tree::{FileTree, RepoPath};

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// The folder's name: the sentence that must stay true.
    pub name: String,
    /// The repository, completed with what the fleet has.
    pub repository: FileTree,
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

/// Finds the cases in a tree that was read with the fleet's files and its `golden/`, in the order of their names.
pub fn cases(files: &FileTree) -> Vec<Case> {
    let mut found: BTreeMap<&str, (FileTree, FileTree)> = BTreeMap::new();
    for (path, bytes) in &files.0 {
        let Some((case, rest)) = path.as_str().strip_prefix("golden/").and_then(|rest| rest.split_once('/'))
        else {
            continue;
        };
        let (repository, expected) = found.entry(case).or_default();
        let inside = rest.strip_prefix("repo/");
        let is_expected = rest == "report.txt" || rest.starts_with("rendered/");
        let (tree, rest) = match inside {
            Some(inside) => (repository, inside),
            None if is_expected => (expected, rest),
            None => continue,
        };
        if let Ok(path) = RepoPath::new(rest) {
            tree.0.insert(path, bytes.clone());
        }
    }
    // A folder without a repository is something else, such as the recorded names.
    let cases = found.into_iter().filter(|(_, (repository, _))| !repository.0.is_empty());
    let complete = |(name, (repository, expected)): (&str, (FileTree, FileTree))| Case {
        name: name.to_owned(),
        repository: completed(repository, files),
        expected,
    };
    cases.map(complete).collect()
}

fn completed(mut repository: FileTree, fleet: &FileTree) -> FileTree {
    for part in SHARED {
        let belongs = |path: &RepoPath| path.as_str() == part || path.lies_beneath(part);
        if !repository.0.keys().any(belongs) {
            let shared = fleet.0.iter().filter(|(path, _)| belongs(path));
            repository.0.extend(shared.map(|(path, bytes)| (path.clone(), bytes.clone())));
        }
    }
    repository
}

impl Case {
    /// Renders the case and compares.
    pub fn run(&self) -> Outcome {
        let mut actual = FileTree::default();
        let mut sources = Sources::default();
        let mut put = |path: &str, bytes: Arc<[u8]>| {
            if let Ok(path) = RepoPath::new(path) {
                actual.0.insert(path, bytes);
            }
        };
        match render_tree(self.repository.clone(), &mut sources) {
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

fn report_text(failure: Failure, sources: &Sources) -> String {
    match failure {
        Failure::Report(report) => report.sorted(sources).to_text(sources, Color::Never),
        Failure::Error(error) => format!("error: {error}\n"),
    }
}

//! What a fleet generates itself: the expectations of its golden cases, and its rendering.

use std::collections::BTreeMap;
use std::sync::Arc;

use git2::Oid;
use rayon::prelude::*;

use super::{Made, Source};
use crate::branch::merge::{Entry, Path, look_up};
use crate::diagnostic::Report;
use crate::error::{Error, Failure};
use crate::golden::{Case, Outcome, cases};
use crate::location::Sources;
use crate::render::render_tree;
use crate::spec::Unchecked;
use crate::spec::pin::from_repository;
use crate::tree::{FileTree, HEADER, RepoPath, Selection, read_tree};

/// Makes what golden cases expect what they give.
pub(super) fn golden(source: &Source<'_>) -> Result<Made, Error> {
    let files = match read_tree(source.repository, source.tree, Selection::FLEET_AND_GOLDEN) {
        Ok(files) => files,
        Err(failure) => return failed(source, failure),
    };
    let cases = cases(&files);
    let outcomes: Vec<Outcome> = cases.par_iter().map(Case::run).collect();
    let mut changes = Changes::new(source);
    for (case, outcome) in cases.iter().zip(&outcomes) {
        for path in &outcome.differing {
            let place = format!("golden/{}/{path}", case.name);
            changes.put(&place, outcome.actual.0.get(path))?;
        }
    }
    Ok(Made::Changes(changes.made))
}

/// Renders the tree to where its fleet says.
pub(super) fn rendering(source: &Source<'_>) -> Result<Made, Error> {
    let files = match read_tree(source.repository, source.tree, Selection::FLEET) {
        Ok(files) => files,
        Err(failure) => return failed(source, failure),
    };
    let folder = Unchecked::of(&files).output_path();
    let place = source.repository.workdir().unwrap_or_else(|| source.repository.path());
    let rendered = match render_tree(files, &mut Sources::default(), &from_repository(place)) {
        Ok(rendered) => rendered,
        Err(failure) => return failed(source, failure),
    };
    let mut changes = Changes::new(source);
    for (path, bytes) in &rendered.0 {
        changes.put(&format!("{folder}/{path}"), Some(bytes))?;
    }
    for path in stale(source, folder.as_str(), &rendered)? {
        changes.put(&path, None)?;
    }
    Ok(Made::Changes(changes.made))
}

/// Lists files of the output that were rendered once and are no longer.
fn stale(source: &Source<'_>, folder: &str, rendered: &FileTree) -> Result<Vec<String>, Error> {
    let Some(tree) =
        look_up(source.repository, source.tree, folder.as_bytes())?.filter(|found| found.is_folder())
    else {
        return Ok(Vec::new());
    };
    let mut stale = Vec::new();
    for file in crate::branch::merge::changes(source.repository, None, Some(tree.id))? {
        let (Ok(path), Some(entry)) = (String::from_utf8(file.path), file.after) else { continue };
        let is_rendered = RepoPath::new(&path).is_ok_and(|path| rendered.0.contains_key(&path));
        if is_rendered || !entry.is_file() || !source.makes(&format!("{folder}/{path}")) {
            continue;
        }
        let bytes = crate::branch::merge::blob(source.repository, entry.id)?;
        if bytes.starts_with(HEADER.as_bytes()) {
            stale.push(format!("{folder}/{path}"));
        }
    }
    Ok(stale)
}

/// What is wrong with the tree is a failure to make its files; what the world refuses is not.
fn failed(source: &Source<'_>, failure: Failure) -> Result<Made, Error> {
    match failure {
        Failure::Report(report) => Ok(source.failed(first_of(&report))),
        Failure::Error(error) => Err(error),
    }
}

fn first_of(report: &Report) -> String {
    let more = report.diagnostics.len().saturating_sub(1);
    let first = report.diagnostics.first().map(|finding| finding.message.clone()).unwrap_or_default();
    if more == 0 { first } else { format!("{first} (and {more} more)") }
}

/// Changes of the paths that a rule makes.
struct Changes<'a> {
    source: &'a Source<'a>,
    made: BTreeMap<Path, Option<Entry>>,
}

impl<'a> Changes<'a> {
    fn new(source: &'a Source<'a>) -> Self {
        Self { source, made: BTreeMap::new() }
    }

    fn put(&mut self, path: &str, bytes: Option<&Arc<[u8]>>) -> Result<(), Error> {
        if !self.source.makes(path) {
            return Ok(());
        }
        let before = look_up(self.source.repository, self.source.tree, path.as_bytes())?;
        let after = match bytes {
            Some(bytes) => Some(Entry::file(self.blob(bytes)?)),
            None => None,
        };
        let is_same = before.map(|before| before.id) == after.map(|after| after.id);
        if !is_same {
            self.made.insert(path.as_bytes().to_vec(), after);
        }
        Ok(())
    }

    fn blob(&self, bytes: &[u8]) -> Result<Oid, Error> {
        let written = self.source.repository.blob(bytes);
        written.map_err(|source| Error::Git { doing: "write a generated file".to_owned(), source })
    }
}

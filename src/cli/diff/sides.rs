//! Where the two sides of a comparison come from: revisions, the work tree, what was committed of an output.

use std::path::Path;

use yoshino::diagnostic::Diagnostic;
use yoshino::error::Failure;
use yoshino::impact::{Side, Which, committed_side, render_sides};
use yoshino::location::Sources;
use yoshino::spec::pin::from_repository;
use yoshino::spec::{Unchecked, load_fleet_alone};
use yoshino::tree::{FileTree, History, RepoPath, Selection, read_revision, read_worktree};

/// The revisions of a comparison.
pub struct Revisions<'d> {
    directory: &'d Path,
    /// What is compared with.
    pub base: String,
    /// What is compared; the work tree where it is none.
    pub head: Option<String>,
}

impl<'d> Revisions<'d> {
    /// Returns what is compared: as it was named, or where the work tree's commit left the trunk.
    ///
    /// # Errors
    /// Reports that there is no trunk to compare with.
    pub fn new(
        directory: &'d Path,
        (base, head): (Option<&str>, Option<&str>),
        history: &History,
    ) -> Result<Self, Failure> {
        let base = match base {
            Some(base) => base.to_owned(),
            None => {
                let fleet = Unchecked::of(&read_worktree(directory, Selection::FLEET_FILE)?);
                history.merge_base(fleet.trunk(), fleet.remote())?
            }
        };
        Ok(Self { directory, base, head: head.map(str::to_owned) })
    }

    fn revision(&self, which: Which) -> Option<&str> {
        match which {
            Which::Base => Some(&self.base),
            Which::Head => self.head.as_deref(),
        }
    }

    /// Reads a side's own tree.
    ///
    /// # Errors
    /// Those of reading a revision or the work tree.
    pub fn tree(&self, which: Which, selection: Selection<'_>) -> Result<FileTree, Failure> {
        match self.revision(which) {
            Some(revision) => read_revision(self.directory, revision, selection),
            None => read_worktree(self.directory, selection),
        }
    }

    /// Renders both sides.
    ///
    /// # Errors
    /// Reports everything that is wrong with one of them.
    pub fn rendered(&self, sources: &mut Sources) -> Result<[Side; 2], Failure> {
        let (base, head) = rayon::join(
            || self.tree(Which::Base, Selection::FLEET),
            || self.tree(Which::Head, Selection::FLEET),
        );
        render_sides(base?, head?, sources, &from_repository(self.directory))
    }

    /// Takes the outputs of both sides as they were committed.
    ///
    /// # Errors
    /// Reports sides that have none.
    pub fn committed(&self, sources: &mut Sources) -> Result<[Side; 2], Failure> {
        Ok([self.committed_side(Which::Base, sources)?, self.committed_side(Which::Head, sources)?])
    }

    fn committed_side(&self, which: Which, sources: &mut Sources) -> Result<Side, Failure> {
        let mut specs = self.tree(which, Selection::FLEET)?;
        let has_fleet = specs.0.keys().any(|path| path.as_str() == "fleet.yaml");
        // A branch that holds nothing but an output was rendered by the fleet of another; the work tree's is at hand.
        if !has_fleet {
            specs = read_worktree(self.directory, Selection::FLEET)?;
        }
        let fleet = load_fleet_alone(&specs, sources)?;
        let rendered = match fleet.output_path() {
            Some(folder) if has_fleet => self.output(which, folder)?,
            Some(_) => return Err(self.without_output(which, "it holds no fleet")),
            None if !has_fleet => {
                let folders: Vec<&str> = fleet.spec.management.iter().map(|one| one.name.as_str()).collect();
                self.tree(which, Selection { folders: &folders, files: &[] })?
            }
            None => {
                let branch = fleet.output_revision();
                let why = format!("its output is on the branch `{branch}`; name two revisions of that");
                return Err(self.without_output(which, &why));
            }
        };
        committed_side(specs, rendered, which, sources)
    }

    /// Reads what lies in the folder of the output.
    fn output(&self, which: Which, folder: &str) -> Result<FileTree, Failure> {
        let tree = self.tree(which, Selection { folders: &[folder], files: &[] })?;
        let within = |path: &RepoPath| {
            let rest = path.as_str().strip_prefix(folder)?.strip_prefix('/')?;
            RepoPath::new(rest).ok()
        };
        let files = tree.0.into_iter().filter_map(|(path, bytes)| Some((within(&path)?, bytes)));
        let output = FileTree(files.collect());
        if output.0.is_empty() {
            return Err(self.without_output(which, &format!("there is nothing in `{folder}/`")));
        }
        Ok(output)
    }

    fn without_output(&self, which: Which, why: &str) -> Failure {
        let name = self.revision(which).unwrap_or("the work tree");
        let message = format!("`{name}` has no output to compare: {why}");
        Failure::Report(Diagnostic::error_nowhere("diff-side", message).into())
    }

    /// Reads what Applications read beyond what a rendering does; nothing where the repository lacks the revision.
    ///
    /// # Errors
    /// Those of reading a revision or the work tree.
    pub fn beyond(
        &self,
        which: Which,
        revision: Option<&str>,
        top: &str,
    ) -> Result<Option<FileTree>, Failure> {
        let names = [top];
        let read = |selection| match revision {
            Some(revision) => read_revision(self.directory, revision, selection),
            None => self.tree(which, selection),
        };
        match read(Selection { folders: &names, files: &[] }) {
            // A file at the root of the repository.
            Err(failure) if is_all(&failure, "file-kind") => {
                read(Selection { folders: &[], files: &names }).map(Some)
            }
            Err(failure) if revision.is_some() && is_all(&failure, "unknown-revision") => Ok(None),
            read => read.map(Some),
        }
    }
}

/// Returns whether nothing but findings of one rule is wrong.
fn is_all(failure: &Failure, rule: &str) -> bool {
    match failure {
        Failure::Report(report) => report.diagnostics.iter().all(|one| one.rule == rule),
        Failure::Error(_) => false,
    }
}

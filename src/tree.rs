//! Files in memory, and the only modules that move them in or out.
//!
//! A rendering is a function from a tree of files to a tree of files; a worktree, a git revision and a literal in
//! a test are three constructors of the same [`FileTree`].

mod beneath;
mod blobs;
mod clock;
mod given;
mod history;
mod link;
mod listing;
mod local_repository;
mod output;
mod raw_path;
mod release;
mod remove;
mod revision;
mod scan;
mod selection;
mod staged;
mod stamp;
#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make files")]
pub(crate) mod temp;
mod worktree;

pub use given::{GivenFile, read_given};
pub use history::{History, Trailer};
pub use local_repository::LocalRepository;
pub use output::{Change, Comparison, Difference, Differences, HEADER, Keep, Output, OutputPath, Summary};
pub use release::{DEEPEN, ProvenTag, ReleaseTags, Unproven, branch_point, refs_at};
pub use revision::{
    folder_in_repository, open_repository, read_folder, read_revision, read_tree, read_whole,
};
pub use selection::Selection;
pub use staged::Staged;
pub use stamp::{Fresh, Inputs, Stamp};
pub use worktree::read_worktree;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A file's path from the root of the repository: `/` between parts, no empty part, no `.` and `..`, not absolute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Arc<str>);

/// Why a text is no [`RepoPath`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotConfined;

impl RepoPath {
    /// Reads a path as written in a spec or found in a tree.
    ///
    /// # Errors
    /// Refuses what could leave the repository or cannot be named in it: absolute paths, `.` and `..`, empty
    /// parts, backslashes and control characters.
    pub fn new(path: &str) -> Result<Self, NotConfined> {
        let part_is_plain = |part: &str| !matches!(part, "" | "." | "..");
        let character_is_plain = |character: char| !character.is_control() && character != '\\';
        let confined = path.split('/').all(part_is_plain) && path.chars().all(character_is_plain);
        if confined { Ok(Self(path.into())) } else { Err(NotConfined) }
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the part behind the last `/`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Returns the folder the file lies in, `""` for the root.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns whether the file lies in `folder` or beneath it; every file lies beneath `""`.
    pub fn lies_beneath(&self, folder: &str) -> bool {
        folder.is_empty() || self.0.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Files by path, in path order: the input and the output of a rendering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileTree(pub BTreeMap<RepoPath, Arc<[u8]>>);

impl FileTree {
    /// Returns the files in a folder and beneath it, in path order; none where that is no path.
    pub fn beneath<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f RepoPath, &'f Arc<[u8]>)> {
        let start = RepoPath::new(folder).ok();
        let from = start.into_iter().flat_map(|start| self.0.range(start..));
        // Names such as `<folder>-more` come before what lies in the folder.
        let alike = from.take_while(move |(path, _)| path.as_str().starts_with(folder));
        alike.filter(move |(path, _)| path.lies_beneath(folder))
    }

    /// Makes a tree from literals, for tests.
    ///
    /// # Panics
    /// Panics where a path is not confined: literals are the author's own.
    pub fn literal(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| {
            let path = RepoPath::new(path).expect("because literal paths are confined");
            (path, Arc::from(text.as_bytes()))
        };
        Self(files.iter().map(file).collect())
    }
}

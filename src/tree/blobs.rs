//! Files that lie in a git repository as blobs, read within limits.
//!
//! What git keeps is read as it is: no filter and no attribute has a say. This module must not know how a file's
//! blob was found.

use git2::{Odb, Oid, Repository};

use super::selection::{self, Limits};
use super::{FileTree, RepoPath};
use crate::diagnostic::Report;
use crate::error::{Error, Failure};

/// The blobs of a repository.
pub(super) struct Blobs<'a> {
    repository: &'a Repository,
    odb: Odb<'a>,
    /// What is being read, as a message calls it: ``revision `main` ``.
    what: String,
}

impl<'a> Blobs<'a> {
    /// Opens the repository's objects; `what` is what a message calls what they are read for.
    ///
    /// # Errors
    /// Says why git refused.
    pub fn open(repository: &'a Repository, what: String) -> Result<Self, Error> {
        match repository.odb() {
            Ok(odb) => Ok(Self { repository, odb, what }),
            Err(source) => Err(cannot_read(&what, source)),
        }
    }

    /// Returns what a blob holds.
    ///
    /// # Errors
    /// Says which reading failed where the repository lacks it.
    pub fn content(&self, id: Oid) -> Result<Vec<u8>, Error> {
        match self.repository.find_blob(id) {
            Ok(blob) => Ok(blob.content().to_vec()),
            Err(source) => Err(self.refused(source)),
        }
    }

    /// Reads files, unless `report` holds something by then or they are too large.
    ///
    /// # Errors
    /// Reports what was found before, and files beyond the limits.
    pub fn read(
        &self,
        files: impl IntoIterator<Item = (RepoPath, Oid)>,
        mut report: Report,
        limits: Limits,
    ) -> Result<FileTree, Failure> {
        let (mut tree, mut total) = (FileTree::default(), 0);
        for (path, id) in files {
            let size = self.odb.read_header(id).map_err(|source| self.refused(source))?.0 as u64;
            total += size;
            if size > limits.file_bytes {
                report.push(limits.file_finding(&path, size));
            } else if total > limits.total_bytes {
                report.push(limits.total_finding());
                break;
            } else {
                tree.0.insert(path, self.content(id)?.into());
            }
        }
        Ok(selection::in_order(report).or(tree)?)
    }

    /// Says what was being read when git refused.
    pub fn refused(&self, source: git2::Error) -> Error {
        cannot_read(&self.what, source)
    }
}

fn cannot_read(what: &str, source: git2::Error) -> Error {
    Error::Git { doing: format!("read {what}"), source }
}

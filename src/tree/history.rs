//! What git knows beyond one tree: which commit a name is, where a branch left the trunk, what commit messages say.
//!
//! Only objects and refs are read. This module must not know what a trailer is for.

use std::path::Path;

use git2::{Commit, ErrorCode, Oid, Repository};

use super::revision::{cannot_read, not_found, open};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Failure};
use crate::trailer;

/// The history of the repository that a folder lies in.
pub struct History {
    repository: Repository,
}

/// A trailer in the last paragraph of a commit's message: `Allow: applications=3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trailer {
    /// The commit's id.
    pub commit: String,
    /// What stands behind the key.
    pub value: String,
}

impl History {
    /// Opens the repository that `root` lies in.
    ///
    /// # Errors
    /// [`Error::Git`] where there is none, or it belongs to another user.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Ok(Self { repository: open(root)?.0 })
    }

    /// Returns the id of the commit that a revision names.
    ///
    /// # Errors
    /// Reports a revision that is not there or is no commit.
    pub fn commit_id(&self, revision: &str) -> Result<String, Failure> {
        Ok(self.commit(revision)?.id().to_string())
    }

    /// Returns the id of the first parent of the commit that a revision names; `None` where it has none, or this shallow clone
    /// has not got it.
    ///
    /// # Errors
    /// Reports a revision that is not there or is no commit.
    pub fn first_parent(&self, revision: &str) -> Result<Option<String>, Failure> {
        Ok(self.commit(revision)?.parent(0).ok().map(|parent| parent.id().to_string()))
    }

    /// Returns the id of the commit at which the work tree's commit left a branch; the commit itself where it is on it.
    ///
    /// The local branch counts, else the one that was last fetched from `remote`.
    ///
    /// # Errors
    /// Reports a branch that is not there, and histories that have nothing in common.
    pub fn merge_base(&self, branch: &str, remote: &str) -> Result<String, Failure> {
        self.merge_base_of("HEAD", branch, remote)
    }

    /// Returns the id of the commit at which a revision left a branch, as [`History::merge_base`] does for the work tree's.
    ///
    /// # Errors
    /// Those of [`History::merge_base`], and a revision that is not there.
    pub fn merge_base_of(&self, revision: &str, branch: &str, remote: &str) -> Result<String, Failure> {
        let head = self.commit(revision)?.id();
        let names = [format!("refs/heads/{branch}"), format!("refs/remotes/{remote}/{branch}")];
        let found = names.iter().find_map(|name| self.repository.refname_to_id(name).ok());
        let Some(trunk) = found else {
            let message = format!("there is no branch `{branch}` here, nor `{remote}/{branch}`");
            return Err(self.without_base(message));
        };
        match self.repository.merge_base(head, trunk) {
            Ok(base) => Ok(base.to_string()),
            Err(source) if source.code() == ErrorCode::NotFound => {
                Err(self.without_base(format!("`{revision}` and `{branch}` have no commit in common")))
            }
            Err(source) => Err(cannot_read(branch, source).into()),
        }
    }

    /// Returns the trailers with a key, in any spelling of its case, of the commits that `head` has and `base` has
    /// not, the newest first.
    ///
    /// # Errors
    /// Reports revisions that are not there.
    pub fn trailers(&self, base: &str, head: &str, key: &str) -> Result<Vec<Trailer>, Failure> {
        let (base, head) = (self.commit(base)?.id(), self.commit(head)?.id());
        let between = self.between(base, head).map_err(|source| Error::Git {
            doing: format!("read the commits between `{base}` and `{head}`"),
            source,
        })?;
        let mut trailers = Vec::new();
        for (commit, message) in between {
            let found = trailer::trailers(&message, key).into_iter();
            trailers.extend(found.map(|value| Trailer { commit: commit.clone(), value }));
        }
        Ok(trailers)
    }

    fn between(&self, base: Oid, head: Oid) -> Result<Vec<(String, Vec<u8>)>, git2::Error> {
        let mut walk = self.repository.revwalk()?;
        walk.push(head)?;
        walk.hide(base)?;
        let commit = |id: Result<Oid, git2::Error>| {
            let commit = self.repository.find_commit(id?)?;
            // A NUL byte would end the message for git.
            let message = commit.message_raw_bytes().split(|byte| *byte == 0).next().unwrap_or_default();
            Ok((commit.id().to_string(), message.to_vec()))
        };
        walk.map(commit).collect()
    }

    fn commit(&self, revision: &str) -> Result<Commit<'_>, Failure> {
        let object = match self.repository.revparse_single(revision) {
            Ok(object) => object,
            Err(source) if source.code() == ErrorCode::UnbornBranch => {
                let finding =
                    Diagnostic::error_nowhere("unknown-revision", "the repository has no commit yet");
                return Err(Failure::Report(finding.into()));
            }
            Err(source) => return Err(not_found(&self.repository, revision, source)),
        };
        object.peel_to_commit().map_err(|_| {
            let message = format!("`{revision}` names no commit");
            Failure::Report(Diagnostic::error_nowhere("unknown-revision", message).into())
        })
    }

    /// Says that there is no base to compare with; in a shallow clone that may be the clone's fault.
    fn without_base(&self, message: String) -> Failure {
        if self.repository.is_shallow() {
            let why = format!("{message}, as far as this shallow clone goes");
            let hint = "fetch the rest with `git fetch --unshallow`";
            let source = git2::Error::from_str(&format!("{why}; {hint}"));
            return Error::Git { doing: "find the commit to compare with".into(), source }.into();
        }
        let finding = Diagnostic::error_nowhere("unknown-revision", message);
        Failure::Report(finding.hint("name what to compare with: `yoshino diff BASE`").into())
    }
}

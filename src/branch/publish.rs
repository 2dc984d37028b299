//! The rendering as a commit: on a branch of its own, or in a folder of the trunk.
//!
//! What is published comes from a commit, never from a work tree, and goes into objects and a ref, never into a work tree
//! or index. Files that are not ours stay as they are, as where the output is a folder on disk. This module must not know
//! how anything is rendered, or whether a change may go through.

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Oid, Repository};

use crate::branch::history::{is_within, message, short};
use crate::branch::identity::Identity;
use crate::branch::merge::{Entry, look_up, update};
use crate::branch::push::{PushedRef, deliver, push};
use crate::branch::store::{Moved, NewCommit, RefMove, RefName, Store};
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Failure};
use crate::tree::{Change, Differences, RepoPath};

/// Where an output is published.
#[derive(Clone, Debug)]
pub struct Place {
    /// The branch that gets the commit.
    pub branch: RefName,
    /// The folder of the branch that holds the output, from the repository's root; the whole branch where it is none.
    pub folder: Option<RepoPath>,
    /// Where the local branch is.
    pub here: Option<Oid>,
    /// The commit that is gone on from: the local branch's or the one last fetched, whichever is ahead.
    pub tip: Option<Oid>,
}

/// What is published.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// The commit that was rendered.
    pub source: Oid,
    /// How the output differs from what is published.
    pub differences: &'a Differences,
    /// What that does, a line each.
    pub summary: &'a [String],
    /// The version of what rendered it.
    pub version: &'a str,
}

impl Place {
    /// Finds a branch as it is here and as it was last fetched from `remote`.
    ///
    /// # Errors
    /// [`Error::Refused`] where the two have gone different ways.
    pub fn find(
        store: &Store,
        branch: RefName,
        folder: Option<RepoPath>,
        remote: &str,
    ) -> Result<Self, Error> {
        let repository = store.repository();
        let here = store.find(&branch)?;
        let fetched = fetched(repository, &branch, remote);
        let tip = match (here, fetched) {
            (Some(here), Some(fetched)) if is_within(repository, here, fetched) => Some(fetched),
            (Some(here), Some(fetched)) if is_within(repository, fetched, here) => Some(here),
            (Some(here), Some(fetched)) => {
                let (here, fetched) = (short(here), short(fetched));
                return Err(Error::Refused {
                    doing: format!("publish to `{branch}`"),
                    why: format!(
                        "it is at {here}, and `{remote}/{branch}` at {fetched}: the two have gone different ways; `git branch -f {branch} {remote}/{branch}` takes the remote's"
                    ),
                });
            }
            (one, other) => one.or(other),
        };
        Ok(Self { branch, folder, here, tip })
    }

    /// Returns the commit that the published output was rendered from, as far as this clone knows it: what the message
    /// says on a branch of its own, else the commit that last changed the output's folder.
    pub fn source(&self, repository: &Repository) -> Option<Oid> {
        let tip = repository.find_commit(self.tip?).ok()?;
        if let Some(folder) = &self.folder {
            let entry = |commit: &git2::Commit<'_>| {
                look_up(repository, commit.tree_id(), folder.as_str().as_bytes()).ok().flatten()
            };
            let (mut last, published) = (tip.clone(), entry(&tip)?);
            while let Ok(parent) = last.parent(0) {
                if entry(&parent) != Some(published) {
                    break;
                }
                last = parent;
            }
            return Some(last.id());
        }
        let named = message::trailers(tip.message_raw_bytes(), "Source");
        let id = Oid::from_str(named.last()?.trim()).ok()?;
        repository.find_commit(id).ok().map(|commit| commit.id())
    }

    /// Makes the commit, in memory.
    ///
    /// # Errors
    /// [`Error::Refused`] where nobody is named who commits, [`Error::Git`] where objects are missing.
    pub fn commit(&self, store: &Store, publication: Publication<'_>) -> Result<Oid, Error> {
        let repository = store.repository();
        let refused = |source| Error::Git { doing: format!("read `{}`", self.branch), source };
        let before = match self.tip {
            Some(tip) => repository.find_commit(tip).map_err(refused)?.tree_id(),
            None => repository.treebuilder(None).and_then(|empty| empty.write()).map_err(refused)?,
        };
        let mut edits = BTreeMap::new();
        for file in &publication.differences.files {
            let path = match &self.folder {
                Some(folder) => format!("{folder}/{}", file.path),
                None => file.path.to_string(),
            };
            let entry = match file.change {
                Change::Stale => None,
                Change::Same | Change::New | Change::Changed => {
                    Some(Entry::file(repository.blob(&file.new).map_err(refused)?))
                }
            };
            edits.insert(path.into_bytes(), entry);
        }
        let committer = Identity::find(repository)?;
        store.commit(&NewCommit {
            tree: update(repository, before, &edits)?,
            parents: self.tip.as_slice(),
            author: &committer.to_bytes(),
            committer: &committer,
            encoding: None,
            message: publication.message().as_bytes(),
        })
    }

    /// Brings the branch to a commit: on `remote` where one is named, and here.
    ///
    /// A branch that is checked out is pushed and not moved here, since its work tree would seem to undo the commit.
    /// Returns whether the local branch is where it is to be.
    ///
    /// # Errors
    /// Those of [`deliver`]; [`Error::Refused`] where the branch has moved meanwhile.
    pub fn deliver(&self, store: &Store, to: Oid, remote: Option<&str>) -> Result<bool, Error> {
        let log = format!("publish: rendered {}", short(to));
        let change = RefMove { name: self.branch.clone(), from: self.here, to, log };
        let push_to = |remote: &str| {
            let expected = fetched(store.repository(), &self.branch, remote);
            push(store.repository(), remote, &[PushedRef { name: self.branch.clone(), expected, to }])
        };
        if let Some(work_tree) = store.checked_out_in(&self.branch)? {
            let Some(remote) = remote else { return Err(self.checked_out(&work_tree)) };
            store.flush()?;
            push_to(remote)?;
            return Ok(self.here == Some(to));
        }
        if self.here == Some(to) {
            remote.map_or(Ok(()), push_to)?;
            return Ok(true);
        }
        match deliver(store, &[change], remote)? {
            Moved::Done => Ok(true),
            Moved::Lost { name, .. } => Err(Error::Refused {
                doing: format!("move `{name}`"),
                why: "another run has moved it meanwhile; run this again".to_owned(),
            }),
        }
    }

    fn checked_out(&self, work_tree: &Path) -> Error {
        let way = match self.folder {
            Some(_) => "`yoshino render` writes there",
            None => "switch that work tree to another one",
        };
        Error::Refused {
            doing: format!("publish to `{}`", self.branch),
            why: format!(
                "it is checked out in {}, whose files would seem to undo the commit; {way}, or bring the commit to the remote alone with `--push`",
                work_tree.display()
            ),
        }
    }
}

impl Publication<'_> {
    /// Returns the message: what was rendered, what that does, and the trailers that `publish` and people look for.
    fn message(&self) -> String {
        let count = |change| self.differences.files.iter().filter(|file| file.change == change).count();
        let [new, changed, removed] = [Change::New, Change::Changed, Change::Stale].map(count);
        let mut text = format!("render {}\n\n", short(self.source));
        for line in self.summary {
            text.push_str(&format!("- {line}\n"));
        }
        text.push_str(&format!("- files: {new} new, {changed} changed, {removed} removed\n\n"));
        text.push_str(&format!("Source: {}\nYoshino-Version: {}\n", self.source, self.version));
        text
    }
}

/// Returns where a branch was on a remote when that was last fetched.
fn fetched(repository: &Repository, branch: &RefName, remote: &str) -> Option<Oid> {
    repository.refname_to_id(&format!("refs/remotes/{remote}/{branch}")).ok()
}

/// Returns the commit that `HEAD` is at if that is on the trunk, here or as last fetched.
///
/// # Errors
/// Reports a `HEAD` that is elsewhere, or has no commit yet.
pub fn head_on_trunk(store: &Store, trunk: &RefName, remote: &str) -> Result<Oid, Failure> {
    let repository = store.repository();
    let head = repository.head().and_then(|head| Ok((head.name()?.to_owned(), head.peel_to_commit()?.id())));
    let Ok((name, head)) = head else {
        let message = "there is no commit to publish: `HEAD` has none";
        return Err(Failure::Report(Diagnostic::error_nowhere("publish-source", message).into()));
    };
    let fetched = format!("refs/remotes/{remote}/{trunk}");
    let mut trunks = [trunk.as_str(), &fetched]
        .into_iter()
        .filter_map(|name| repository.refname_to_id(name).ok())
        .peekable();
    // In a pipeline there may be nothing but a commit.
    let is_on_trunk = name == trunk.as_str()
        || trunks.peek().is_none()
        || trunks.any(|tip| is_within(repository, head, tip));
    if is_on_trunk {
        return Ok(head);
    }
    let message = format!("`HEAD` is at {}, which is not on `{trunk}`", short(head));
    let finding = Diagnostic::error_nowhere("publish-source", message);
    Err(Failure::Report(finding.hint("to publish it all the same, name it: `--rev HEAD`").into()))
}

/// Refuses to go back to what was before: another pipeline has published a later commit.
///
/// # Errors
/// [`Error::Refused`] where `source` is a commit that `published` goes on from.
pub fn refuse_going_back(repository: &Repository, published: Oid, source: Oid) -> Result<(), Error> {
    if published == source || !is_within(repository, source, published) {
        return Ok(());
    }
    Err(Error::Refused {
        doing: format!("publish {}", short(source)),
        why: format!(
            "what is published is of {}, which comes after it; to go back, name it: `--rev {}`",
            short(published),
            short(source)
        ),
    })
}

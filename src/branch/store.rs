//! A repository that is written to: objects are made in memory, then made durable as one pack, then refs are moved.
//!
//! Nothing is on disk before [`Store::flush`], so a plan may make as many trees as it likes. A kill at any instant
//! leaves every ref as it was or as it will be; what it leaves besides, the next run takes away. This module must not
//! know what its commits are for, and starts no process.
#![expect(clippy::disallowed_methods, reason = "writing git's files is what this is for")]

mod object;
mod pack;
mod ref_lock;
mod ref_name;
mod reflog;
mod turn;
mod work_tree;

pub use git2::Oid;
pub use object::{NewCommit, NewTag, author_of, encoding_of};
pub use ref_name::RefName;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use git2::{ErrorCode, ObjectType, Odb, ReferenceType, Repository};

use crate::branch::identity::Identity;
use crate::branch::sign::{Signers, Signing, put_into_commit};
use crate::error::Error;
use ref_lock::RefLock;
use turn::Turn;

/// A git repository, bare or with work trees, that commits and tags are made in.
pub struct Store {
    repository: Repository,
    /// What is on disk, without what is in memory.
    disk: Odb<'static>,
    /// Commits and tags that are in memory alone, in the order in which they were made.
    made: RefCell<Vec<Oid>>,
    signers: Signers,
}

/// One ref, from where to where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefMove {
    /// Which ref.
    pub name: RefName,
    /// What it must still be at; `None` where it must not exist.
    pub from: Option<Oid>,
    /// Where it goes.
    pub to: Oid,
    /// What the reflog says about it, one line.
    pub log: String,
}

/// What came of moving refs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// All of them are where they were to go.
    Done,
    /// One was not where it had to be, and none was moved.
    Lost {
        /// Which one.
        name: RefName,
        /// Where it is, if it exists.
        found: Option<Oid>,
    },
}

/// In front of libgit2's own stores, which have 1 and 2.
const MEMORY_FIRST: i32 = 1000;

impl Store {
    /// Opens the repository that `root` lies in, from any of its work trees, or a bare one.
    ///
    /// Nothing is written and nothing locked.
    ///
    /// # Errors
    /// [`Error::Git`] where there is none, it belongs to another user, or it is of a kind that libgit2 does not know:
    /// SHA-256 objects, reftable.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let repository = crate::tree::open_repository(root)?;
        let refused =
            |source| Error::Git { doing: format!("open the objects of {}", root.display()), source };
        let disk = Odb::new().map_err(refused)?;
        let objects = repository.commondir().join("objects");
        let Some(objects) = objects.to_str() else {
            return Err(refused(git2::Error::from_str("its path is no UTF-8")));
        };
        disk.add_disk_alternate(objects).map_err(refused)?;
        // The repository's own store of objects takes the memory over, and lives as long as it does.
        let all = repository.odb().map_err(refused)?;
        all.add_new_mempack_backend(MEMORY_FIRST).map_err(refused)?;
        drop(all);
        Ok(Self { repository, disk, made: RefCell::default(), signers: Signers::default() })
    }

    /// Signs commits and tags that are made from now on; without this, none is.
    ///
    /// # Errors
    /// [`Error::Refused`] where something is to be signed and git's configuration does not say how, or the repository's
    /// own names a program.
    pub fn signing(mut self, signing: Signing) -> Result<Self, Error> {
        self.signers = Signers::find(&self.repository, signing)?;
        Ok(self)
    }

    /// Returns the repository, for reading and for making blobs and trees, which stay in memory.
    ///
    /// Its refs are moved by [`Store::move_refs`] alone, which no other way of libgit2 stands in for: none of those
    /// sees what is checked out elsewhere, is durable, or survives a kill without a lock that stays.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Makes a commit, in memory.
    ///
    /// # Errors
    /// [`Error::Git`] where its tree or a parent is missing or something else; [`Error::Refused`] where it is to be
    /// signed and cannot be.
    pub fn commit(&self, commit: &NewCommit<'_>) -> Result<Oid, Error> {
        self.require(commit.tree, ObjectType::Tree)?;
        for parent in commit.parents {
            self.require(*parent, ObjectType::Commit)?;
        }
        let mut bytes = commit.to_bytes();
        if let Some(signer) = &self.signers.commits {
            bytes = put_into_commit(&bytes, &signer.sign(&bytes, commit.committer)?);
        }
        self.make(ObjectType::Commit, &bytes)
    }

    /// Makes an annotated tag of a commit, in memory; its ref is made by [`Store::move_refs`].
    ///
    /// # Errors
    /// [`Error::Git`] where the commit is missing; [`Error::Refused`] where it is to be signed and cannot be.
    pub fn tag(&self, tag: &NewTag<'_>) -> Result<Oid, Error> {
        self.require(tag.commit, ObjectType::Commit)?;
        let mut bytes = tag.to_bytes();
        if let Some(signer) = &self.signers.tags {
            bytes.extend(signer.sign(&bytes, tag.tagger)?);
        }
        self.make(ObjectType::Tag, &bytes)
    }

    /// Writes every commit and tag that was made, with what they hold, as one pack, and waits until it is durable.
    ///
    /// Where nothing was made, nothing is touched. Objects that no commit or tag holds are dropped.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::Git`] where it cannot be written, [`Error::Locked`] where another run is writing.
    pub fn flush(&self) -> Result<(), Error> {
        if self.made.borrow().is_empty() {
            return Ok(());
        }
        self.flush_within(&Turn::take(self.repository.commondir())?)
    }

    /// Moves a ref if it is still where it was seen; see [`Store::move_refs`].
    ///
    /// # Errors
    /// As there.
    pub fn move_ref(&self, change: &RefMove) -> Result<Moved, Error> {
        self.move_refs(std::slice::from_ref(change))
    }

    /// Moves refs if all of them are still where they were seen, after everything that was made is durable.
    ///
    /// All are locked and compared before the first is moved. They are then moved in the order given, each of them
    /// entirely: a kill in between leaves a beginning of that order moved.
    ///
    /// # Errors
    /// [`Error::Refused`] where a branch is checked out in any work tree, a ref is symbolic, a name lies beneath or
    /// above another one, or another program holds its lock; then none is moved. [`Error::Io`] where files cannot be
    /// written.
    pub fn move_refs(&self, changes: &[RefMove]) -> Result<Moved, Error> {
        if changes.is_empty() {
            return Ok(Moved::Done);
        }
        for change in changes {
            work_tree::refuse_if_checked_out(&self.repository, &change.name)?;
        }
        let turn = Turn::take(self.repository.commondir())?;
        self.flush_within(&turn)?;
        let identity = Identity::find(&self.repository)?;
        let mut locks = Vec::new();
        for change in changes {
            self.require_on_disk(change)?;
            self.refuse_if_nested(&change.name, change.from)?;
            locks.push(RefLock::take(&turn, &change.name, change.to)?);
        }
        for change in changes {
            let found = self.find(&change.name)?;
            if found != change.from {
                return Ok(Moved::Lost { name: change.name.clone(), found });
            }
            self.refuse_if_nested(&change.name, found)?;
        }
        for (lock, change) in locks.into_iter().zip(changes) {
            reflog::append(&self.repository, change, &identity)?;
            lock.put_in_place()?;
        }
        Ok(Moved::Done)
    }

    /// Tells, without a lock, what would now keep refs from moving: a first one that is not where it must be.
    ///
    /// # Errors
    /// [`Error::Refused`] where a branch is checked out in any work tree.
    pub(super) fn look_ahead(&self, changes: &[RefMove]) -> Result<Option<Moved>, Error> {
        for change in changes {
            work_tree::refuse_if_checked_out(&self.repository, &change.name)?;
            let found = self.find(&change.name)?;
            if found != change.from {
                return Ok(Some(Moved::Lost { name: change.name.clone(), found }));
            }
        }
        Ok(None)
    }

    /// Returns the work tree that a branch is checked out in, the main or a linked one.
    ///
    /// # Errors
    /// [`Error::Io`] where git's list of work trees cannot be read.
    pub fn checked_out_in(&self, name: &RefName) -> Result<Option<PathBuf>, Error> {
        work_tree::checked_out_in(&self.repository, name)
    }

    /// Returns what a ref is at; `None` where it does not exist.
    ///
    /// # Errors
    /// [`Error::Refused`] where it is symbolic, [`Error::Git`] where it cannot be read.
    pub fn find(&self, name: &RefName) -> Result<Option<Oid>, Error> {
        let doing = || format!("read `{name}`");
        let reference = match self.repository.find_reference(name.as_str()) {
            Ok(reference) => reference,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(source) => return Err(Error::Git { doing: doing(), source }),
        };
        match (reference.kind(), reference.target()) {
            (Some(ReferenceType::Direct), Some(id)) => Ok(Some(id)),
            _ => Err(Error::Refused { doing: doing(), why: "it is a symbolic ref".to_owned() }),
        }
    }

    fn make(&self, kind: ObjectType, bytes: &[u8]) -> Result<Oid, Error> {
        let refused = |source| Error::Git { doing: format!("make a {kind}"), source };
        let id = self.repository.odb().and_then(|odb| odb.write(kind, bytes)).map_err(refused)?;
        self.made.borrow_mut().push(id);
        Ok(id)
    }

    /// Refuses a commit that would hold what is not there, as git's fsck would.
    fn require(&self, id: Oid, kind: ObjectType) -> Result<(), Error> {
        let doing = || format!("find the {kind} {id}");
        let odb = self.repository.odb().map_err(|source| Error::Git { doing: doing(), source })?;
        match odb.read_header(id) {
            Ok((_, found)) if found == kind => Ok(()),
            Ok((_, found)) => Err(Error::Refused { doing: doing(), why: format!("it is a {found}") }),
            Err(source) => Err(Error::Git { doing: doing(), source }),
        }
    }

    /// Refuses a ref to what would be gone when the process ends.
    fn require_on_disk(&self, change: &RefMove) -> Result<(), Error> {
        match self.disk.exists(change.to) {
            true => Ok(()),
            false => Err(Error::Refused {
                doing: format!("move `{}` to {}", change.name, change.to),
                why: "the repository does not have that object".to_owned(),
            }),
        }
    }

    /// Refuses a new ref in whose place git's files need a folder, or the other way round.
    fn refuse_if_nested(&self, name: &RefName, found: Option<Oid>) -> Result<(), Error> {
        if found.is_some() {
            return Ok(());
        }
        let doing = format!("make `{name}`");
        let above = name.above().find(|above| self.repository.find_reference(above).is_ok());
        let beneath = || {
            let refs = self.repository.references_glob(&format!("{}/*", name.as_str()));
            refs.ok()?.names().flatten().next().map(str::to_owned)
        };
        match above.map(str::to_owned).or_else(beneath) {
            Some(other) => Err(Error::Refused { doing, why: format!("there is `{other}`") }),
            None => Ok(()),
        }
    }

    fn flush_within(&self, turn: &Turn) -> Result<(), Error> {
        pack::write(&self.repository, &self.disk, &self.made.borrow(), turn)?;
        self.made.borrow_mut().clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests;

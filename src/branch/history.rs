//! What is on trunk and on a branch since they parted, each commit read once.
//!
//! A unit is one entry of trunk's first-parent chain; its order is that of the chain, never that of dates. This module
//! must not decide what becomes of a unit.

pub mod message;

use std::collections::BTreeSet;

use git2::{Commit, ErrorCode, Oid, Repository, Sort};

use crate::branch::merge::{TreeChange, changed_paths};
use crate::error::Error;
use crate::tree::branch_point;
use message::RevertLine;

/// One entry of trunk's first-parent chain.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its id.
    pub id: Oid,
    /// Its parents; the first is the chain's.
    pub parents: Vec<Oid>,
    /// What it changed, seen from its first parent.
    pub change: TreeChange,
    /// Every path that it changed, both sides of renames.
    pub paths: BTreeSet<String>,
    /// The author's name.
    pub author: String,
    /// The author's address.
    pub email: String,
    /// The first line of its message.
    pub subject: String,
    /// Its message, byte for byte.
    pub message: Vec<u8>,
    /// The commits that its message says it reverts.
    pub reverts: Vec<RevertLine>,
}

/// A commit that a branch has and trunk has not.
#[derive(Clone, Debug)]
pub struct TargetCommit {
    /// Its id.
    pub id: Oid,
    /// What it changed, seen from its first parent.
    pub change: TreeChange,
    /// It has several parents.
    pub is_merge: bool,
    /// The commits that it was picked from, whatever they are.
    pub picked_from: Vec<Oid>,
    /// The commits that it reverts, whatever they are.
    pub reverts: Vec<Oid>,
    /// Paths of the unit that the pick left out.
    pub left_out: Vec<String>,
}

/// Reads the commits that a branch has and trunk has not, each after its parents. What trunk has merged of the branch
/// since it was cut is the branch's all the same.
///
/// # Errors
/// [`Error::Refused`] where the clone is too shallow to have them all.
pub fn target_commits(repository: &Repository, tip: Oid, trunk: Oid) -> Result<Vec<TargetCommit>, Error> {
    let mut commits = Vec::new();
    let since = where_trunk_ends(repository, tip, trunk)?;
    for id in between(repository, tip, since)?.into_iter().rev() {
        let commit = find(repository, id)?;
        refuse_boundary(&commit)?;
        let message = commit.message_raw_bytes();
        commits.push(TargetCommit {
            id,
            change: TreeChange::of(&commit)?,
            is_merge: commit.parent_count() > 1,
            picked_from: message::picked_from(message),
            reverts: message::reverted(message).into_iter().map(|line| line.id).collect(),
            left_out: message::trailers(message, "Pick-Partial")
                .iter()
                .map(|value| message::unquoted(value))
                .collect(),
        });
    }
    Ok(commits)
}

/// Returns the ids of the commits that `tip` has and `other` has not.
///
/// # Errors
/// [`Error::Refused`] where the two have nothing in common, or not within this clone.
pub fn ahead(repository: &Repository, tip: Oid, other: Oid) -> Result<BTreeSet<Oid>, Error> {
    match repository.merge_base(tip, other) {
        Ok(_) => Ok(between(repository, tip, other)?.into_iter().collect()),
        Err(source) if source.code() == ErrorCode::NotFound => {
            let why = format!("{} and {} have no commit in common", short(tip), short(other));
            Err(Error::Refused { doing: "compare branches".to_owned(), why: with_deepening(repository, why) })
        }
        Err(source) => Err(Error::Git { doing: "find where branches part".to_owned(), source }),
    }
}

/// Reads the units of the first-parent chain from `tip` back to the first that `is_listed` does not hold for, the
/// oldest first.
///
/// # Errors
/// [`Error::Refused`] where a unit is where a shallow clone ends: what it changed cannot be known.
pub fn units(repository: &Repository, tip: Oid, is_listed: impl Fn(Oid) -> bool) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    let mut next = Some(tip);
    while let Some(id) = next.filter(|id| is_listed(*id)) {
        let commit = find(repository, id)?;
        refuse_boundary(&commit)?;
        units.push(unit(repository, &commit)?);
        next = commit.parent_ids().next();
    }
    units.reverse();
    Ok(units)
}

/// Reads one unit.
///
/// # Errors
/// [`Error::Git`] where its trees are missing.
pub fn unit(repository: &Repository, commit: &Commit<'_>) -> Result<Unit, Error> {
    let change = TreeChange::of(commit)?;
    let author = commit.author();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Unit {
        id: commit.id(),
        parents: commit.parent_ids().collect(),
        change,
        paths: changed_paths(repository, change)?,
        author: text(author.name_bytes()),
        email: text(author.email_bytes()),
        subject: text(commit.summary_bytes().unwrap_or_default()),
        message: commit.message_raw_bytes().to_vec(),
        reverts: message::reverted(commit.message_raw_bytes()),
    })
}

impl Unit {
    /// Returns the kinds that its message gives it, and `revert` where it reverts a commit.
    pub fn kinds(&self) -> Vec<String> {
        let written = message::trailers(&self.message, "Pick-Kind");
        let words = written.iter().flat_map(|value| value.split(',')).map(|word| word.trim().to_owned());
        words.chain((!self.reverts.is_empty()).then(|| "revert".to_owned())).collect()
    }
}

/// Returns whether a commit is another one, or that goes on from it.
pub fn is_within(repository: &Repository, commit: Oid, tip: Oid) -> bool {
    commit == tip || repository.graph_descendant_of(tip, commit).unwrap_or(false)
}

/// Returns the first twelve digits of an id, by which people know it.
pub fn short(id: Oid) -> String {
    id.to_string()[..12].to_owned()
}

/// Returns the commit that has all of trunk and nothing of a branch: trunk itself, or where the branch was cut if trunk has
/// merged it since.
///
/// # Errors
/// [`Error::Git`] where the two have nothing in common, or commits are missing.
pub fn where_trunk_ends(repository: &Repository, tip: Oid, trunk: Oid) -> Result<Oid, Error> {
    let walk = || -> Result<Oid, git2::Error> {
        let base = repository.merge_base(tip, trunk)?;
        let Some(cut) = branch_point(repository, trunk, tip)? else { return Ok(trunk) };
        let mut next = Some(tip);
        while let Some(id) = next.filter(|id| *id != cut) {
            if id == base {
                return Ok(cut);
            }
            next = repository.find_commit(id)?.parent_ids().next();
        }
        Ok(trunk)
    };
    walk().map_err(|source| Error::Git { doing: "find where branches part".to_owned(), source })
}

/// Returns the commits that `tip` has and `other` has not, each before its parents.
fn between(repository: &Repository, tip: Oid, other: Oid) -> Result<Vec<Oid>, Error> {
    let walk = || -> Result<Vec<Oid>, git2::Error> {
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL)?;
        walk.push(tip)?;
        walk.hide(other)?;
        walk.collect()
    };
    walk().map_err(|source| Error::Git { doing: format!("read the history of {}", short(tip)), source })
}

/// Finds a commit.
///
/// # Errors
/// [`Error::Git`] where it is missing.
pub fn find(repository: &Repository, id: Oid) -> Result<Commit<'_>, Error> {
    repository.find_commit(id).map_err(|source| Error::Git { doing: format!("read commit {id}"), source })
}

/// Refuses a commit whose parents a shallow clone has cut off: its whole tree would count as added.
fn refuse_boundary(commit: &Commit<'_>) -> Result<(), Error> {
    let has_parents =
        commit.raw_header_bytes().split(|byte| *byte == b'\n').any(|line| line.starts_with(b"parent "));
    if commit.parent_count() > 0 || !has_parents {
        return Ok(());
    }
    let why = "this shallow clone ends there; fetch the rest with `git fetch --unshallow`".to_owned();
    Err(Error::Refused { doing: format!("read what {} changed", short(commit.id())), why })
}

fn with_deepening(repository: &Repository, why: String) -> String {
    match repository.is_shallow() {
        true => format!("{why} in this shallow clone; fetch the rest with `git fetch --unshallow`"),
        false => why,
    }
}

//! Carrying out a plan of picks: commits on branches, no work tree touched.
//!
//! Every commit is made in memory first, then all are made durable as one pack, then refs move, one minor after the other:
//! each minor's refs move together or not at all. Units that a human must decide about are left out, and the others go on. A
//! ref that is not where the plan saw it, or a branch that is checked out, leaves out its minor alone. This module must not
//! decide what is picked.

mod recorded;

pub use recorded::Recorded;

use std::collections::BTreeMap;

use git2::{Oid, Repository};
use serde_json::{Value, json};

use crate::branch::history::message::ID;
use crate::branch::history::{find, short};
use crate::branch::identity::Identity;
use crate::branch::pick::{NewPick, Plan, Tip};
use crate::branch::push::{PushedRef, deliver, push};
use crate::branch::store::{Moved, NewCommit, RefMove, RefName, Store, author_of, encoding_of};
use crate::error::{Error, Failure};
use crate::spec::version::Minor;

/// Where picks go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    /// To a branch `picks/<minor>/<12 digits of trunk's tip>` for a pull request; conflicts leave drafts.
    Branch,
    /// To the minor branch itself; no drafts.
    Direct,
}

/// How a plan is carried out.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Where picks go.
    pub onto: Onto,
    /// The remote that the branches are pushed to, too.
    pub push: Option<&'a str>,
}

/// What came of carrying out a plan.
#[derive(Debug, Default)]
pub struct Applied {
    /// The branches that are where they are to be, by minor, drafts behind picks.
    pub branches: Vec<Branch>,
    /// The minors that were left out, and why.
    pub refused: Vec<(Minor, Error)>,
}

/// A branch with commits of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The minor.
    pub minor: Minor,
    /// The branch.
    pub name: RefName,
    /// Its tip.
    pub tip: Oid,
    /// How many commits it has beyond what the plan saw.
    pub commits: usize,
    /// The unit whose conflict it shows; `None` for a branch of picks.
    pub draft_of: Option<Oid>,
    /// An earlier run had made it.
    pub was_there: bool,
}

/// Carries a plan out.
///
/// # Errors
/// [`Error::Refused`] where nobody is named who commits, and [`Error::Git`] where objects are missing or cannot be written;
/// then no ref has moved. What keeps one minor from being done is in [`Applied::refused`].
pub fn apply(store: &Store, plan: &Plan, order: Order<'_>) -> Result<Applied, Failure> {
    let committer = Identity::find(store.repository())?;
    let maker = Maker { store, plan, committer };
    let mut works = Vec::new();
    for (minor, tip) in &plan.inputs.targets {
        works.push((*minor, tip, maker.work(*minor, tip, order.onto)?));
    }
    // One pack for all, whichever minors then succeed.
    if works.iter().any(|(_, _, work)| !work.is_empty()) {
        store.flush()?;
    }
    let mut applied = Applied::default();
    for (minor, tip, work) in works {
        match carry_out(store, (minor, tip), work, order) {
            Ok(branches) => applied.branches.extend(branches),
            Err(error) => applied.refused.push((minor, error)),
        }
    }
    Ok(applied)
}

impl Applied {
    /// Returns what is printed beside the plan: `branches` and `refused`.
    pub fn to_json(&self) -> Value {
        let branch = |branch: &Branch| {
            json!({
                "minor": branch.minor.to_string(),
                "ref": branch.name.as_str(),
                "tip": branch.tip.to_string(),
                "commits": branch.commits,
                "draftOf": branch.draft_of.map(|unit| unit.to_string()),
                "wasThere": branch.was_there,
            })
        };
        let refused =
            |(minor, error): &(Minor, Error)| json!({"minor": minor.to_string(), "error": error.to_string()});
        json!({
            "branches": self.branches.iter().map(branch).collect::<Vec<_>>(),
            "refused": self.refused.iter().map(refused).collect::<Vec<_>>(),
        })
    }
}

/// A branch as it is to be.
struct Wanted {
    name: RefName,
    /// The commits, the oldest first.
    commits: Vec<Oid>,
    draft_of: Option<Oid>,
}

/// Makes the commits of a plan.
struct Maker<'a> {
    store: &'a Store,
    plan: &'a Plan,
    committer: Identity,
}

impl Maker<'_> {
    /// Makes the commits of one minor; returns the branches that are to hold them.
    fn work(&self, minor: Minor, tip: &Tip, onto: Onto) -> Result<Vec<Wanted>, Failure> {
        let mut wanted = Vec::new();
        let mut made = Vec::new();
        for pick in self.plan.of_minor(minor).flat_map(|unit| &unit.commits) {
            let parent = made.last().copied().unwrap_or(tip.id);
            made.push(self.commit(pick, parent, &made)?);
        }
        if !made.is_empty() {
            let name = match onto {
                Onto::Branch => format!("picks/{minor}/{}", short(self.plan.inputs.source.id)),
                Onto::Direct => self.plan.inputs.policy.branch_of(minor),
            };
            wanted.push(Wanted { name: RefName::branch(&name)?, commits: made, draft_of: None });
        }
        if onto == Onto::Direct || !self.plan.leaves_drafts() {
            return Ok(wanted);
        }
        for unit in self.plan.of_minor(minor) {
            let Some(draft) = &unit.draft else { continue };
            let commit = self.commit(draft, tip.id, &[])?;
            let name = RefName::branch(&format!("picks/{minor}/{}-conflict", short(unit.commit)))?;
            wanted.push(Wanted { name, commits: vec![commit], draft_of: Some(unit.commit) });
        }
        Ok(wanted)
    }

    fn commit(&self, pick: &NewPick, parent: Oid, made: &[Oid]) -> Result<Oid, Error> {
        let repository = self.store.repository();
        let source = find(repository, pick.of)?;
        let mut message = pick.message.clone();
        for (at, number) in &pick.names {
            let (Some(id), Some(place)) = (made.get(*number), message.get_mut(*at..at + ID)) else {
                continue;
            };
            place.copy_from_slice(id.to_string().as_bytes());
        }
        self.store.commit(&NewCommit {
            tree: pick.tree,
            parents: &[parent],
            author: &author_of(&source),
            committer: &self.committer,
            encoding: encoding_of(&source).as_deref(),
            message: &message,
        })
    }
}

/// Brings one minor's branches to where they are to be, all of them or none.
fn carry_out(
    store: &Store,
    (minor, tip): (Minor, &Tip),
    work: Vec<Wanted>,
    order: Order<'_>,
) -> Result<Vec<Branch>, Error> {
    let mut branches = Vec::new();
    let (mut moves, mut pushes) = (Vec::new(), Vec::new());
    for Wanted { name, commits, draft_of } in work {
        let new = commits.last().copied().unwrap_or(tip.id);
        let (from, there) = match order.onto {
            Onto::Direct => ((tip.reference == name.as_str()).then_some(tip.id), None),
            Onto::Branch => (None, earlier(store, &name, (tip.id, &commits), (draft_of, order.push))?),
        };
        match &there {
            None => {
                let log = format!("pick: {} to {minor}", commits.len());
                moves.push(RefMove { name: name.clone(), from, to: new, log });
            }
            Some(Earlier { id, is_pushed: false }) => {
                pushes.push(PushedRef { name: name.clone(), expected: None, to: *id });
            }
            Some(Earlier { is_pushed: true, .. }) => {}
        }
        let (was_there, tip) = (there.is_some(), there.map_or(new, |earlier| earlier.id));
        branches.push(Branch { minor, name, tip, commits: commits.len(), draft_of, was_there });
    }
    refuse_stale(store.repository(), tip)?;
    if let Some(remote) = order.push.filter(|_| !pushes.is_empty()) {
        push(store.repository(), remote, &pushes)?;
    }
    match deliver_all(store, &moves, order.push)? {
        Moved::Done => Ok(branches),
        Moved::Lost { name, .. } => Err(Error::Refused {
            doing: format!("move `{name}`"),
            why: "it has moved since the plan was made; run this again".to_owned(),
        }),
    }
}

fn deliver_all(store: &Store, moves: &[RefMove], remote: Option<&str>) -> Result<Moved, Error> {
    match moves.is_empty() {
        true => Ok(Moved::Done),
        false => deliver(store, moves, remote),
    }
}

/// A branch that an earlier run made.
struct Earlier {
    id: Oid,
    /// The remote has it, or is not asked for.
    is_pushed: bool,
}

/// Finds the branch that an earlier run made for the same picks, here or on the remote: its commits hold the same trees, on
/// the same commit. A draft that is there is left to whoever works on it, whatever it holds.
///
/// # Errors
/// [`Error::Refused`] where a branch of that name holds something else: it is never overwritten.
fn earlier(
    store: &Store,
    name: &RefName,
    (tip, commits): (Oid, &[Oid]),
    (draft_of, remote): (Option<Oid>, Option<&str>),
) -> Result<Option<Earlier>, Error> {
    let repository = store.repository();
    let fetched = |remote| repository.refname_to_id(&format!("refs/remotes/{remote}/{name}")).ok();
    let (here, fetched) = (store.find(name)?, remote.and_then(fetched));
    let Some(id) = here.or(fetched) else { return Ok(None) };
    if draft_of.is_some() || trees(repository, id, tip, commits.len()) == Some(trees_of(repository, commits)?)
    {
        return Ok(Some(Earlier { id, is_pushed: remote.is_none() || fetched.is_some() }));
    }
    Err(Error::Refused {
        doing: format!("make `{name}`"),
        why: format!("it is there at {} and holds something else; delete it, or merge it first", short(id)),
    })
}

/// Returns the trees of the commits between `base` and `tip`, the oldest first, where there are that many.
fn trees(repository: &Repository, tip: Oid, base: Oid, count: usize) -> Option<Vec<Oid>> {
    let (mut trees, mut next) = (Vec::new(), tip);
    while next != base {
        let commit = repository.find_commit(next).ok()?;
        trees.push(commit.tree_id());
        next = commit.parent_id(0).ok()?;
        if trees.len() > count {
            return None;
        }
    }
    trees.reverse();
    Some(trees)
}

fn trees_of(repository: &Repository, commits: &[Oid]) -> Result<Vec<Oid>, Error> {
    let tree = |id: &Oid| repository.find_commit(*id).map(|commit| commit.tree_id());
    let trees: Result<_, git2::Error> = commits.iter().map(tree).collect();
    trees.map_err(|source| Error::Git { doing: "read what was made".to_owned(), source })
}

/// Refuses a minor whose branch is not where the plan saw it.
fn refuse_stale(repository: &Repository, tip: &Tip) -> Result<(), Error> {
    if repository.refname_to_id(&tip.reference).ok() == Some(tip.id) {
        return Ok(());
    }
    Err(Error::Refused {
        doing: format!("pick to `{}`", tip.reference),
        why: format!("it is no longer at {}, where the plan saw it; run this again", short(tip.id)),
    })
}

/// Returns the minors of a plan's targets by what their refs are called.
pub(in crate::branch) fn tips(targets: &BTreeMap<Minor, Tip>) -> BTreeMap<String, (String, Oid)> {
    targets.iter().map(|(minor, tip)| (minor.to_string(), (tip.reference.clone(), tip.id))).collect()
}

#[cfg(test)]
mod tests;

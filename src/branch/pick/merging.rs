//! One unit onto one tree: the merge, what is generated, what the result says about the minor.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::compat;
use super::target::Target;
use crate::branch::history::{Unit, find};
use crate::branch::merge::{self, Conflict, ConflictKind, Labels, MergeOptions, Picked};
use crate::branch::regenerate::{Commands, Generation, Regenerated, regenerate, rules_of};
use crate::error::Error;
use crate::spec::pick_policy::Directories;

/// What a unit leads to.
#[derive(Clone, Debug)]
pub(super) enum Merged {
    /// A tree.
    Clean {
        tree: Oid,
        /// Generated paths that differ from the branch's.
        regenerated: Vec<String>,
    },
    /// The tree that was there before.
    Nothing,
    /// It would not run on the minor.
    Incompatible(String),
    /// What says whether it runs cannot be read.
    Unreadable(String),
    /// A human must merge it.
    Conflict(Conflicted),
}

/// What a human must merge.
#[derive(Clone, Debug)]
pub(super) struct Conflicted {
    pub conflicts: Vec<Conflict>,
    /// The tree with markers.
    pub marked: Oid,
    /// Why, where the conflicts do not say it.
    pub reason: String,
}

/// A tree, the unit that is brought onto it, and the paths that are left out.
type Question = (Oid, Oid, Vec<String>);

/// Merges for one minor branch, each once.
pub(super) struct Merging<'a> {
    target: &'a Target<'a>,
    known: RefCell<BTreeMap<Question, Picked>>,
}

impl<'a> Merging<'a> {
    pub fn new(target: &'a Target<'a>) -> Self {
        Self { target, known: RefCell::default() }
    }

    /// Brings a unit onto a tree without the paths in `left_out`.
    ///
    /// # Errors
    /// [`Error::Git`] where objects are missing.
    pub fn merge(&self, unit: &Unit, onto: Oid, left_out: &[String]) -> Result<Merged, Error> {
        let policy = &self.target.inputs.policy;
        let paths: Vec<String> = unit
            .paths
            .iter()
            .filter(|path| !policy.is_trunk_only(path) && !left_out.contains(path))
            .cloned()
            .collect();
        let unmerged = BTreeSet::new();
        match self.pick(unit, onto, left_out)? {
            Picked::Clean { tree } if tree == onto => Ok(Merged::Nothing),
            Picked::Clean { tree } => match self.ask(&paths, tree, &unmerged)? {
                compat::Verdict::Runs => self.generated(tree, onto),
                compat::Verdict::DoesNot(why) => Ok(Merged::Incompatible(why)),
                compat::Verdict::Unreadable(why) => Ok(Merged::Unreadable(why)),
            },
            Picked::Conflict { conflicts, marked } => {
                let unmerged = conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
                match self.ask(&paths, marked, &unmerged)? {
                    compat::Verdict::DoesNot(why) => Ok(Merged::Incompatible(why)),
                    compat::Verdict::Runs | compat::Verdict::Unreadable(_) => {
                        Ok(Merged::Conflict(Conflicted { conflicts, marked, reason: String::new() }))
                    }
                }
            }
        }
    }

    /// Returns the tree with markers that a draft on the tip of the branch has.
    ///
    /// # Errors
    /// [`Error::Git`] where objects are missing.
    pub fn draft(&self, unit: &Unit, left_out: &[String], marked: Oid) -> Result<Oid, Error> {
        let tip = self.target.repository.find_commit(self.target.tip);
        let tip =
            tip.map_err(|source| Error::Git { doing: "read the tip of a branch".to_owned(), source })?;
        match self.pick(unit, tip.tree_id(), left_out)? {
            Picked::Conflict { marked, .. } => Ok(marked),
            // The conflict is with another pick of the plan, which the draft must have to show it.
            Picked::Clean { .. } => Ok(marked),
        }
    }

    fn pick(&self, unit: &Unit, onto: Oid, left_out: &[String]) -> Result<Picked, Error> {
        let key = (onto, unit.id, left_out.to_vec());
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let policy = &self.target.inputs.policy;
        let repository = self.target.repository;
        let kept = |path: &str| {
            policy.is_trunk_only(path)
                || policy.is_generated(path)
                || left_out.iter().any(|left_out| left_out == path)
        };
        let commit = find(repository, unit.id)?;
        let directories = match policy.merge.renames.directories {
            Directories::Ask => merge::Directories::Ask,
            Directories::Follow => merge::Directories::Follow,
            Directories::Ignore => merge::Directories::Ignore,
        };
        let options = MergeOptions { kept: &kept, directories, labels: Labels::of_pick(&commit) };
        let picked = merge::pick(repository, unit.change, onto, &options)?;
        self.known.borrow_mut().insert(key, picked.clone());
        Ok(picked)
    }

    fn ask(&self, paths: &[String], tree: Oid, unmerged: &BTreeSet<&str>) -> Result<compat::Verdict, Error> {
        let rules = &self.target.inputs.policy.compat;
        compat::ask(self.target.repository, rules, paths, (tree, self.target.minor), unmerged)
    }

    /// Makes generated paths anew. The policy is trunk's, and so is the tree as far as it is not the branch's: programs
    /// may be run.
    fn generated(&self, tree: Oid, onto: Oid) -> Result<Merged, Error> {
        let policy = &self.target.inputs.policy;
        if policy.regenerate.is_empty() {
            return Ok(Merged::Clean { tree, regenerated: Vec::new() });
        }
        let rules = &rules_of(policy);
        let generation = Generation { rules, minor: self.target.minor, commands: Commands::Run };
        Ok(match regenerate(self.target.repository, tree, onto, &generation)? {
            Regenerated::Tree { tree, paths } => Merged::Clean { tree, regenerated: paths },
            Regenerated::Failed { path, reason } => {
                let conflict =
                    Conflict { path, kind: ConflictKind::Regenerate, suggest: None, lines: Vec::new() };
                Merged::Conflict(Conflicted { conflicts: vec![conflict], marked: tree, reason })
            }
            // Which it does not, since they may be run.
            Regenerated::Refused { paths } => {
                let reason = format!("programs make {}", paths.join(", "));
                Merged::Conflict(Conflicted { conflicts: Vec::new(), marked: tree, reason })
            }
        })
    }
}

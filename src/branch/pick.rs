//! Picks: which commits of trunk are brought to which minor branches, and what they become there.
//!
//! A plan is computed from a policy, objects and refs alone: equal inputs give equal plans, and nothing is written. The
//! trees that picks lead to are made in the store's memory, where carrying the plan out finds them.

mod block;
mod choice;
mod compat;
mod conflicted;
mod dependency;
mod equivalence;
mod expanded;
mod facts;
mod inputs;
mod json;
mod merging;
mod releases;
mod run;
mod standing;
mod status;
mod target;
mod verdict;

use std::collections::BTreeMap;

use git2::Oid;

pub(in crate::branch) use facts::Wish;
pub use inputs::{FoundPolicy, Inputs, PolicyFile, Request, Tip, find_policy, source_tip};
pub use releases::Releases;
pub use status::Status;

/// The id of a unit.
pub type UnitId = Oid;

use crate::branch::merge::Conflict;
use crate::branch::store::Store;
use crate::error::Failure;
use crate::location::Sources;
use crate::spec::pick_policy::OnConflict;
use crate::spec::version::Minor;

/// What becomes of every unit on every minor branch.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What it was computed from.
    pub inputs: Inputs,
    /// One entry for each minor and unit: minors as in the inputs' targets, units in the order of the chain.
    pub units: Vec<PlannedUnit>,
}

/// What becomes of a unit on a minor branch.
#[derive(Clone, Debug)]
pub struct PlannedUnit {
    /// The unit.
    pub commit: Oid,
    /// The first line of its message.
    pub subject: String,
    /// The minor.
    pub minor: Minor,
    /// What becomes of it.
    pub status: Status,
    /// What selected it, or did not: the id of a rule, `trailer`, `revert` or `dependency`.
    pub rule: Option<String>,
    /// Why, for people; empty where the status says it. What is wrong with the unit begins with an id and a colon.
    pub reason: String,
    /// What is wrong with the unit itself: the id that `reason` begins with.
    pub error: Option<&'static str>,
    /// The units that it needs there.
    pub requires: Vec<Oid>,
    /// What a human must decide.
    pub conflicts: Vec<Conflict>,
    /// The commits of a merge that are picked one by one.
    pub parts: Vec<Oid>,
    /// The commits to be made, in order; none without an action.
    pub commits: Vec<NewPick>,
    /// The commit of a draft branch, where a conflict leaves one.
    pub draft: Option<NewPick>,
    /// The commit by which the branch has the unit.
    pub place: Option<Oid>,
}

/// A commit to be made on a minor branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPick {
    /// The commit that author, date and encoding are taken from.
    pub of: Oid,
    /// Its tree, in the store's memory.
    pub tree: Oid,
    /// Its message, complete but for `names`.
    pub message: Vec<u8>,
    /// Places in the message where forty digits name a commit that is to be made itself: the offset, and which of the
    /// minor's commits it is, counted over the whole plan.
    pub names: Vec<(usize, usize)>,
}

/// Computes the plan.
///
/// # Errors
/// Reports what is wrong with the policy, that there is nothing to pick to, and revisions that are no units; says where
/// a shallow clone or a missing object keeps it from being known.
pub fn plan(store: &Store, request: &Request<'_>, sources: &mut Sources) -> Result<Plan, Failure> {
    let inputs = Inputs::find(store.repository(), request, sources)?;
    plan_for(store, inputs)
}

/// Computes the plan for inputs that are known.
///
/// # Errors
/// Says where a shallow clone or a missing object keeps it from being known.
pub fn plan_for(store: &Store, inputs: Inputs) -> Result<Plan, Failure> {
    let survey = target::Survey::of(store.repository(), &inputs)?;
    let mut units = Vec::new();
    for minor in inputs.targets.keys() {
        units.extend(run::plan_minor(store.repository(), &survey, &inputs, *minor)?);
    }
    Ok(Plan { inputs, units })
}

impl Plan {
    /// Returns whether a human must decide something.
    pub fn is_undecided(&self) -> bool {
        self.units.iter().any(PlannedUnit::is_undecided)
    }

    /// Returns what is planned for a minor, in the order of the chain.
    pub fn of_minor(&self, minor: Minor) -> impl Iterator<Item = &PlannedUnit> {
        self.units.iter().filter(move |unit| unit.minor == minor)
    }

    /// Returns how many entries have each status.
    pub fn counts(&self) -> BTreeMap<Status, usize> {
        let mut counts = BTreeMap::new();
        for unit in &self.units {
            *counts.entry(unit.status).or_insert(0) += 1;
        }
        counts
    }

    /// Returns whether conflicts leave draft branches.
    pub fn leaves_drafts(&self) -> bool {
        self.inputs.policy.on_conflict.default == OnConflict::Draft
    }
}

impl PlannedUnit {
    /// Returns whether a human must decide about it.
    pub fn is_undecided(&self) -> bool {
        self.error.is_some() || matches!(self.status, Status::Conflict | Status::Blocked)
    }
}

//! One minor branch, unit by unit: each is merged onto what those before it led to.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};

use super::block::{Block, Place, message};
use super::choice::Selector;
use super::dependency::Wanted;
use super::facts::Flavour;
use super::inputs::Inputs;
use super::merging::{Merged, Merging};
use super::standing::Presence;
use super::status::Status;
use super::target::{Survey, Target};
use super::verdict::{Settled, Verdict, verdicts};
use super::{NewPick, PlannedUnit};
use crate::branch::history::{Unit, short};
use crate::error::Error;
use crate::spec::pick_policy::{MergeCommits, Mixed};
use crate::spec::version::Minor;

/// Plans one minor.
pub(super) fn plan_minor(
    repository: &Repository,
    survey: &Survey,
    inputs: &Inputs,
    minor: Minor,
) -> Result<Vec<PlannedUnit>, Error> {
    let target = Target::of(repository, survey, inputs, minor)?;
    let verdicts = verdicts(&target);
    let merging = Merging::new(&target);
    let mut wanted = Wanted::default();
    // Each turn settles for one more unit what it takes along, so there are at most twice as many as units.
    loop {
        let mut run = Run::new(&target, &verdicts, &merging, &wanted)?;
        match run.all()? {
            Some(needs) => wanted.take(needs),
            None => return Ok(run.planned),
        }
    }
}

/// What units need that is not there: the unit, and what it needs.
pub(super) struct Needs {
    pub unit: usize,
    pub needs: Vec<usize>,
}

pub(super) struct Run<'a> {
    pub target: &'a Target<'a>,
    pub verdicts: &'a [Verdict],
    pub merging: &'a Merging<'a>,
    pub wanted: &'a Wanted,
    /// What the branch's tree has become.
    tree: Oid,
    /// Units whose commits are made, and the number of the last.
    made: BTreeMap<Oid, usize>,
    /// Commits of trunk that the plan takes back on the branch.
    taken_back: BTreeSet<Oid>,
    /// How many commits are made.
    count: usize,
    /// Paths in conflict, and the unit that reported each.
    pub in_conflict: BTreeMap<String, usize>,
    /// The unit whose conflict stops all later ones.
    pub stopped_by: Option<usize>,
    /// What became of the units so far.
    pub statuses: BTreeMap<usize, Status>,
    pub planned: Vec<PlannedUnit>,
}

/// What came of a unit.
pub(super) enum Outcome {
    Planned(Box<PlannedUnit>),
    /// It needs others that can be taken along.
    Needs(Needs),
}

impl From<PlannedUnit> for Outcome {
    fn from(planned: PlannedUnit) -> Self {
        Self::Planned(Box::new(planned))
    }
}

impl<'a> Run<'a> {
    fn new(
        target: &'a Target<'a>,
        verdicts: &'a [Verdict],
        merging: &'a Merging<'a>,
        wanted: &'a Wanted,
    ) -> Result<Self, Error> {
        let tip = target.repository.find_commit(target.tip);
        let tip =
            tip.map_err(|source| Error::Git { doing: "read the tip of a branch".to_owned(), source })?;
        Ok(Self {
            target,
            verdicts,
            merging,
            wanted,
            tree: tip.tree_id(),
            made: BTreeMap::new(),
            taken_back: BTreeSet::new(),
            count: 0,
            in_conflict: BTreeMap::new(),
            stopped_by: None,
            statuses: BTreeMap::new(),
            planned: Vec::new(),
        })
    }

    /// Plans every unit; returns what one needs where the plan must begin again with it.
    fn all(&mut self) -> Result<Option<Needs>, Error> {
        for (index, verdict) in self.verdicts.iter().enumerate() {
            if !self.is_listed(index) {
                continue;
            }
            let outcome = match (verdict, self.wanted.is_taken(index)) {
                (_, true) => self.candidate(index, Selector::Dependency)?,
                (Verdict::Candidate(by), false) => self.candidate(index, *by)?,
                (Verdict::Settled(settled), false) => self.settled(index, settled).into(),
            };
            match outcome {
                Outcome::Needs(needs) => return Ok(Some(needs)),
                Outcome::Planned(planned) => {
                    let has_helped = planned.status.is_action() || planned.status.is_there();
                    if let Some(unit) = self.wanted.needed_by(index).filter(|_| !has_helped) {
                        return Ok(Some(Needs { unit, needs: Vec::new() }));
                    }
                    self.statuses.insert(index, planned.status);
                    self.planned.push(*planned);
                }
            }
        }
        Ok(None)
    }

    /// Returns whether a unit is planned: it was asked for, or is taken along.
    pub fn is_listed(&self, index: usize) -> bool {
        let id = self.target.survey.units[index].id;
        let is_asked_for = self.target.inputs.only.as_ref().is_none_or(|only| only.contains(&id));
        is_asked_for || self.wanted.is_taken(index)
    }

    pub fn unit(&self, index: usize) -> &'a Unit {
        &self.target.survey.units[index]
    }

    /// Returns what the branch's tree has become.
    pub fn tree(&self) -> Oid {
        self.tree
    }

    /// Makes an entry of a plan.
    pub fn entry(&self, index: usize, status: Status, by: Option<Selector>) -> PlannedUnit {
        let unit = self.unit(index);
        PlannedUnit {
            commit: unit.id,
            subject: unit.subject.clone(),
            minor: self.target.minor,
            status,
            rule: by.map(|by| self.word(by)),
            reason: String::new(),
            error: None,
            requires: Vec::new(),
            conflicts: Vec::new(),
            parts: Vec::new(),
            commits: Vec::new(),
            draft: None,
            place: None,
        }
    }

    fn word(&self, by: Selector) -> String {
        match by {
            Selector::Rule(at) => self.target.inputs.policy.select[at].id.clone(),
            Selector::Trailer => "trailer".to_owned(),
            Selector::Revert => "revert".to_owned(),
            Selector::Dependency => "dependency".to_owned(),
        }
    }

    fn settled(&self, index: usize, settled: &Settled) -> PlannedUnit {
        let entry = self.entry(index, settled.status, settled.by);
        PlannedUnit { reason: settled.reason.clone(), error: settled.error, place: settled.place, ..entry }
    }

    pub fn blocked(&self, index: usize, by: Selector, reason: String) -> PlannedUnit {
        PlannedUnit { reason, ..self.entry(index, Status::Blocked, Some(by)) }
    }

    pub fn wrong(&self, index: usize, by: Selector, id: &'static str, why: &str) -> Outcome {
        PlannedUnit { error: Some(id), ..self.blocked(index, by, format!("{id}: {why}")) }.into()
    }

    /// Decides about a unit that is selected and absent.
    fn candidate(&mut self, index: usize, by: Selector) -> Result<Outcome, Error> {
        if let Some(stopper) = self.stopped_by {
            let reason =
                format!("{} is in conflict, and the policy stops there", short(self.unit(stopper).id));
            return Ok(self.blocked(index, by, reason).into());
        }
        let left_out = match self.left_out(index, by) {
            Ok(left_out) => left_out,
            Err(why) => return Ok(self.wrong(index, by, "mixed", &why)),
        };
        if let Some(outcome) = self.explicit_needs(index, by)? {
            return Ok(outcome);
        }
        if let Some((path, first)) = self.first_in_conflict(index) {
            let first = self.unit(first).id;
            let reason = format!("{} is in conflict in `{path}`, which this changes, too", short(first));
            let blocked = self.blocked(index, by, reason);
            return Ok(PlannedUnit { requires: vec![first], ..blocked }.into());
        }
        let is_merge = self.unit(index).parents.len() > 1;
        match self.target.inputs.policy.merge.merge_commits {
            MergeCommits::Reject if is_merge => {
                Ok(self.wrong(index, by, "merge-commit", "the policy takes no merge commits"))
            }
            MergeCommits::Expand if is_merge => self.expanded(index, by, &left_out),
            MergeCommits::Squash | MergeCommits::Expand | MergeCommits::Reject => {
                self.merged(index, by, &left_out)
            }
        }
    }

    /// Returns the paths of a unit that its rule, or the pick that it takes back, leaves out.
    fn left_out(&self, index: usize, by: Selector) -> Result<Vec<String>, String> {
        let facts = &self.target.survey.facts[index];
        let at = match by {
            Selector::Rule(at) => at,
            Selector::Revert => {
                let reverts = self.unit(index).reverts.iter();
                let known = reverts.filter_map(|line| match self.place(line.id) {
                    Some(Place::Known(id)) => Some(self.target.left_out_by(id)),
                    _ => None,
                });
                return Ok(known.flatten().cloned().collect());
            }
            Selector::Trailer | Selector::Dependency => return Ok(Vec::new()),
        };
        let rule = &self.target.inputs.policy.select[at];
        let is_beyond = |path: &&String| !rule.when.paths.any.iter().any(|glob| glob.matches(path));
        let beyond: Vec<String> = match rule.when.paths.any.is_empty() {
            true => Vec::new(),
            false => facts.written.iter().filter(is_beyond).cloned().collect(),
        };
        match (beyond.first(), rule.mixed) {
            (None, _) | (_, Mixed::Whole) => Ok(Vec::new()),
            (Some(_), Mixed::Filter) => Ok(beyond),
            (Some(path), Mixed::Error) => {
                Err(format!("it changes `{path}`, too, which rule `{}` does not select", rule.id))
            }
        }
    }

    fn first_in_conflict(&self, index: usize) -> Option<(&'a str, usize)> {
        let mut paths = self.unit(index).paths.iter();
        paths.find_map(|path| self.in_conflict.get(path).map(|first| (path.as_str(), *first)))
    }

    /// Returns where the branch has a commit of trunk, as things stand in the plan.
    pub fn place(&self, id: Oid) -> Option<Place> {
        if let Some(number) = self.made.get(&id).filter(|_| !self.taken_back.contains(&id)) {
            return Some(Place::New(*number));
        }
        match self.target.counterpart(id) {
            Presence::There(at) if !self.taken_back.contains(&id) => Some(Place::Known(at)),
            _ => None,
        }
    }

    fn merged(&mut self, index: usize, by: Selector, left_out: &[String]) -> Result<Outcome, Error> {
        let unit = self.unit(index);
        let before = self.tree;
        match self.merging.merge(unit, before, left_out)? {
            Merged::Clean { tree, regenerated } => {
                let block = self.block(index, by, vec![unit.id], left_out, regenerated);
                let commit = self.commit(unit, tree, &block);
                Ok(self.acted(index, by, vec![commit]).into())
            }
            other => self.not_clean(index, by, left_out, other),
        }
    }

    /// Plans an entry for what a merge led to that is no tree.
    pub fn not_clean(
        &mut self,
        index: usize,
        by: Selector,
        left_out: &[String],
        merged: Merged,
    ) -> Result<Outcome, Error> {
        let told = |status, reason| PlannedUnit { reason, ..self.entry(index, status, Some(by)) };
        Ok(match merged {
            Merged::Clean { .. } | Merged::Nothing => told(Status::Empty, String::new()).into(),
            Merged::Incompatible(why) => told(Status::Incompatible, why).into(),
            Merged::Unreadable(why) => self.wrong(index, by, "compat-unreadable", &why),
            Merged::Conflict(conflicted) => return self.conflict(index, by, left_out, conflicted),
        })
    }

    /// Makes the entry of a unit whose commits are made.
    pub fn acted(&mut self, index: usize, by: Selector, commits: Vec<NewPick>) -> PlannedUnit {
        let unit = self.unit(index);
        let is_of_something = unit.reverts.iter().any(|line| self.place(line.id).is_some());
        let status = match self.target.survey.facts[index].flavour {
            Flavour::Revert if is_of_something => Status::Revert,
            Flavour::Reapply if is_of_something => Status::Reapply,
            Flavour::Plain | Flavour::Revert | Flavour::Reapply => Status::Pick,
        };
        for line in &unit.reverts {
            self.taken_back.insert(line.id);
            // What takes back a revert brings back what that took back.
            if let Some(at) = self.target.survey.index.get(&line.id) {
                self.unit(*at).reverts.iter().for_each(|older| _ = self.taken_back.remove(&older.id));
            }
        }
        self.taken_back.remove(&unit.id);
        self.count += commits.len();
        self.made.insert(unit.id, self.count - 1);
        let requires = self.wanted.taken_for(index).map(|needed| self.unit(needed).id).collect();
        PlannedUnit { commits, requires, ..self.entry(index, status, Some(by)) }
    }

    pub fn block(
        &self,
        index: usize,
        by: Selector,
        picked_from: Vec<Oid>,
        left_out: &[String],
        regenerated: Vec<String>,
    ) -> Block {
        let trunk_only = self.target.survey.facts[index].trunk_only.iter();
        let mut left_out: Vec<String> = trunk_only.chain(left_out).cloned().collect();
        left_out.sort();
        let needed_by = self.wanted.needed_by(index).map(|unit| self.unit(unit).id);
        Block { picked_from, rule: self.word(by), regenerated, left_out, needed_by, conflicts: Vec::new() }
    }

    /// Makes a commit of the plan, which the next one stands on.
    pub fn commit(&mut self, unit: &Unit, tree: Oid, block: &Block) -> NewPick {
        self.tree = tree;
        self.new_pick(unit, tree, block)
    }

    pub fn new_pick(&self, unit: &Unit, tree: Oid, block: &Block) -> NewPick {
        let places = unit.reverts.iter().filter_map(|line| Some((line.id, self.place(line.id)?)));
        let (message, names) = message(unit, block, &places.collect());
        NewPick { of: unit.id, tree, message, names }
    }
}

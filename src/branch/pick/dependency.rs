//! What a unit needs on a minor branch: what it says itself, and who owns the lines that it conflicts in.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::PlannedUnit;
use super::choice::{Life, Selector, life};
use super::run::{Needs, Outcome, Run};
use super::standing::Presence;
use super::status::Status;
use super::verdict::Verdict;
use crate::branch::history::short;
use crate::branch::merge::{Conflict, line_owners};
use crate::error::Error;
use crate::spec::pick_policy::DependencyMode;

/// What is taken along though nothing selects it.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Units that are taken along, and the unit that needs each.
    taken: BTreeMap<usize, usize>,
    /// Units for which nothing is taken along: it did not help.
    given_up: BTreeSet<usize>,
}

impl Wanted {
    /// Takes along what a unit needs; where that has been tried, gives up and lets go what was taken along for it.
    pub fn take(&mut self, needs: Needs) {
        if needs.needs.is_empty() {
            self.given_up.insert(needs.unit);
            let mut dropped = BTreeSet::from([needs.unit]);
            // What was taken along for what is let go is let go, too.
            while let Some(next) =
                self.taken.iter().find(|(_, by)| dropped.contains(by)).map(|(taken, _)| *taken)
            {
                self.taken.remove(&next);
                dropped.insert(next);
            }
            return;
        }
        for needed in needs.needs {
            self.taken.entry(needed).or_insert(needs.unit);
        }
    }

    /// Returns whether a unit is taken along.
    pub fn is_taken(&self, index: usize) -> bool {
        self.taken.contains_key(&index)
    }

    /// Returns the unit that a unit is taken along for.
    pub fn needed_by(&self, index: usize) -> Option<usize> {
        self.taken.get(&index).copied()
    }

    /// Returns what is taken along for a unit.
    pub fn taken_for(&self, index: usize) -> impl Iterator<Item = usize> {
        self.taken.iter().filter(move |(_, by)| **by == index).map(|(taken, _)| *taken)
    }

    fn has_taken_for(&self, index: usize) -> bool {
        self.taken_for(index).next().is_some()
    }
}

impl Run<'_> {
    /// Decides about a unit whose `Pick-Requires` are not all there; `None` where they are.
    pub(super) fn explicit_needs(&self, index: usize, by: Selector) -> Result<Option<Outcome>, Error> {
        let mut missing = Vec::new();
        for written in &self.target.survey.facts[index].wishes.requires {
            match self.named(written) {
                Some(id) if self.has(id) => {}
                Some(id) => missing.push(id),
                None => {
                    let reason = format!("it requires `{written}`, which is no commit here");
                    return Ok(Some(self.blocked(index, by, reason).into()));
                }
            }
        }
        let units: Vec<usize> =
            missing.iter().filter_map(|id| self.target.survey.index.get(id).copied()).collect();
        let Some(first) = missing.first() else { return Ok(None) };
        if let Some(needs) = self.taking(index, &units).filter(|_| units.len() == missing.len()) {
            return Ok(Some(needs));
        }
        if self.wanted.has_taken_for(index) && !self.wanted.given_up.contains(&index) {
            return Ok(Some(Outcome::Needs(Needs { unit: index, needs: Vec::new() })));
        }
        let why = self.target.survey.index.get(first).map(|at| self.why_not(*at)).unwrap_or_default();
        let reason = format!("it requires {}, which is not there{why}", short(*first));
        let blocked = self.blocked(index, by, reason);
        Ok(Some(PlannedUnit { requires: missing, ..blocked }.into()))
    }

    /// Decides about a unit in conflict by who owns the lines in question: an entry, still without its conflicts, or
    /// what to take along.
    pub(super) fn suggested(
        &self,
        index: usize,
        by: Selector,
        conflicts: &[Conflict],
    ) -> Result<Outcome, Error> {
        let units = &self.target.survey.units;
        let absent: Vec<Oid> =
            units[..index].iter().map(|unit| unit.id).filter(|id| !self.has(*id)).collect();
        let owners = match units[index].parents.first() {
            Some(parent) => line_owners(self.target.repository, conflicts, *parent, &absent)?,
            None => Vec::new(),
        };
        let owners: Vec<usize> =
            owners.iter().filter_map(|id| self.target.survey.index.get(id).copied()).collect();
        if self.wanted.has_taken_for(index) && !self.wanted.given_up.contains(&index) {
            // What was taken along has not helped, unless yet another is missing.
            return Ok(Outcome::Needs(Needs {
                unit: index,
                needs: if self.can_all(&owners) { owners } else { Vec::new() },
            }));
        }
        if let Some(needs) = self.taking(index, &owners) {
            return Ok(needs);
        }
        let requires = owners.iter().map(|at| units[*at].id).collect();
        let closed = owners.iter().find(|at| !self.could_be_picked(**at));
        let entry = match (closed, owners.first()) {
            (Some(at), _) => {
                let reason = format!("it needs {}{}", short(units[*at].id), self.why_not(*at));
                self.blocked(index, by, reason)
            }
            (None, Some(at)) => {
                let reason = format!(
                    "it changes what {} added, which is not there{}",
                    short(units[*at].id),
                    self.why_not(*at)
                );
                PlannedUnit { reason, ..self.entry(index, Status::Conflict, Some(by)) }
            }
            (None, None) => self.entry(index, Status::Conflict, Some(by)),
        };
        Ok(PlannedUnit { requires, ..entry }.into())
    }

    /// Returns what to take along for a unit where the policy takes things along and all of it can be.
    fn taking(&self, index: usize, needs: &[usize]) -> Option<Outcome> {
        let is_auto = self.target.inputs.policy.dependencies.mode == DependencyMode::Auto;
        let is_tried = self.wanted.given_up.contains(&index);
        (is_auto && !is_tried && self.can_all(needs))
            .then(|| Outcome::Needs(Needs { unit: index, needs: needs.to_vec() }))
    }

    fn can_all(&self, needs: &[usize]) -> bool {
        !needs.is_empty() && needs.iter().all(|at| !self.wanted.is_taken(*at) && self.could_be_picked(*at))
    }

    /// Returns whether a unit that is absent could still be picked: nothing selects it, or it was not asked for.
    fn could_be_picked(&self, index: usize) -> bool {
        match &self.verdicts[index] {
            Verdict::Candidate(_) => !self.is_listed(index),
            Verdict::Settled(settled) => {
                settled.status == Status::NotSelected
                    && life(self.target, &self.target.survey.facts[index]) == Life::Open
                    && self.statuses.get(&index).is_none_or(|status| *status == Status::NotSelected)
            }
        }
    }

    /// Says why a unit is not there, as the end of a sentence.
    fn why_not(&self, index: usize) -> String {
        let status = match (&self.verdicts[index], self.statuses.get(&index)) {
            (_, Some(status)) => *status,
            (Verdict::Settled(settled), None) => settled.status,
            (Verdict::Candidate(_), None) => return String::new(),
        };
        let reason = match &self.verdicts[index] {
            Verdict::Settled(settled) if !settled.reason.is_empty() => format!(": {}", settled.reason),
            _ => String::new(),
        };
        format!(" ({}{reason})", status.word())
    }

    /// Returns the commit that a full id or the beginning of one names.
    fn named(&self, written: &str) -> Option<Oid> {
        let is_id = written.len() >= 7 && written.bytes().all(|byte| byte.is_ascii_hexdigit());
        let written = written.to_ascii_lowercase();
        let units = || self.target.survey.units.iter().map(|unit| unit.id);
        let unit = units().find(|id| is_id && id.to_string().starts_with(&written));
        let other = || {
            let object = self.target.repository.revparse_single(&written).ok().filter(|_| is_id)?;
            object.peel_to_commit().ok().map(|commit| commit.id())
        };
        unit.or_else(other)
    }

    /// Returns whether the branch has what a commit of trunk does, as things stand in the plan.
    fn has(&self, id: Oid) -> bool {
        if self.place(id).is_some() {
            return true;
        }
        let Some(index) = self.target.survey.index.get(&id) else { return false };
        let is_there = |status: &Status| matches!(status, Status::Empty | Status::OnlyGenerated);
        matches!(self.target.by_hand(*index), Presence::There(_))
            || self.statuses.get(index).is_some_and(is_there)
    }
}

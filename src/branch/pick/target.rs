//! Trunk and the minor branches as they are, read once for all that is decided.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};

use super::equivalence::{Filter, equivalents};
use super::facts::{Facts, by_id};
use super::inputs::{Inputs, no_unit};
use super::standing::{Presence, Standing};
use crate::branch::history::{TargetCommit, Unit, ahead, is_within, target_commits, units};
use crate::diagnostic::Report;
use crate::error::{Error, Failure};
use crate::spec::version::Minor;

/// Trunk's units, and what every minor branch has beside them.
pub(super) struct Survey {
    /// The units, in the order of the chain.
    pub units: Vec<Unit>,
    /// What is known of each.
    pub facts: Vec<Facts>,
    /// Their places by id.
    pub index: BTreeMap<Oid, usize>,
    /// For each minor, the commits of trunk that its branch has not.
    ahead: BTreeMap<Minor, BTreeSet<Oid>>,
    /// For each minor, the commits that its branch alone has.
    own: BTreeMap<Minor, Vec<TargetCommit>>,
}

/// One minor branch, and what it has of trunk.
pub(super) struct Target<'a> {
    pub repository: &'a Repository,
    pub survey: &'a Survey,
    pub inputs: &'a Inputs,
    pub minor: Minor,
    pub tip: Oid,
    ahead: &'a BTreeSet<Oid>,
    own: &'a [TargetCommit],
    standing: Standing,
    /// Units that a commit made by hand stands for: the place of that commit.
    equivalents: BTreeMap<usize, usize>,
}

impl Survey {
    /// Reads trunk since the oldest point where a minor branch left it, and the branches since then.
    ///
    /// # Errors
    /// Reports units that are asked for and are none; says where a shallow clone hides what is needed.
    pub fn of(repository: &Repository, inputs: &Inputs) -> Result<Self, Failure> {
        let trunk = inputs.source.id;
        let (mut ahead_of, mut own) = (BTreeMap::new(), BTreeMap::new());
        for (minor, tip) in &inputs.targets {
            ahead_of.insert(*minor, ahead(repository, trunk, tip.id)?);
            own.insert(*minor, target_commits(repository, tip.id, trunk)?);
        }
        let is_listed = |id: Oid| ahead_of.values().any(|ahead| ahead.contains(&id));
        let units = units(repository, trunk, is_listed)?;
        let facts = units.iter().map(|unit| Facts::of(repository, unit, &inputs.policy)).collect();
        let index = by_id(&units);
        let survey = Self { units, facts, index, ahead: ahead_of, own };
        survey.check_only(repository, inputs)?;
        Ok(survey)
    }

    fn check_only(&self, repository: &Repository, inputs: &Inputs) -> Result<(), Failure> {
        let mut report = Report::default();
        for id in inputs.only.iter().flatten().filter(|id| !self.index.contains_key(id)) {
            // What every branch has is a unit all the same, but one that nothing is said about.
            let mut next =
                self.units.first().map_or(Some(inputs.source.id), |first| first.parents.first().copied());
            while let Some(older) = next.filter(|older| older != id) {
                next = repository.find_commit(older).ok().and_then(|commit| commit.parent_ids().next());
            }
            if next.is_none() && repository.is_shallow() {
                let why = "this shallow clone does not reach it; fetch the rest with `git fetch --unshallow`";
                let doing = format!("find {id} on trunk");
                return Err(Error::Refused { doing, why: why.to_owned() }.into());
            }
            if next.is_none() {
                report.push(no_unit(&id.to_string(), &inputs.source));
            }
        }
        Ok(report.or(())?)
    }
}

impl<'a> Target<'a> {
    /// Looks at one minor branch.
    ///
    /// # Errors
    /// [`Error::Git`] where objects are missing.
    pub fn of(
        repository: &'a Repository,
        survey: &'a Survey,
        inputs: &'a Inputs,
        minor: Minor,
    ) -> Result<Self, Error> {
        let own = survey.own.get(&minor).map(Vec::as_slice).unwrap_or_default();
        let (ahead, tip) = (&survey.ahead[&minor], inputs.targets[&minor].id);
        let standing = Standing::of(own, |id| survey.index.contains_key(&id));
        let mut target = Self {
            repository,
            survey,
            inputs,
            minor,
            tip,
            ahead,
            own,
            standing,
            equivalents: BTreeMap::new(),
        };
        let absent = |index: &usize| {
            let id = survey.units[*index].id;
            !target.is_in_base(id) && target.standing.picked(id) == Presence::Absent
        };
        let absent: Vec<usize> = (0..survey.units.len()).filter(absent).collect();
        let filter = Filter { repository, policy: &inputs.policy };
        target.equivalents = equivalents(filter, &survey.units, &absent, own)?;
        Ok(target)
    }

    /// Returns whether the branch has a commit of trunk by ancestry.
    pub fn is_in_base(&self, id: Oid) -> bool {
        match self.survey.index.contains_key(&id) {
            true => !self.ahead.contains(&id),
            false => is_within(self.repository, id, self.tip),
        }
    }

    /// Returns whether the branch has a commit of trunk by ancestry or by a pick that names it.
    pub fn by_name(&self, id: Oid) -> Presence {
        match self.standing.picked(id) {
            Presence::Absent if self.is_in_base(id) => self.standing.of_base(id),
            presence => presence,
        }
    }

    /// Returns whether a commit made by hand stands for a unit that the branch does not have by name.
    pub fn by_hand(&self, index: usize) -> Presence {
        self.equivalents.get(&index).map_or(Presence::Absent, |at| self.standing.of_own(*at))
    }

    /// Returns whether the branch has what a commit of trunk does, for a revert of it: in whatever way, but not by a
    /// revert made by hand, which is nobody's pick.
    pub fn counterpart(&self, id: Oid) -> Presence {
        match (self.by_name(id), self.survey.index.get(&id)) {
            (Presence::Absent, Some(index)) => {
                let is_revert = |at: &&usize| !self.own[**at].reverts.is_empty();
                match self.equivalents.get(index).filter(|at| !is_revert(at)) {
                    Some(at) => self.standing.of_own(*at),
                    None => Presence::Absent,
                }
            }
            (presence, _) => presence,
        }
    }

    /// Returns the paths that one of the branch's own commits left out of what it picked.
    pub fn left_out_by(&self, id: Oid) -> &[String] {
        let own = self.own.iter().find(|commit| commit.id == id);
        own.map(|commit| commit.left_out.as_slice()).unwrap_or_default()
    }
}

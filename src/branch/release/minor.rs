//! What becomes of one minor: what its branch has since its last release, and what keeps it from being released.

use std::collections::BTreeSet;

use git2::Oid;

use super::as_release::check_as_release;
use super::difference::{Coming, Effect, Told};
use super::notes::{entries, sections};
use super::{Asked, MinorPlan, Proposal, State, finding};
use crate::branch::history::{find, is_within, short};
use crate::branch::store::RefName;
use crate::branch::trunk::Branch;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};
use crate::location::Sources;
use crate::spec::pin;
use crate::spec::release::Release;
use crate::spec::version::Minor;
use crate::tree::{Selection, read_revision};

impl Asked<'_> {
    /// Decides about a minor; what keeps it from being released goes to `report`.
    pub(super) fn minor(
        &self,
        minor: Minor,
        sources: &mut Sources,
        report: &mut Report,
    ) -> Result<MinorPlan, Failure> {
        let mut planned = MinorPlan { minor, branch: None, previous: None, state: State::NoBranch };
        let Some(branch) = self.trunk.minor_branch(self.store.repository(), minor)? else {
            return Ok(planned);
        };
        planned.branch = Some(branch.clone());
        planned.state = State::Blocked;
        if branch.differs() {
            report.push(differ(&branch));
            return Ok(planned);
        }
        let Some(tip) = branch.tip() else { return Ok(planned) };
        planned.previous = match self.last_release(minor, report)? {
            Last::Unproven => return Ok(planned),
            Last::None => None,
            Last::Found(release, commit) => Some((release, commit)),
        };
        let until = match &planned.previous {
            Some((_, commit)) => BTreeSet::from([*commit]),
            None => self.tags.branch_points(tip)?,
        };
        let chain = self.chain(tip, &until)?;
        planned.state = match (chain.is_empty(), &planned.previous) {
            (true, Some(_)) => State::Released,
            (true, None) => State::NothingYet,
            (false, previous) => {
                let previous = previous.as_ref().map(|(release, _)| release);
                match self.propose(minor, &branch, previous, &chain, report)? {
                    Some(proposal) => State::New(Box::new(proposal)),
                    None => State::Blocked,
                }
            }
        };
        if matches!(planned.state, State::New(_)) {
            self.check(&branch, tip, sources, report)?;
        }
        Ok(planned)
    }

    /// Returns the last release of a minor, if it is one.
    fn last_release(&self, minor: Minor, report: &mut Report) -> Result<Last, Failure> {
        let known = pin::known(&self.tags, &self.pattern)?;
        let Some(last) = known.iter().filter(|release| release.minor == minor).max() else {
            return Ok(Last::None);
        };
        match pin::prove(&self.tags, &self.trunk.fleet, last)? {
            Ok(proven) => {
                let commit = Oid::from_str(&proven.commit_id).map_err(|source| read_refused(last, source))?;
                Ok(Last::Found(last.clone(), commit))
            }
            Err(unproven) => {
                let place = self.trunk.fleet.document.location;
                let found = pin::finding(place, last, &unproven, &known);
                report.push(Diagnostic { location: None, ..found });
                Ok(Last::Unproven)
            }
        }
    }

    /// Returns the first-parent chain from `tip` back to one of `until`, without that, the oldest commit first.
    fn chain(&self, tip: Oid, until: &BTreeSet<Oid>) -> Result<Vec<Oid>, Error> {
        let mut chain = Vec::new();
        let mut next = Some(tip);
        while let Some(id) = next.filter(|id| !until.contains(id)) {
            chain.push(id);
            next = find(self.store.repository(), id)?.parent_ids().next();
        }
        if next.is_none() && self.store.repository().is_shallow() {
            return Err(Error::Refused {
                doing: format!("read the branch of {} back to its last release", short(tip)),
                why: "this shallow clone ends before; fetch the rest with `git fetch --unshallow --tags`"
                    .to_owned(),
            });
        }
        chain.reverse();
        Ok(chain)
    }

    fn propose(
        &self,
        minor: Minor,
        branch: &Branch,
        previous: Option<&Release>,
        chain: &[Oid],
        report: &mut Report,
    ) -> Result<Option<Proposal>, Failure> {
        let Some(commit) = chain.last().copied() else { return Ok(None) };
        let Some(release) = self.next(minor, previous, report) else { return Ok(None) };
        let repository = self.store.repository();
        let trunk = self.trunk.branch.tip();
        let is_of_trunk = |id: Oid| trunk.is_some_and(|tip| is_within(repository, id, tip));
        let entries = entries(repository, chain, &is_of_trunk)?;
        for entry in entries.iter().filter(|entry| entry.has_conflict) {
            let message =
                format!("{} on `{}` is a pick that nobody has resolved", short(entry.commit), branch.short());
            report.push(
                Diagnostic::error_nowhere("release-conflict", message)
                    .hint("a commit with a `Pick-Conflict:` trailer holds conflict markers"),
            );
        }
        let coming = Coming { release: &release, commit };
        let effect = match &self.clusters {
            Ok(clusters) => clusters.effect(self.root, previous, &coming)?,
            Err(why) => Effect { clusters: 0, told: Told::Refused(why.clone()) },
        };
        let sections = sections(&entries, &branch.name) + &effect.section(minor, previous);
        let message = message(&release, previous, &sections);
        Ok(Some(Proposal { tag: RefName::tag(release.as_str())?, release, commit, entries, effect, message }))
    }

    /// Returns the release of the day that follows the last one.
    fn next(&self, minor: Minor, previous: Option<&Release>, report: &mut Report) -> Option<Release> {
        let number =
            match previous {
                Some(previous) if previous.day > self.day => {
                    let message = format!("a release of {} would come before `{previous}`", self.day);
                    report.push(Diagnostic::error_nowhere("release-order", message).hint(
                        "look at the clock, the fleet's `timezone` and `--date`: releases never go back",
                    ));
                    return None;
                }
                Some(previous) if previous.day == self.day => previous.number.checked_add(1)?,
                Some(_) | None => 0,
            };
        let release = self.pattern.release(minor, self.day, number);
        if release.is_none() {
            report.push(finding(format!("`{}` is not a day that the fleet's `tag` can say", self.day)));
        }
        release
    }

    /// Holds the tree of a tip against what a release depends on.
    fn check(
        &self,
        branch: &Branch,
        tip: Oid,
        sources: &mut Sources,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let files = read_revision(self.root, &tip.to_string(), Selection::FLEET_AND_GOLDEN)?;
        let mut findings = check_as_release(files, sources, self.today)?.report;
        findings.diagnostics.retain(|found| found.severity == crate::diagnostic::Severity::Error);
        if findings.is_empty() {
            return Ok(());
        }
        let message = format!("`{}` does not pass `check --as-release`", branch.short());
        let hint = format!("`yoshino check --as-release --rev {}` shows it alone", branch.short());
        report.extend(findings);
        report.push(Diagnostic::error_nowhere("release-check", message).hint(hint));
        Ok(())
    }
}

/// The last release of a minor.
enum Last {
    None,
    Found(Release, Oid),
    /// There is a tag, and it is no release.
    Unproven,
}

fn differ(branch: &Branch) -> Diagnostic {
    let fetched = format!("{}/{}", branch.remote, branch.name);
    finding(format!("the branches `{}` and `{fetched}` are not the same", branch.name))
        .hint("what is released is what others have: push the local one, or bring it up to date")
}

fn message(release: &Release, previous: Option<&Release>, sections: &str) -> String {
    let previous = previous.map_or_else(|| "none".to_owned(), Release::to_string);
    format!("{release}\n\nKubernetes: {}\nPrevious release: {previous}\n{sections}", release.minor)
}

fn read_refused(release: &Release, source: git2::Error) -> Error {
    Error::Git { doing: format!("read the release `{release}`"), source }
}

//! Releases: which minor branches have something to release, what their tags are called and say, and the run that makes
//! all of them or none.
//!
//! Decide, then do: [`plan`] reads objects and refs and writes nothing; [`run::make`] carries a plan out.

pub mod as_release;
pub mod difference;
mod minor;
pub mod notes;
pub mod run;
pub mod verify;

use std::path::Path;

use git2::Oid;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::identity::When;
use super::store::{RefName, Store};
use super::trunk::{Branch, Trunk, read_trunk};
use crate::check::Day;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};
use crate::location::Sources;
use crate::spec::pin;
use crate::spec::release::{Release, TagPattern};
use crate::spec::version::Minor;

use difference::{Clusters, Effect};
use notes::Entry;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The minors; all that the fleet supports where there is none.
    pub minors: &'a [Minor],
    /// The day of the releases; the one that it is in the fleet's time zone where there is none.
    pub day: Option<Date>,
    /// The moment it is.
    pub now: When,
}

/// What would be released.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The day.
    pub day: Date,
    /// Every minor that was asked for, in the order of the fleet.
    pub minors: Vec<MinorPlan>,
    /// What keeps minors from being released; then none is.
    pub blocked: Report,
    /// The remote that the fleet's tags and branches are on.
    pub remote: String,
}

/// What would be released of one minor.
#[derive(Clone, Debug)]
pub struct MinorPlan {
    /// The minor.
    pub minor: Minor,
    /// Its branch, if it has one.
    pub branch: Option<Branch>,
    /// Its last release, and the commit of that.
    pub previous: Option<(Release, Oid)>,
    /// What becomes of it.
    pub state: State,
}

/// What becomes of a minor.
#[derive(Clone, Debug)]
pub enum State {
    /// It has no branch.
    NoBranch,
    /// Its branch has no commit of its own, so that nothing would tell its release from another minor's.
    NothingYet,
    /// The tip of its branch is the last release.
    Released,
    /// Something keeps it from being released.
    Blocked,
    /// It gets a release.
    New(Box<Proposal>),
}

/// A release that would be made.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The release.
    pub release: Release,
    /// Its tag.
    pub tag: RefName,
    /// The commit.
    pub commit: Oid,
    /// What it brings.
    pub entries: Vec<Entry>,
    /// What it does to trunk's clusters.
    pub effect: Effect,
    /// What the tag says.
    pub message: String,
}

/// What deciding about every minor needs.
struct Asked<'a> {
    store: &'a Store,
    root: &'a Path,
    trunk: &'a Trunk,
    tags: crate::tree::ReleaseTags,
    pattern: TagPattern,
    day: Date,
    today: Day,
    /// Trunk's clusters, or what is wrong with them.
    clusters: Result<Clusters, String>,
}

/// Plans the releases of a day.
///
/// # Errors
/// Reports a trunk that cannot be read, and minors that the fleet does not have. What keeps a minor from being released
/// is part of the plan.
pub fn plan(
    store: &Store,
    root: &Path,
    request: &Request<'_>,
    sources: &mut Sources,
) -> Result<Plan, Failure> {
    let trunk = read_trunk(store.repository(), root, sources)?;
    let day = match request.day {
        Some(day) => day,
        None => day_of(request.now, &trunk.fleet.spec.timezone)?,
    };
    let tip = trunk.branch.tip().ok_or_else(|| Report::from(finding("trunk has no commit".to_owned())))?;
    let asked = Asked {
        store,
        root,
        tags: pin::open(root, &trunk.fleet)?,
        clusters: Clusters::read(root, tip)?,
        pattern: pattern(&trunk)?,
        trunk: &trunk,
        day,
        today: Day::from_seconds(u64::try_from(request.now.seconds).unwrap_or(0)),
    };
    let minors = minors(&trunk, request.minors)?;
    let remote = trunk.fleet.spec.repository.remote.clone();
    let mut plan = Plan { day, minors: Vec::new(), blocked: Report::default(), remote };
    for one in minors {
        let mut findings = Report::default();
        let mut planned = asked.minor(one, sources, &mut findings)?;
        if matches!(planned.state, State::NoBranch) && request.minors.contains(&one) {
            let branch = trunk.fleet.minor_branch(one);
            findings.push(finding(format!("{one} has no branch `{branch}`, here or as it was last fetched")));
        }
        if !findings.is_empty() {
            planned.state = State::Blocked;
        }
        plan.blocked.extend(findings);
        plan.minors.push(planned);
    }
    Ok(plan)
}

impl Plan {
    /// Returns the releases that would be made, in the order of the fleet's minors.
    pub fn proposals(&self) -> impl Iterator<Item = &Proposal> {
        self.minors.iter().filter_map(|one| match &one.state {
            State::New(proposal) => Some(&**proposal),
            State::NoBranch | State::NothingYet | State::Released | State::Blocked => None,
        })
    }
}

/// Makes the releases of a plan, on the remote too where one is named; the remote also gets the last releases of the
/// minors that get none, if it does not have them.
///
/// # Errors
/// Those of [`run::make`] and [`run::push_tags`].
pub fn carry_out(store: &Store, plan: &Plan, remote: Option<&str>) -> Result<Option<run::Run>, Failure> {
    let mut before = Vec::new();
    for one in &plan.minors {
        if let (State::Released, Some((release, _))) = (&one.state, &one.previous) {
            let name = RefName::tag(release.as_str())?;
            before.extend(store.find(&name)?.map(|tag| (name, tag)));
        }
    }
    let remote = remote.map(|name| run::Remote { name, before: &before });
    let releases: Vec<run::NewRelease<'_>> = plan
        .proposals()
        .map(|one| run::NewRelease { name: &one.tag, commit: one.commit, message: &one.message })
        .collect();
    if releases.is_empty() {
        return match remote {
            Some(remote) => Ok(run::push_tags(store, remote, &[]).map(|()| None)?),
            None => Ok(None),
        };
    }
    run::make(store, &format!("Releases of {}", plan.day), &releases, remote).map(Some)
}

/// Returns the day that a moment lies in, in a time zone.
fn day_of(now: When, zone: &str) -> Result<Date, Error> {
    let refused = |source: jiff::Error| Error::Refused {
        doing: format!("tell which day it is in `{zone}`"),
        why: source.to_string(),
    };
    let moment = Timestamp::from_second(now.seconds).map_err(refused)?;
    Ok(moment.to_zoned_datetime(TimeZone::get(zone).map_err(refused)?).date())
}

fn pattern(trunk: &Trunk) -> Result<TagPattern, Report> {
    TagPattern::new(&trunk.fleet.spec.tag).map_err(|_| {
        let message = format!("`{}` is no pattern that releases could follow", trunk.fleet.spec.tag);
        let hint = "in `tag` of the fleet, `{minor}` and `{yymmdd}` stand once each, apart from each other";
        Report::from(finding(message).hint(hint))
    })
}

/// Returns the minors that are asked for, in the order of the fleet.
fn minors(trunk: &Trunk, wanted: &[Minor]) -> Result<Vec<Minor>, Report> {
    let supported = &trunk.fleet.spec.minors;
    let mut report = Report::default();
    for minor in wanted.iter().filter(|minor| !supported.contains(minor)) {
        let listed: Vec<String> = supported.iter().map(Minor::to_string).collect();
        let message = format!("the fleet does not support {minor}");
        report.push(finding(message).hint(format!("`minors` of the fleet: {}", listed.join(", "))));
    }
    let chosen = supported.iter().copied().filter(|minor| wanted.is_empty() || wanted.contains(minor));
    report.or(chosen.collect())
}

/// Makes a finding about what keeps minors from being released.
fn finding(message: String) -> Diagnostic {
    Diagnostic::error_nowhere("release-branch", message)
}

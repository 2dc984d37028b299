//! What a plan is computed from: the policy, the tips, the day.

use std::collections::BTreeMap;
use std::sync::Arc;

use git2::{ErrorCode, ObjectType, Oid, Repository};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::branch::identity::When;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};
use crate::location::{SourceName, Sources};
use crate::spec::Unchecked;
use crate::spec::pick_policy::{Moment, PickPolicy};
use crate::spec::version::Minor;
use crate::tree::{FileTree, RepoPath};

/// The file that holds the policy on trunk.
const POLICY: &str = "picks.yaml";

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// The policy, where it is not trunk's own.
    pub policy: Option<PolicyFile>,
    /// The day or time; what the committer's clock says where it is left out.
    pub now: Option<Moment>,
    /// Revisions of the units to plan; all where it is empty.
    pub only: &'a [String],
}

/// A policy in a file that somebody gives.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// What the user calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
}

/// What a plan is computed from.
#[derive(Clone, Debug)]
pub struct Inputs {
    /// The policy.
    pub policy: PickPolicy,
    /// Where the policy is from.
    pub origin: Origin,
    /// Trunk.
    pub source: Tip,
    /// The git remote of trunk.
    pub remote: String,
    /// The minor branches, by minor.
    pub targets: BTreeMap<Minor, Tip>,
    /// The time zone in which days begin.
    pub zone: TimeZone,
    /// The day or time by which lives and freezes are judged.
    pub now: Moment,
    /// The units that are planned; all where it is `None`.
    pub only: Option<Vec<Oid>>,
}

/// Where a policy is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `main:picks.yaml`, or `file`.
    pub source: String,
    /// The id of the blob that holds it, or would.
    pub id: Oid,
}

/// A branch and the commit it is at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// The ref's full name: a local branch, else a remote-tracking one.
    pub reference: String,
    /// The commit.
    pub id: Oid,
}

/// A policy and where it is from.
#[derive(Clone, Debug)]
pub struct FoundPolicy {
    /// The policy.
    pub policy: PickPolicy,
    /// Where it is from.
    pub origin: Origin,
    /// The git remote that branches are looked for on where none is local.
    pub remote: String,
}

impl Inputs {
    /// Finds everything that a plan needs.
    ///
    /// # Errors
    /// Reports what is wrong with the policy, and that there is nothing to pick to.
    pub fn find(
        repository: &Repository,
        request: &Request<'_>,
        sources: &mut Sources,
    ) -> Result<Self, Failure> {
        let found = find_policy(repository, request.policy.clone(), sources)?;
        let source = source_tip(repository, &found)?;
        let targets = targets(repository, &found)?;
        let zone = zone(repository, source.id);
        let now = match request.now {
            Some(now) => now,
            None => Moment::Day(Moment::Instant(clock()?).day(&zone)),
        };
        let only = match request.only {
            [] => None,
            names => Some(only(repository, names, &source)?),
        };
        let FoundPolicy { policy, origin, remote } = found;
        Ok(Self { policy, origin, source, remote, targets, zone, now, only })
    }

    /// Returns the day that it is.
    pub fn today(&self) -> jiff::civil::Date {
        self.now.day(&self.zone)
    }
}

/// Finds the policy: the one that is given, else `picks.yaml` at the tip of trunk.
///
/// # Errors
/// Reports everything that is wrong with it, or that there is none.
pub fn find_policy(
    repository: &Repository,
    given: Option<PolicyFile>,
    sources: &mut Sources,
) -> Result<FoundPolicy, Failure> {
    let (trunk, remote) = trunk(repository);
    let (name, bytes, source) = match given {
        Some(file) => (SourceName::of_user(&file.name), file.bytes, "file".to_owned()),
        None => {
            let tip = tip(repository, &trunk, &remote)?;
            let tip = tip.ok_or_else(|| no_branch(repository, &trunk, &remote))?;
            let bytes = file_at(repository, tip.id, POLICY)?.ok_or_else(|| no_policy(&trunk))?;
            let path = RepoPath::new(POLICY).expect("because the name is confined");
            (path.into(), bytes, format!("{trunk}:{POLICY}"))
        }
    };
    let id = Oid::hash_object(ObjectType::Blob, &bytes)
        .map_err(|source| Error::Git { doing: "name the policy".to_owned(), source })?;
    let policy = PickPolicy::read(name, bytes, sources)?;
    let remote = remote_of(repository, &policy.source.branch).unwrap_or(remote);
    Ok(FoundPolicy { policy, origin: Origin { source, id }, remote })
}

/// Finds the branch that picks come from.
///
/// # Errors
/// Reports that there is none.
pub fn source_tip(repository: &Repository, found: &FoundPolicy) -> Result<Tip, Failure> {
    let branch = &found.policy.source.branch;
    let tip = tip(repository, branch, &found.remote)?;
    tip.ok_or_else(|| no_branch(repository, branch, &found.remote))
}

/// Returns the names of trunk and of its remote, before there is a policy: as `fleet.yaml` says at `HEAD`.
fn trunk(repository: &Repository) -> (String, String) {
    let head = || repository.head().ok()?.peel_to_commit().ok();
    let fleet = head().and_then(|head| file_at(repository, head.id(), "fleet.yaml").ok()?);
    let fleet = Unchecked::of(&fleet.map(fleet_alone).unwrap_or_default());
    let remote = remote_of(repository, fleet.trunk()).unwrap_or_else(|| fleet.remote().to_owned());
    (fleet.trunk().to_owned(), remote)
}

/// Returns the remote that a local branch follows.
fn remote_of(repository: &Repository, branch: &str) -> Option<String> {
    let config = repository.config().and_then(|mut config| config.snapshot()).ok()?;
    let remote = config.get_str(&format!("branch.{branch}.remote")).ok()?;
    (remote != ".").then(|| remote.to_owned())
}

fn zone(repository: &Repository, trunk: Oid) -> TimeZone {
    let fleet = Unchecked::of(&fleet_files(repository, trunk));
    fleet.timezone().and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// Returns `fleet.yaml` of a commit alone; nothing where there is none.
pub(super) fn fleet_files(repository: &Repository, commit: Oid) -> FileTree {
    let fleet = file_at(repository, commit, "fleet.yaml").ok().flatten();
    fleet.map(fleet_alone).unwrap_or_default()
}

fn fleet_alone(bytes: Arc<[u8]>) -> FileTree {
    let path = RepoPath::new("fleet.yaml").expect("because the name is confined");
    FileTree(BTreeMap::from([(path, bytes)]))
}

fn clock() -> Result<Timestamp, Error> {
    let seconds = When::now()?.seconds;
    Timestamp::from_second(seconds).map_err(|_| Error::Refused {
        doing: "read the clock".to_owned(),
        why: format!("{seconds} is no time"),
    })
}

/// Finds the branches of the minors that the policy has as targets.
fn targets(repository: &Repository, found: &FoundPolicy) -> Result<BTreeMap<Minor, Tip>, Failure> {
    let refused = |source| Error::Git { doing: "list the branches".to_owned(), source };
    let mut targets = BTreeMap::new();
    // Local branches come second, so that they win.
    for prefix in [format!("refs/remotes/{}/", found.remote), "refs/heads/".to_owned()] {
        for reference in repository.references().map_err(refused)? {
            let reference = reference.map_err(refused)?;
            let Ok(name) = reference.name() else { continue };
            let Some(minor) = name.strip_prefix(&prefix).and_then(|branch| found.policy.minor_of(branch))
            else {
                continue;
            };
            let id = reference.peel_to_commit().map_err(refused)?.id();
            targets.insert(minor, Tip { reference: name.to_owned(), id });
        }
    }
    if targets.is_empty() {
        let pattern = &found.policy.targets.branch;
        let message = format!("there is no branch `{pattern}` of any minor that the policy names");
        let finding = Diagnostic::error_nowhere("no-minor-branch", message);
        let hint = format!(
            "looked for local branches and those of `{}`; `git fetch {0}` brings those",
            found.remote
        );
        return Err(Report::from(finding.hint(hint)).into());
    }
    Ok(targets)
}

/// Finds a branch: the local one, else the remote-tracking one.
fn tip(repository: &Repository, branch: &str, remote: &str) -> Result<Option<Tip>, Error> {
    for reference in [format!("refs/heads/{branch}"), format!("refs/remotes/{remote}/{branch}")] {
        match repository.find_reference(&reference).and_then(|found| found.peel_to_commit()) {
            Ok(commit) => return Ok(Some(Tip { reference, id: commit.id() })),
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => {}
            Err(source) => return Err(Error::Git { doing: format!("read `{reference}`"), source }),
        }
    }
    Ok(None)
}

/// Reads a file of a commit's tree.
fn file_at(repository: &Repository, commit: Oid, path: &str) -> Result<Option<Arc<[u8]>>, Error> {
    let read = || {
        let tree = repository.find_commit(commit)?.tree()?;
        let Some(entry) = tree.get_name(path).map(|entry| entry.id()) else { return Ok(None) };
        repository.find_blob(entry).map(|blob| Some(Arc::from(blob.content())))
    };
    read().map_err(|source| Error::Git { doing: format!("read `{path}` of {commit}"), source })
}

fn only(repository: &Repository, names: &[String], source: &Tip) -> Result<Vec<Oid>, Failure> {
    let mut report = Report::default();
    let mut ids = Vec::new();
    for name in names {
        let commit = repository.revparse_single(name).and_then(|object| object.peel_to_commit());
        match commit {
            Ok(commit) => ids.push(commit.id()),
            Err(_) if repository.is_shallow() => {
                let why = "it is not in this shallow clone; fetch the rest with `git fetch --unshallow`";
                return Err(Error::Refused { doing: format!("find `{name}`"), why: why.to_owned() }.into());
            }
            Err(_) => report.push(no_unit(name, source)),
        }
    }
    Ok(report.or(ids)?)
}

/// Reports a revision that is no unit.
pub(super) fn no_unit(name: &str, source: &Tip) -> Diagnostic {
    let message = format!("`{name}` is no commit on the first-parent chain of `{}`", source.reference);
    Diagnostic::error_nowhere("pick-unit", message)
}

fn no_branch(repository: &Repository, branch: &str, remote: &str) -> Failure {
    let message = format!("there is no branch `{branch}` here, nor `{remote}/{branch}`");
    let names = repository.references().map(|all| all.flatten().collect::<Vec<_>>()).unwrap_or_default();
    let names: Vec<&str> = names.iter().filter_map(|found| found.shorthand().ok()).collect();
    let finding = Diagnostic::error_nowhere("unknown-revision", message);
    Report::from(finding.hint_nearest(branch, names, "")).into()
}

fn no_policy(trunk: &str) -> Failure {
    let message = format!("there is no `{POLICY}` at the tip of `{trunk}`");
    let finding = Diagnostic::error_nowhere("no-policy", message);
    Report::from(finding.hint("commit a PickPolicy there, or give one with `--policy FILE`")).into()
}

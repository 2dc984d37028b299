//! What `pre-push` does: the tips of trunk and minor branches, and tags that are called like releases.
//!
//! Only tips are judged: they are what Argo CD reads and releases are made of, and what lies beneath can no longer be
//! mended. Other branches pass; their checks belong to the pull request.

use std::io::Read as _;

use yoshino::diagnostic::{Diagnostic, Report};
use yoshino::error::{Error, Failure};
use yoshino::location::Sources;
use yoshino::spec::fleet::Fleet;
use yoshino::spec::release::TagPattern;
use yoshino::spec::{load_fleet_alone, pin};
use yoshino::tree::{FileTree, History, Selection, Unproven, read_folder, read_revision, read_worktree};

use super::commit::{holds_fleet, judge};
use crate::cli::{Exit, Session, base};

/// One line of what git says on standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pushed<'a> {
    /// The object that is pushed; absent where the ref is to be removed.
    object: Option<&'a str>,
    /// The ref's full name on the remote.
    name: &'a str,
    /// What the remote has there, as far as git knows.
    remote: Option<&'a str>,
}

/// Judges what is about to be pushed.
///
/// # Errors
/// Reports what is wrong with specs, and tags that are no releases; says what the environment refused.
pub fn run(session: &Session, sources: &mut Sources) -> Result<Exit, Failure> {
    if !session.directory.is_dir() {
        return Ok(Exit::Fine);
    }
    let mut text = String::new();
    let read = std::io::stdin().lock().read_to_string(&mut text);
    read.map_err(|source| Error::io("read", "standard input", source))?;
    if text.trim().is_empty() {
        text = line_of_pre_commit(session)?.unwrap_or_default();
    }
    let mut exit = Exit::Fine;
    let mut report = Report::default();
    for pushed in text.lines().filter_map(pushed) {
        if let Some(branch) = pushed.name.strip_prefix("refs/heads/") {
            if judge_branch(session, sources, &pushed, branch)? != Exit::Fine {
                exit = Exit::Different;
            }
        } else if let Some(tag) = pushed.name.strip_prefix("refs/tags/") {
            report.diagnostics.extend(judge_tag(session, &pushed, tag)?);
        }
    }
    report.or(exit).map_err(Failure::from)
}

/// Returns what the pre-commit framework says of a push, as git would have said it: it keeps standard input to itself. What
/// the remote has is not among it.
fn line_of_pre_commit(session: &Session) -> Result<Option<String>, Failure> {
    let variable = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    let (Some(local), Some(remote)) =
        (variable("PRE_COMMIT_LOCAL_BRANCH"), variable("PRE_COMMIT_REMOTE_BRANCH"))
    else {
        return Ok(None);
    };
    let object = match variable("PRE_COMMIT_TO_REF") {
        Some(object) => object,
        // Absent where the first commit is pushed, too.
        None => History::open(&session.directory)?.commit_id(&local)?,
    };
    Ok(Some(format!("{local} {object} {remote} 0")))
}

/// Reads `<local ref> <local id> <remote ref> <remote id>`; ids are zeros where there is nothing.
fn pushed(line: &str) -> Option<Pushed<'_>> {
    let id = |text: &'_ str| text.bytes().any(|byte| byte != b'0');
    match line.split(' ').collect::<Vec<_>>()[..] {
        [_, object, name, remote] => Some(Pushed {
            object: Some(object).filter(|object| id(object)),
            name,
            remote: Some(remote).filter(|remote| id(remote)),
        }),
        _ => None,
    }
}

fn judge_branch(
    session: &Session,
    sources: &mut Sources,
    pushed: &Pushed<'_>,
    branch: &str,
) -> Result<Exit, Failure> {
    let Some(commit) = pushed.object else { return Ok(Exit::Fine) };
    let Some(fleet) = fleet_at(session, commit) else { return Ok(Exit::Fine) };
    if branch != fleet.spec.repository.trunk && fleet.minor_of(branch).is_none() {
        return Ok(Exit::Fine);
    }
    let files = read_revision(&session.directory, commit, Selection::FLEET)?;
    let output = |folder: &_| read_folder(&session.directory, commit, folder);
    // What the remote has may not be here.
    let former = pushed.remote.and_then(|remote| base::read(session, sources, remote, &files).ok());
    let judged = judge(session, sources, (files, former), &output)?;
    let what = format!("`{branch}` at {}", commit.get(..12).unwrap_or(commit));
    Ok(judged.show(session, &what, "commit what it wrote, and push again"))
}

/// Says why a tag that is called like a release is none.
fn judge_tag(session: &Session, pushed: &Pushed<'_>, tag: &str) -> Result<Option<Diagnostic>, Failure> {
    let fleet = match pushed.object {
        Some(object) => fleet_at(session, object),
        None => read_worktree(&session.directory, Selection::FLEET_FILE).ok().and_then(fleet_of),
    };
    let Some(fleet) = fleet else { return Ok(None) };
    let Some(release) = TagPattern::new(&fleet.spec.tag).ok().and_then(|pattern| pattern.parse(tag)) else {
        return Ok(None);
    };
    let refused = |why: String, hint: &str| {
        Ok(Some(Diagnostic::error_nowhere("release-tag", format!("`{tag}` {why}")).hint(hint)))
    };
    let Some(object) = pushed.object else {
        return refused(
            "is a release, and would be removed".into(),
            "clusters may be pinned to it; `--no-verify` removes it all the same",
        );
    };
    if pushed.remote.is_some_and(|remote| remote != object) {
        return refused("is a release, and would be moved".into(), "releases never move: make another one");
    }
    let tags = pin::open(&session.directory, &fleet)?;
    let why = match pin::prove(&tags, &fleet, &release)? {
        Ok(proven) if proven.tag_id == object => return Ok(None),
        Ok(_) => "is pushed from another object than the tag of that name".into(),
        // It may be pushed together with its branch.
        Err(Unproven::BranchesDiffer(..)) => return Ok(None),
        Err(unproven) => why(&unproven, &fleet.minor_branch(release.minor)),
    };
    refused(format!("is called like a release, and {why}"), "call it something else, or make a release")
}

fn why(unproven: &Unproven, branch: &str) -> String {
    match unproven {
        Unproven::Absent => "there is no tag of that name here".into(),
        Unproven::NotAnnotated => "is not annotated".into(),
        Unproven::OtherName(name) => format!("says itself that it is called `{name}`"),
        Unproven::NoCommit => "points at no commit".into(),
        Unproven::BranchOfSameName(name) => format!("there is a branch `{name}` of the same name"),
        Unproven::NoBranch => format!("its branch `{branch}` is not there"),
        Unproven::BranchesDiffer(local, fetched) => format!("`{local}` and `{fetched}` differ"),
        Unproven::NotOnBranch(branch) => format!("is not on the first-parent chain of `{branch}`"),
        Unproven::NotAfterBranchPoint(branch) => format!("lies before the point where `{branch}` was cut"),
    }
}

/// Reads the Fleet of a commit alone; none where there is none, or it says nothing that can be read.
fn fleet_at(session: &Session, revision: &str) -> Option<Fleet> {
    read_revision(&session.directory, revision, Selection::FLEET_FILE).ok().and_then(fleet_of)
}

fn fleet_of(files: FileTree) -> Option<Fleet> {
    load_fleet_alone(&Some(files).filter(holds_fleet)?, &mut Sources::default()).ok()
}

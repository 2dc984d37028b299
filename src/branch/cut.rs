//! `branch cut`: a minor gets a branch of its own, trunk as it is at a commit, without what trunk alone has.
//!
//! A minor follows the newest that has a branch: one that was left out would never get the picks that the others get.
//! Nothing is written, and nobody has to be known to git, before a plan is carried out.

mod attention;

use std::collections::BTreeMap;
use std::path::Path;

use git2::{Oid, Repository};

pub use attention::{About, Attention, attention};

use super::history::is_within;
use super::identity::Identity;
use super::merge::{changes, update};
use super::push::deliver;
use super::store::{Moved, NewCommit, RefMove, RefName, Store};
use super::trunk::{Trunk, read_trunk};
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};
use crate::location::{Location, Sources};
use crate::spec::load_specs;
use crate::spec::version::Minor;
use crate::tree::{History, Selection, read_revision};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The minor that gets a branch.
    pub minor: Minor,
    /// The commit of trunk that it begins at; trunk's tip where there is none.
    pub at: Option<&'a str>,
    /// What becomes of a minor that does not follow the newest one that has a branch.
    pub order: Order,
}

/// Whether minors get their branches one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// They do.
    Keep,
    /// It was said that this one need not follow.
    Ignore,
}

/// A branch that is to be made.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The minor.
    pub minor: Minor,
    /// The branch.
    pub branch: RefName,
    /// The trunk that it leaves, as people write it: `main`, `origin/main`.
    pub trunk: String,
    /// The commit of trunk that it leaves at.
    pub from: Oid,
    /// The paths of the files that are taken out, sorted.
    pub removed: Vec<String>,
    /// The patterns that take them out.
    pub trunk_only: Vec<String>,
    /// The commit that takes those files out; `None` where there are none, and the branch begins at trunk's own.
    pub commit: Option<Removal>,
    /// What wants a look.
    pub attention: Vec<Attention>,
    /// The remote that the fleet's branches are on.
    pub remote: String,
}

/// A commit that takes files out, before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// What is left.
    pub tree: Oid,
    /// What it says.
    pub message: String,
}

/// Plans the branch of a minor.
///
/// # Errors
/// Reports a minor that the fleet does not have, that has a branch, or that would be cut before the one that comes
/// next; a commit that is not on trunk; and whatever is wrong with the fleet there. [`Error`] where git refuses.
pub fn plan(store: &Store, root: &Path, request: Request<'_>, sources: &mut Sources) -> Result<Cut, Failure> {
    let trunk = read_trunk(store.repository(), root, sources)?;
    let from = commit_of_trunk(store, root, &trunk, request.at)?;
    check_minor(store, &trunk, request)?;
    let branch = RefName::branch(&trunk.fleet.minor_branch(request.minor))?;
    let patterns = trunk_only(&trunk);
    let tree = store.repository().find_commit(from).map_err(cannot_read)?.tree_id();
    let (tree, removed) = without_trunk_only(store.repository(), tree, &trunk)?;
    let message = || message(request.minor, &trunk, from, &patterns);
    let commit = (!removed.is_empty()).then(|| Removal { tree, message: message() });
    // What the branch will hold is what somebody has to look at.
    let files =
        read_revision(root, &from.to_string(), Selection { files: &["fleet.yaml"], ..Selection::RELEASE })?;
    let catalog = load_specs(files, sources)?;
    let mut attention = attention(&catalog, request.minor);
    attention.extend(no_picks(&trunk, request.minor));
    let cut = Cut {
        minor: request.minor,
        branch,
        trunk: trunk.branch.short(),
        from,
        removed,
        trunk_only: patterns,
        commit,
        attention,
        remote: trunk.fleet.spec.repository.remote.clone(),
    };
    Ok(cut)
}

/// Makes the branch, on the remote first where one is named; returns the commit that it begins with.
///
/// # Errors
/// [`Error::Refused`] where somebody else has made it meanwhile, or nobody says who commits; others where git or the
/// remote refuse.
pub fn carry_out(store: &Store, cut: &Cut, remote: Option<&str>) -> Result<Oid, Error> {
    let to = match &cut.commit {
        Some(removal) => commit(store, cut.from, removal)?,
        None => cut.from,
    };
    let log = format!("branch cut: from {} at {}", cut.trunk, cut.from);
    match deliver(store, &[RefMove { name: cut.branch.clone(), from: None, to, log }], remote)? {
        Moved::Done => Ok(to),
        Moved::Lost { name, .. } => Err(Error::Refused {
            doing: format!("make the branch `{name}`"),
            why: "somebody else has made it meanwhile".to_owned(),
        }),
    }
}

fn commit(store: &Store, parent: Oid, removal: &Removal) -> Result<Oid, Error> {
    let committer = Identity::find(store.repository())?;
    store.commit(&NewCommit {
        tree: removal.tree,
        parents: &[parent],
        author: &committer.to_bytes(),
        committer: &committer,
        encoding: None,
        message: removal.message.as_bytes(),
    })
}

/// Returns the commit of trunk that a branch is to leave at.
fn commit_of_trunk(store: &Store, root: &Path, trunk: &Trunk, at: Option<&str>) -> Result<Oid, Failure> {
    let branch = &trunk.branch;
    let Some(revision) = at else {
        // A local trunk that is ahead is what its owner means; one that lacks what others have is hardly.
        let is_ahead = branch
            .local
            .zip(branch.fetched)
            .is_some_and(|(local, fetched)| is_within(store.repository(), fetched, local));
        if branch.differs() && !is_ahead {
            let fetched = format!("{}/{}", branch.remote, branch.name);
            let message = format!("`{}` lacks commits of `{fetched}`", branch.name);
            let finding = Diagnostic::error_nowhere("branch-cut", message);
            let hint =
                format!("bring it up to date, or name the commit: `yoshino branch cut MINOR {fetched}`");
            return Err(Report::from(finding.hint(hint)).into());
        }
        return branch.tip().ok_or_else(|| cannot_read(git2::Error::from_str("trunk has no commit")).into());
    };
    let id = History::open(root)?.commit_id(revision)?;
    let wanted = Oid::from_str(&id).map_err(cannot_read)?;
    for tip in [branch.local, branch.fetched].into_iter().flatten() {
        let mut next = Some(tip);
        while let Some(id) = next {
            if id == wanted {
                return Ok(wanted);
            }
            next = store.repository().find_commit(id).map_err(cannot_read)?.parent_ids().next();
        }
    }
    let message = format!("`{revision}` is no commit of `{}`'s own first-parent chain", branch.short());
    let finding = Diagnostic::error_nowhere("branch-cut", message);
    Err(Report::from(finding.hint("a minor branch leaves trunk at one of trunk's own commits")).into())
}

fn check_minor(store: &Store, trunk: &Trunk, request: Request<'_>) -> Result<(), Failure> {
    let minor = request.minor;
    let place = trunk.fleet.document.at("/spec/minors").unwrap_or(&trunk.fleet.document).location;
    let refuse = |message: String, hint: String| -> Failure {
        Report::from(Diagnostic::error("branch-cut", place, message).hint(hint)).into()
    };
    if let Some(branch) = trunk.minor_branch(store.repository(), minor)? {
        let message = format!("{minor} has a branch: `{}`", branch.short());
        let hint = "a branch is cut once; `yoshino pick plan` brings it what came to trunk since".to_owned();
        return Err(refuse(message, hint));
    }
    let minors = &trunk.fleet.spec.minors;
    if !minors.contains(&minor) {
        let hint = format!("add `\"{minor}\"` to `minors`, on trunk, and then cut its branch");
        return Err(refuse(format!("the fleet does not support {minor}"), hint));
    }
    let newest = trunk.minors_with_branch(store.repository())?.last().copied();
    let next = match newest {
        Some(newest) => Minor { minor: newest.minor.saturating_add(1), ..newest },
        None => minors.iter().copied().min().unwrap_or(minor),
    };
    if minor == next || request.order == Order::Ignore {
        return Ok(());
    }
    let what = if minor > next { "comes first" } else { "is the next" };
    let after = newest.map_or("no minor has a branch yet".to_owned(), |newest| {
        format!("the newest minor that has a branch is {newest}")
    });
    let hint = format!("{after}; `--out-of-order` cuts {minor} all the same");
    Err(refuse(format!("{minor} is not the minor to cut: {next} {what}"), hint))
}

/// Returns the patterns of what trunk alone has: the policy's, and without one the fleet's own output, too.
fn trunk_only(trunk: &Trunk) -> Vec<String> {
    let mut patterns: Vec<String> =
        trunk.policy.targets.trunk_only.iter().map(|glob| glob.as_str().to_owned()).collect();
    if let Some(output) = trunk.fleet.output_path().filter(|_| !trunk.has_policy) {
        let pattern = format!("{output}/**");
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    patterns
}

/// Returns a tree without what trunk alone has, made in memory, and the paths of what is left out, in git's order.
fn without_trunk_only(
    repository: &Repository,
    tree: Oid,
    trunk: &Trunk,
) -> Result<(Oid, Vec<String>), Error> {
    let output = trunk.fleet.output_path().filter(|_| !trunk.has_policy);
    let lies_in_output = |path: &str| {
        output.is_some_and(|output| path.strip_prefix(output).is_some_and(|rest| rest.starts_with('/')))
    };
    let (mut removed, mut edits) = (Vec::new(), BTreeMap::new());
    for file in changes(repository, None, Some(tree))? {
        // A name that is no text matches no glob but `**`.
        let path = String::from_utf8_lossy(&file.path).into_owned();
        if trunk.policy.is_trunk_only(&path) || lies_in_output(&path) {
            removed.push(path);
            edits.insert(file.path, None);
        }
    }
    let left = if edits.is_empty() { tree } else { update(repository, tree, &edits)? };
    Ok((left, removed))
}

fn message(minor: Minor, trunk: &Trunk, from: Oid, patterns: &[String]) -> String {
    let branch = trunk.fleet.minor_branch(minor);
    let mut message = format!("Cut {branch} from {}\n\n", trunk.branch.name);
    message.push_str(&format!("It leaves {} at {from}, without what trunk alone has:\n", trunk.branch.name));
    for pattern in patterns {
        message.push_str(&format!("- {pattern}\n"));
    }
    // Whoever verifies the branch asks every commit where it comes from.
    message.push_str(&format!("\nNot-Picked-Because: it begins the branch of {minor}\n"));
    message
}

/// Says that no pick would reach the branch.
fn no_picks(trunk: &Trunk, minor: Minor) -> Option<Attention> {
    let branch = trunk.fleet.minor_branch(minor);
    let is_target = trunk.policy.minor_of(&branch) == Some(minor);
    (trunk.has_policy && !is_target).then(|| Attention {
        about: About::NoPicks,
        addon: None,
        location: trunk.fleet.document.at("/spec/branch").map_or_else(
            || Location { end: trunk.fleet.document.location.start, ..trunk.fleet.document.location },
            |node| node.location,
        ),
        message: format!("`picks.yaml` names no target `{branch}`"),
        to_do: format!("let `targets.minors` take {minor}, and `targets.branch` be the fleet's `branch`"),
    })
}

fn cannot_read(source: git2::Error) -> Error {
    Error::Git { doing: "read trunk".to_owned(), source }
}

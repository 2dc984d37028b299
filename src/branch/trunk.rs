//! Trunk as it stands when minor branches are cut from it and released: its tips, and what its tip says about both.
//!
//! Fleet and PickPolicy are read from trunk's tip, never from a work tree or a minor branch. Only objects and refs are
//! read.

use std::path::Path;
use std::sync::Arc;

use git2::{ErrorCode, Oid, Repository};

use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};
use crate::location::{SourceName, Sources};
use crate::spec::fleet::Fleet;
use crate::spec::pick_policy::PickPolicy;
use crate::spec::version::Minor;
use crate::spec::{Unchecked, load_fleet_alone};
use crate::tree::{FileTree, RepoPath, Selection, read_revision};

/// What trunk's tip says.
#[derive(Clone, Debug)]
pub struct Trunk {
    /// The Fleet.
    pub fleet: Fleet,
    /// The policy of picks; the default one where trunk has none.
    pub policy: PickPolicy,
    /// Whether trunk has a `picks.yaml`.
    pub has_policy: bool,
    /// The branch.
    pub branch: Branch,
}

/// A branch, here and as it was last fetched; at least one of them is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its name: `release/1.35`.
    pub name: String,
    /// Its remote.
    pub remote: String,
    /// The tip of the local one.
    pub local: Option<Oid>,
    /// The tip of the remote-tracking one.
    pub fetched: Option<Oid>,
}

/// The policy of a trunk that has none.
const DEFAULT_POLICY: &[u8] =
    b"apiVersion: yoshino.dev/v1alpha1\nkind: PickPolicy\nspec:\n  source: {branch: main}\n";

impl Branch {
    /// Looks for a branch; `None` where it is neither here nor was fetched.
    ///
    /// # Errors
    /// [`Error::Git`] where refs cannot be read.
    pub fn find(repository: &Repository, name: &str, remote: &str) -> Result<Option<Self>, Error> {
        let local = tip(repository, &format!("refs/heads/{name}"))?;
        let fetched = tip(repository, &format!("refs/remotes/{remote}/{name}"))?;
        let branch = Self { name: name.to_owned(), remote: remote.to_owned(), local, fetched };
        Ok(branch.tip().is_some().then_some(branch))
    }

    /// Returns where the branch is: the local one, else the remote-tracking one.
    pub fn tip(&self) -> Option<Oid> {
        self.local.or(self.fetched)
    }

    /// Returns the full name of the ref that [`Branch::tip`] is of.
    pub fn reference(&self) -> String {
        match self.local {
            Some(_) => format!("refs/heads/{}", self.name),
            None => format!("refs/remotes/{}/{}", self.remote, self.name),
        }
    }

    /// Returns the name that people know it by: `origin/main` where it is only remote-tracking.
    pub fn short(&self) -> String {
        match self.local {
            Some(_) => self.name.clone(),
            None => format!("{}/{}", self.remote, self.name),
        }
    }

    /// Returns whether the local branch is not what was last fetched.
    pub fn differs(&self) -> bool {
        self.local.zip(self.fetched).is_some_and(|(local, fetched)| local != fetched)
    }
}

/// Returns the commit that a ref is at, through tags; `None` where there is no such ref, or it cannot be named.
pub(super) fn tip(repository: &Repository, name: &str) -> Result<Option<Oid>, Error> {
    let refused = |source| Error::Git { doing: format!("read `{name}`"), source };
    match repository.find_reference(name) {
        Ok(reference) => reference.peel_to_commit().map(|commit| Some(commit.id())).map_err(refused),
        Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => Ok(None),
        Err(source) => Err(refused(source)),
    }
}

/// Reads trunk, as `fleet.yaml` of the commit that is checked out names it.
///
/// # Errors
/// Reports a trunk that is not there, and whatever is wrong with its Fleet and policy; [`Error::Git`] where the
/// repository cannot be read.
pub fn read_trunk(repository: &Repository, root: &Path, sources: &mut Sources) -> Result<Trunk, Failure> {
    // Where no commit says them, the names are the usual ones.
    let at_head = Unchecked::of(&read_revision(root, "HEAD", Selection::FLEET_FILE).unwrap_or_default());
    let (name, remote) = (at_head.trunk(), at_head.remote());
    let Some(branch) = Branch::find(repository, name, remote)? else {
        let message = format!("there is no branch `{name}` here, nor `{remote}/{name}`");
        let finding = Diagnostic::error_nowhere("unknown-revision", message);
        return Err(Report::from(finding.hint("`repository.trunk` of the fleet names the trunk")).into());
    };
    let tip = branch.tip().map_or_else(String::new, |tip| tip.to_string());
    let files = read_revision(root, &tip, Selection { folders: &[], files: &["fleet.yaml", "picks.yaml"] })?;
    let (policy, has_policy) = read_policy(&files, sources)?;
    Ok(Trunk { fleet: load_fleet_alone(&files, sources)?, policy, has_policy, branch })
}

fn read_policy(files: &FileTree, sources: &mut Sources) -> Result<(PickPolicy, bool), Failure> {
    let written = files.0.iter().find(|(path, _)| path.as_str() == "picks.yaml");
    let (name, bytes): (SourceName, Arc<[u8]>) = match written {
        Some((path, bytes)) => (RepoPath::clone(path).into(), bytes.clone()),
        None => (SourceName::of_user("picks.yaml"), Arc::from(DEFAULT_POLICY)),
    };
    Ok((PickPolicy::read(name, bytes, sources)?, written.is_some()))
}

impl Trunk {
    /// Returns the branch of a minor; `None` where it is neither here nor was fetched.
    ///
    /// # Errors
    /// [`Error::Git`] where refs cannot be read.
    pub fn minor_branch(&self, repository: &Repository, minor: Minor) -> Result<Option<Branch>, Error> {
        Branch::find(repository, &self.fleet.minor_branch(minor), &self.fleet.spec.repository.remote)
    }

    /// Returns the minors that have a branch, here or remote-tracking, sorted.
    ///
    /// # Errors
    /// [`Error::Git`] where refs cannot be read.
    pub fn minors_with_branch(&self, repository: &Repository) -> Result<Vec<Minor>, Error> {
        let refused = |source| Error::Git { doing: "list the branches".to_owned(), source };
        let prefixes =
            ["refs/heads/".to_owned(), format!("refs/remotes/{}/", self.fleet.spec.repository.remote)];
        let mut minors = Vec::new();
        for reference in repository.references().map_err(refused)? {
            let reference = reference.map_err(refused)?;
            let Ok(name) = reference.name() else { continue };
            let short = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix.as_str()));
            minors.extend(short.and_then(|short| self.fleet.minor_of(short)));
        }
        minors.sort_unstable();
        minors.dedup();
        Ok(minors)
    }
}

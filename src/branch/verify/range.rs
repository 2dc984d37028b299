//! A range of commits as people write it, and which minor's branch it is for.

use std::collections::BTreeSet;
use std::str::FromStr;

use git2::{ErrorCode, Oid, Repository};

use crate::branch::history::is_within;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};
use crate::spec::pick_policy::PickPolicy;
use crate::spec::version::Minor;

/// The two ends of a range, as written: `origin/release/1.36..HEAD`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    base: String,
    head: String,
}

/// Why a text is no [`Range`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotARange;

impl FromStr for Range {
    type Err = NotARange;

    fn from_str(text: &str) -> Result<Self, NotARange> {
        let end = |end: &str| if end.is_empty() { "HEAD".to_owned() } else { end.to_owned() };
        let (base, head) = text.split_once("..").ok_or(NotARange)?;
        // Three points ask for something else.
        match head.starts_with('.') || head.contains("..") {
            true => Err(NotARange),
            false => Ok(Self { base: end(base), head: end(head) }),
        }
    }
}

impl Range {
    /// Finds the commits at both ends.
    ///
    /// # Errors
    /// Reports an end that is no commit here; [`Error::Git`] where a shallow clone may lack it.
    pub fn find(&self, repository: &Repository) -> Result<[Oid; 2], Failure> {
        Ok([commit(repository, &self.base)?, commit(repository, &self.head)?])
    }

    /// Returns the minor that the range is for: as its names say (`origin/release/1.36`, `picks/1.36/…`), else that of
    /// the only branch of one that is at either end, or has the base while trunk has not.
    ///
    /// # Errors
    /// [`Error::Git`] where refs cannot be read.
    pub fn minor(
        &self,
        repository: &Repository,
        policy: &PickPolicy,
        ends: [Oid; 2],
        trunk: Oid,
    ) -> Result<Option<Minor>, Error> {
        match [&self.base, &self.head].into_iter().find_map(|name| named(policy, name)) {
            Some(minor) => Ok(Some(minor)),
            None => only_branch(repository, policy, ends, trunk),
        }
    }
}

fn commit(repository: &Repository, name: &str) -> Result<Oid, Failure> {
    match repository.revparse_single(name).and_then(|object| object.peel_to_commit()) {
        Ok(commit) => Ok(commit.id()),
        Err(source) if source.code() == ErrorCode::NotFound && !repository.is_shallow() => {
            let message = format!("there is no commit `{}`", name.escape_debug());
            Err(Report::from(Diagnostic::error_nowhere("unknown-revision", message)).into())
        }
        Err(source) => Err(Error::Git { doing: format!("find `{}`", name.escape_debug()), source }.into()),
    }
}

fn only_branch(
    repository: &Repository,
    policy: &PickPolicy,
    [base, head]: [Oid; 2],
    trunk: Oid,
) -> Result<Option<Minor>, Error> {
    let refused = |source| Error::Git { doing: "find the minor branch".to_owned(), source };
    let mut minors = BTreeSet::new();
    for reference in repository.references().map_err(refused)? {
        let reference = reference.map_err(refused)?;
        let (Ok(name), Ok(tip)) = (reference.name(), reference.peel_to_commit()) else { continue };
        let Some(minor) = named(policy, name) else { continue };
        let has_left = is_within(repository, base, tip.id()) && !is_within(repository, base, trunk);
        if [base, head].contains(&tip.id()) || has_left {
            minors.insert(minor);
        }
    }
    Ok(minors.first().copied().filter(|_| minors.len() == 1))
}

/// Returns the minor in the name of a branch, of whatever remote.
fn named(policy: &PickPolicy, name: &str) -> Option<Minor> {
    let mut rest = name;
    loop {
        let draft = || rest.strip_prefix("picks/")?.split('/').next()?.parse().ok();
        if let Some(minor) = policy.minor_of(rest).or_else(draft) {
            return Some(minor);
        }
        rest = rest.split_once('/')?.1;
    }
}

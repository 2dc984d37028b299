//! Which branches are checked out.
//!
//! Moving a branch that a work tree is on leaves that work tree with changes that nobody made. git refuses that for
//! every work tree, those that are in the midst of a rebase or a bisection of the branch too; libgit2 does not.

use std::fs;
use std::path::{Path, PathBuf};

use git2::Repository;

use super::RefName;
use crate::error::Error;

/// Refuses a branch that is checked out in the main or any linked work tree.
///
/// # Errors
/// [`Error::Refused`] with the work tree.
pub(super) fn refuse_if_checked_out(repository: &Repository, name: &RefName) -> Result<(), Error> {
    match checked_out_in(repository, name)? {
        None => Ok(()),
        Some(place) => Err(Error::Refused {
            doing: format!("move `{name}`"),
            why: format!("it is checked out in {}", place.display()),
        }),
    }
}

/// Returns the work tree that a branch is checked out in.
///
/// # Errors
/// [`Error::Io`] where git's list of work trees cannot be read.
pub(super) fn checked_out_in(repository: &Repository, name: &RefName) -> Result<Option<PathBuf>, Error> {
    let common = repository.commondir();
    let is_bare = Repository::open(common).is_ok_and(|main| main.is_bare());
    if !is_bare && uses(common, name) {
        return Ok(Some(common.parent().unwrap_or(common).to_owned()));
    }
    let linked = common.join("worktrees");
    let entries = match fs::read_dir(&linked) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(Error::io("read", linked, source)),
    };
    for entry in entries {
        let folder = entry.map_err(|source| Error::io("read", &linked, source))?.path();
        if uses(&folder, name) {
            let git_file = fs::read_to_string(folder.join("gitdir")).unwrap_or_default();
            let place = Path::new(git_file.trim_end()).parent().map(Path::to_owned);
            return Ok(Some(place.unwrap_or(folder)));
        }
    }
    Ok(None)
}

/// Returns whether the work tree whose own files are in `folder` is on a branch, or will return to it.
fn uses(folder: &Path, name: &RefName) -> bool {
    let head = folder.join("HEAD");
    // git once made it a link.
    let link = fs::read_link(&head).ok().and_then(|target| target.to_str().map(str::to_owned));
    let is_in = |file: &str, text: &str| {
        fs::read_to_string(folder.join(file)).is_ok_and(|found| found.trim_end() == text)
    };
    link.is_some_and(|target| target == name.as_str())
        || is_in("HEAD", &format!("ref: {}", name.as_str()))
        || is_in("rebase-merge/head-name", name.as_str())
        || is_in("rebase-apply/head-name", name.as_str())
        || is_in("BISECT_START", name.short())
}

//! Where git looks for the hooks of a repository, and who else uses them.
//!
//! Only configuration is read. This module must not know what a hook does, and must not change anything.

use std::env::home_dir;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use git2::Repository;

use super::configuration::Configuration;
use crate::diagnostic::Diagnostic;
use crate::error::{Error, Failure};
use crate::tree::open_repository;

/// The folder that git takes hooks from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookFolder {
    /// Where it lies; it may be missing.
    pub path: PathBuf,
    /// What `core.hooksPath` says, if anything.
    pub configured: Option<PathBuf>,
    /// Who uses it.
    pub users: HookUsers,
    /// The folder that was asked about, as a path from the root of the work tree; empty for the root itself.
    pub fleet: PathBuf,
}

/// Who uses a folder of hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookUsers {
    /// This repository alone, all its work trees together.
    Repository,
    /// Whoever checks out the work tree: the folder lies in it, and may be tracked.
    WorkTree,
    /// Other repositories, too: it lies outside of this one.
    Others,
}

impl HookFolder {
    /// Finds the hooks of the repository in whose work tree the folder `root` lies.
    ///
    /// `core.hooksPath` of every level of git's configuration counts, a relative one from the root of the work tree, as
    /// in git 2.39. Without it the hooks lie in the folder that linked work trees have in common.
    ///
    /// # Errors
    /// Reports a bare repository, and hooks that are switched off. [`Error::Git`] where there is no repository, it
    /// belongs to another user, or the configuration cannot be read.
    pub fn find(root: &Path) -> Result<Self, Failure> {
        let repository = open_repository(root)?;
        let Some(workdir) = repository.workdir() else {
            let message = "a bare repository has no work tree in which commits are made";
            let finding = Diagnostic::error_nowhere("hooks-folder", message);
            return Err(Failure::Report(finding.hint("install hooks in a clone of it").into()));
        };
        let configured = configured(&repository)?;
        let path = match &configured {
            Some(path) => workdir.join(path),
            None => repository.commondir().join("hooks"),
        };
        if path.exists() && !path.is_dir() {
            let message = format!("git takes hooks from `{}`, which is no folder", path.display());
            let finding = Diagnostic::error_nowhere("hooks-folder", message);
            return Err(Failure::Report(
                finding.hint("see `git config --show-origin core.hooksPath`").into(),
            ));
        }
        let users = users(&path, &repository, workdir)?;
        let fleet = real(root)?.strip_prefix(real(workdir)?).map(Path::to_owned).unwrap_or_default();
        Ok(Self { path, configured, users, fleet })
    }
}

/// Reads `core.hooksPath`, in which `~/` stands for the user's home.
fn configured(repository: &Repository) -> Result<Option<PathBuf>, Error> {
    let configuration = Configuration::of(repository)?;
    let Some(value) = configuration.find("core.hookspath") else { return Ok(None) };
    let home = value.strip_prefix(b"~/").zip(home_dir());
    Ok(Some(match home {
        Some((rest, home)) => home.join(OsStr::from_bytes(rest)),
        None => PathBuf::from(OsStr::from_bytes(value)),
    }))
}

fn users(path: &Path, repository: &Repository, workdir: &Path) -> Result<HookUsers, Error> {
    let path = as_far_as_there(path);
    Ok(match () {
        () if path.starts_with(real(repository.commondir())?) => HookUsers::Repository,
        () if path.starts_with(real(workdir)?) => HookUsers::WorkTree,
        () => HookUsers::Others,
    })
}

fn real(path: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(path).map_err(|source| Error::io("read", path, source))
}

/// Follows the links in as much of a path as is there.
fn as_far_as_there(path: &Path) -> PathBuf {
    match (std::fs::canonicalize(path), path.parent(), path.file_name()) {
        (Ok(real), _, _) => real,
        (Err(_), Some(above), Some(name)) => as_far_as_there(above).join(name),
        // It ends in `..`: wherever that leads, it is not known to be ours.
        (Err(_), _, _) => PathBuf::from(OsStr::new("/")),
    }
}

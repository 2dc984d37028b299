//! Where an output folder lies, and that it may lie there.
//!
//! This module must not change anything but to make the folders in which the output is to lie.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::error::{Error, Failure};
use crate::tree::RepoPath;
use crate::tree::beneath::{Mounts, Root};

/// The path of an output folder that is there, or may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputPath {
    /// The folder it lies in: absolute, without links; may be missing.
    pub(super) parent: PathBuf,
    /// Its name in there.
    pub(super) name: OsString,
    /// How people know it.
    pub(super) shown: PathBuf,
}

impl OutputPath {
    /// Takes the folder that a fleet configures, a path from the fleet's root.
    ///
    /// # Errors
    /// Reports a path that leads out of the fleet through links, into `.git`, or to a link or a file.
    pub fn configured(root: &Path, path: &RepoPath) -> Result<Self, Failure> {
        let real_root = std::fs::canonicalize(root).map_err(|source| Error::io("read", root, source))?;
        let place = Self::find(&real_root.join(path.as_str()), PathBuf::from(path.as_str()))?;
        if !place.parent.starts_with(&real_root) {
            return Err(
                place.finding("leads out of the repository", "let it lead to a folder beneath the fleet")
            );
        }
        Ok(place)
    }

    /// Takes the folder that a user names for the output of the fleet at `root`, wherever it lies.
    ///
    /// # Errors
    /// Reports a path that leads into `.git`, or to a link, a file, or a folder that holds this or another fleet.
    pub fn given(root: &Path, dir: &Path) -> Result<Self, Failure> {
        let real_root = std::fs::canonicalize(root).map_err(|source| Error::io("read", root, source))?;
        let place = Self::find(dir, dir.to_owned())?;
        let path = place.path();
        if real_root.starts_with(&path) || is_there(&path.join("fleet.yaml"))? {
            let hint = "name a folder that holds nothing else, such as `rendered`";
            return Err(place.finding("holds a fleet, which would be replaced", hint));
        }
        Ok(place)
    }

    /// Returns the absolute path.
    pub(in crate::tree) fn path(&self) -> PathBuf {
        self.parent.join(&self.name)
    }

    /// Returns the name of the folder beside the output that holds what is about to be moved into place.
    pub(super) fn staging_name(&self) -> OsString {
        let mut name = OsString::from(".");
        name.push(&self.name);
        name.push(".yoshino");
        name
    }

    /// Opens the output as it is.
    pub(in crate::tree) fn open(&self) -> io::Result<Root> {
        Root::open(&self.parent, Mounts::Refuse)?.folder(self.name.as_bytes())
    }

    /// Returns whether a run that was killed may have left something beside the output.
    pub(in crate::tree) fn has_leftovers(&self) -> bool {
        is_there(&self.parent.join(self.staging_name())).unwrap_or(true)
    }

    /// Makes the folders in which the output is to lie; returns those that were missing, outermost first.
    pub(super) fn make_parents(&self) -> Result<Vec<PathBuf>, Error> {
        let mut missing: Vec<PathBuf> = Vec::new();
        for folder in self.parent.ancestors() {
            if is_there(folder)? {
                break;
            }
            missing.insert(0, folder.to_owned());
        }
        for folder in &missing {
            match std::fs::create_dir(folder) {
                Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(Error::io("make", folder, source));
                }
                _ => {}
            }
        }
        Ok(missing)
    }

    fn find(dir: &Path, shown: PathBuf) -> Result<Self, Failure> {
        // Without what a trailing `/` or `/.` would do to a link.
        let dir: PathBuf = dir.components().collect();
        let place =
            |parent: PathBuf, name: &OsStr| Self { parent, name: name.to_owned(), shown: shown.clone() };
        let found = match std::fs::symlink_metadata(&dir) {
            Ok(found) if found.is_dir() => {
                let real = std::fs::canonicalize(&dir).map_err(|source| Error::io("read", &dir, source))?;
                let (Some(parent), Some(name)) = (real.parent(), real.file_name()) else {
                    let whole = place(PathBuf::from("/"), OsStr::new("."));
                    return Err(whole.finding("is the root of everything", "name a folder beneath it"));
                };
                place(parent.to_owned(), name)
            }
            Ok(found) => {
                let what = if found.is_symlink() { "is a link" } else { "is no folder" };
                return Err(
                    place(PathBuf::new(), OsStr::new("")).finding(what, "move it away, or name another path")
                );
            }
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
                    return Err(Error::io("find", &dir, source).into());
                };
                place(real_parent(parent)?, name)
            }
            Err(source) => return Err(Error::io("find", &dir, source).into()),
        };
        found.refuse_git()
    }

    /// Refuses what lies in git's own folder: a pull request could otherwise write hooks.
    fn refuse_git(self) -> Result<Self, Failure> {
        let path = self.path();
        let is_git = |part: Component<'_>| part.as_os_str().as_bytes().eq_ignore_ascii_case(b".git");
        if path.components().any(is_git) {
            return Err(self.finding("lies in git's own folder", "name a folder outside of `.git`"));
        }
        Ok(self)
    }

    /// Says what is wrong with the path.
    pub(super) fn finding(&self, why: &str, hint: &str) -> Failure {
        let message = format!("the output `{}` {why}", self.shown.display());
        Failure::Report(Diagnostic::error_nowhere("output-path", message).hint(hint).into())
    }
}

/// Resolves links in as much of the path as is there; the rest must not go up again.
fn real_parent(parent: &Path) -> Result<PathBuf, Error> {
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    match std::fs::canonicalize(parent) {
        Ok(real) => Ok(real),
        Err(source) if source.kind() == io::ErrorKind::NotFound => {
            match (parent.parent(), parent.file_name()) {
                (Some(above), Some(name)) => Ok(real_parent(above)?.join(name)),
                _ => Err(Error::io("find", parent, source)),
            }
        }
        Err(source) => Err(Error::io("find", parent, source)),
    }
}

fn is_there(path: &Path) -> Result<bool, Error> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) if source.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(source) => Err(Error::io("find", path, source)),
    }
}

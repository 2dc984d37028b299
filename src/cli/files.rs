//! Files that a command writes where the user says.
//!
//! The output of a rendering is not among them: it is replaced as a whole, and by the library.
#![expect(clippy::disallowed_methods, reason = "writing files is what this is for")]

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use yoshino::error::Error;

/// Writes a file whole or not at all, and makes the folders that it lies in.
///
/// # Errors
/// Says what could not be made or written.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::io("make", folder, source))?;
    }
    let beside = beside(path);
    std::fs::write(&beside, text).map_err(|source| Error::io("write", &beside, source))?;
    std::fs::rename(&beside, path).map_err(|source| Error::io("replace", path, source))
}

/// A file that is replaced where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'a> {
    /// Its path from the root.
    pub path: &'a str,
    /// What it held when it was read.
    pub old: &'a [u8],
    /// What it shall hold.
    pub new: &'a [u8],
}

/// Replaces files beneath `root`, each whole, with the permissions that they had; all of them, or none where anything is
/// refused. Where a link leads on, what it leads to is replaced.
///
/// # Errors
/// Says what could not be written, and which file is no longer what was read.
pub fn replace_all(root: &Path, replacements: &[Replacement<'_>]) -> Result<(), Error> {
    let refused = |doing, path: &Path, source| Error::io(doing, path, source);
    let real_root = std::fs::canonicalize(root).map_err(|source| refused("read", root, source))?;
    let mut staged: Vec<(PathBuf, PathBuf, &[u8])> = Vec::new();
    let prepared = replacements.iter().try_for_each(|replacement| {
        let named = root.join(replacement.path);
        let path = std::fs::canonicalize(&named).map_err(|source| refused("read", &named, source))?;
        if !path.starts_with(&real_root) {
            return Err(refused(
                "replace",
                &named,
                io::Error::other("it is a link that leads out of the fleet"),
            ));
        }
        let beside = beside(&path);
        staged.push((beside.clone(), path.clone(), replacement.old));
        stage(&path, &beside, replacement)
    });
    if let Err(error) = prepared {
        staged.iter().for_each(|(beside, _, _)| _ = std::fs::remove_file(beside));
        return Err(error);
    }
    for (index, (beside, path, _)) in staged.iter().enumerate() {
        if let Err(source) = std::fs::rename(beside, path) {
            staged[index..].iter().for_each(|(beside, _, _)| _ = std::fs::remove_file(beside));
            staged[..index].iter().for_each(|(_, path, old)| _ = std::fs::write(path, old));
            return Err(refused("replace", path, source));
        }
    }
    Ok(())
}

/// Writes a file beside the one whose place it takes, if that is still what was read.
fn stage(path: &Path, beside: &Path, replacement: &Replacement<'_>) -> Result<(), Error> {
    let found = std::fs::read(path).map_err(|source| Error::io("read", path, source))?;
    if found != replacement.old {
        let changed = io::Error::other("somebody has changed it meanwhile; run this again");
        return Err(Error::io("replace", path, changed));
    }
    let permissions =
        std::fs::metadata(path).map_err(|source| Error::io("read", path, source))?.permissions();
    std::fs::write(beside, replacement.new).map_err(|source| Error::io("write", beside, source))?;
    std::fs::set_permissions(beside, permissions).map_err(|source| Error::io("write", beside, source))
}

/// Returns the path of a hidden file beside another.
fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    path.with_file_name(name)
}

/// Returns the names of what lies in a folder, sorted; none where there is no such folder.
///
/// # Errors
/// Says why the folder could not be read.
pub fn names(folder: &Path) -> Result<Vec<OsString>, Error> {
    let refused = |source| Error::io("read", folder, source);
    let entries = match std::fs::read_dir(folder) {
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(refused)?,
    };
    let names: Result<Vec<OsString>, _> = entries.map(|entry| entry.map(|entry| entry.file_name())).collect();
    let mut names = names.map_err(refused)?;
    names.sort();
    Ok(names)
}

/// Returns whether a folder, if it is there at all, lies in `root` once links are followed.
pub fn lies_within(root: &Path, folder: &Path) -> bool {
    match (std::fs::canonicalize(root), std::fs::canonicalize(folder)) {
        (Ok(root), Ok(folder)) => folder.starts_with(root),
        (_, Err(refusal)) => refusal.kind() == std::io::ErrorKind::NotFound,
        (Err(_), Ok(_)) => false,
    }
}

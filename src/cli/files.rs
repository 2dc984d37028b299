//! Files that a command writes where the user says.
//!
//! The output of a rendering is not among them: it is replaced as a whole, and by the library.
#![expect(clippy::disallowed_methods, reason = "writing files is what this is for")]

use std::ffi::OsString;
use std::path::Path;

use yoshino::error::Error;

/// Writes a file whole or not at all, and makes the folders that it lies in.
///
/// # Errors
/// Says what could not be made or written.
pub fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::io("make", folder, source))?;
    }
    let mut beside = OsString::from(".");
    beside.push(path.file_name().unwrap_or_default());
    beside.push(".new");
    let beside = path.with_file_name(beside);
    std::fs::write(&beside, text).map_err(|source| Error::io("write", &beside, source))?;
    std::fs::rename(&beside, path).map_err(|source| Error::io("replace", path, source))
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

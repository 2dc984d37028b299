//! Removes folders with all that lies in them, never through a link or into another file system.

use std::io;

use rayon::prelude::*;
use rustix::fs::{AtFlags, Mode, fchmod, unlinkat};
use rustix::io::Errno;

use super::beneath::Root;
use super::scan::{self, Entry, Kind};

/// Removes the folder `name` of `parent` and everything in it; one that is not there is no error.
pub(super) fn remove_folder(parent: &Root, name: &[u8]) -> io::Result<()> {
    match parent.folder(name) {
        Ok(folder) => empty_folder(&folder)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    Ok(unlinkat(parent, name, AtFlags::REMOVEDIR)?)
}

/// Removes everything in a folder, but not the folder.
pub(super) fn empty_folder(folder: &Root) -> io::Result<()> {
    let (folders, others): (Vec<Entry>, Vec<Entry>) =
        scan::entries(folder)?.into_iter().partition(|entry| entry.kind == Kind::Folder);
    for entry in &others {
        remove_file(folder, &entry.name)?;
    }
    folders.par_iter().try_for_each(|entry| remove_folder(folder, &entry.name))
}

/// Removes what is no folder; one that is not there is no error.
pub(super) fn remove_file(folder: &Root, name: &[u8]) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        // A folder that others keep read-only is a copy here, or what was replaced.
        Err(Errno::ACCESS) => {
            fchmod(folder, Mode::RWXU)?;
            Ok(unlinkat(folder, name, AtFlags::empty())?)
        }
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

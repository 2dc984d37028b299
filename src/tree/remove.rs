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
        unlink(folder, &entry.name, AtFlags::empty())?;
    }
    folders.par_iter().try_for_each(|entry| {
        match folder.folder(&entry.name) {
            Ok(inner) => empty_folder(&inner)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        unlink(folder, &entry.name, AtFlags::REMOVEDIR)
    })
}

/// Removes what is no folder; one that is not there is no error.
pub(super) fn remove_file(folder: &Root, name: &[u8]) -> io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Removes an entry of a folder that is to be removed as well.
fn unlink(folder: &Root, name: &[u8], flags: AtFlags) -> io::Result<()> {
    match unlinkat(folder, name, flags) {
        // Others may have made it read-only, and carried over it still is.
        Err(Errno::ACCESS) => {
            fchmod(folder, Mode::RWXU)?;
            Ok(unlinkat(folder, name, flags)?)
        }
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(refusal) => Err(refusal.into()),
    }
}

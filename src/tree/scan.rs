//! What lies beneath a folder, whoever put it there.
//!
//! Names are bytes here, because others may have named things as they liked. This module must not open files.

use std::io;
use std::path::PathBuf;

use rayon::prelude::*;
use rustix::fs::{AtFlags, Dir, FileType, Stat, fstat, statat};

use super::beneath::Root;
use super::raw_path::{as_path, join};

/// How deep folders may lie in each other.
const DEEPEST: usize = 256;

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A folder.
    Folder,
    /// A plain file.
    File,
    /// A link, a FIFO, a socket, a device.
    Other,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, or its path, as the function that made it says.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
}

/// What could not be listed, and why.
#[derive(Debug)]
pub(super) struct Unlisted {
    /// The folder, as a path from where the listing began.
    pub path: PathBuf,
    /// What the operating system said.
    pub source: io::Error,
}

/// Lists the entries of one folder, each with its name, sorted.
pub(super) fn entries(folder: &Root) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let file_type = match entry.file_type() {
            // Some file systems do not say.
            FileType::Unknown => {
                FileType::from_raw_mode(statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode)
            }
            known => known,
        };
        let kind = match file_type {
            FileType::Directory => Kind::Folder,
            FileType::RegularFile => Kind::File,
            _ => Kind::Other,
        };
        entries.push(Entry { name: name.to_vec(), kind });
    }
    entries.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

/// Lists everything beneath `root`, each with its path from there, in no order.
///
/// # Errors
/// Returns one of the folders that cannot be read, or in which another file system is mounted.
pub(super) fn list(root: &Root) -> Result<Vec<Entry>, Unlisted> {
    list_folder(root, Vec::new(), DEEPEST)
}

fn list_folder(root: &Root, path: Vec<u8>, deeper: usize) -> Result<Vec<Entry>, Unlisted> {
    let refused = |source| Unlisted { path: as_path(&path).to_owned(), source };
    if deeper == 0 {
        return Err(refused(io::Error::other(format!("more than {DEEPEST} folders lie in each other"))));
    }
    let mut found = root.folder(&path).and_then(|folder| entries(&folder)).map_err(refused)?;
    for entry in &mut found {
        entry.name = join(&path, &entry.name);
    }
    let folders = found.par_iter().filter(|entry| entry.kind == Kind::Folder);
    let beneath: Vec<Vec<Entry>> =
        folders.map(|entry| list_folder(root, entry.name.clone(), deeper - 1)).collect::<Result<_, _>>()?;
    found.extend(beneath.into_iter().flatten());
    Ok(found)
}

/// One entry of a tree, with what the file system says about it.
#[derive(Clone, Debug)]
pub(super) struct Dated {
    /// Its path from the root; empty for the root itself.
    pub path: Vec<u8>,
    /// Its dates, size, inode and permissions.
    pub status: Stat,
}

impl Dated {
    /// Returns what it is.
    pub fn kind(&self) -> Kind {
        match FileType::from_raw_mode(self.status.st_mode) {
            FileType::Directory => Kind::Folder,
            FileType::RegularFile => Kind::File,
            _ => Kind::Other,
        }
    }
}

/// Lists `root` and everything beneath it, in an order that depends on the names alone.
///
/// # Errors
/// Returns one of the folders that cannot be read, or in which another file system is mounted.
pub(super) fn list_dated(root: &Root) -> Result<Vec<Dated>, Unlisted> {
    let status = fstat(root).map_err(|errno| Unlisted { path: PathBuf::new(), source: errno.into() })?;
    let mut found = vec![Dated { path: Vec::new(), status }];
    found.append(&mut list_folder_dated(root, Vec::new(), DEEPEST)?);
    Ok(found)
}

fn list_folder_dated(root: &Root, path: Vec<u8>, deeper: usize) -> Result<Vec<Dated>, Unlisted> {
    let refused = |source| Unlisted { path: as_path(&path).to_owned(), source };
    if deeper == 0 {
        return Err(refused(io::Error::other(format!("more than {DEEPEST} folders lie in each other"))));
    }
    let dated = |folder: Root| -> io::Result<Vec<Dated>> {
        let dated = |entry: Entry| -> io::Result<Dated> {
            let status = statat(&folder, &entry.name, AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(Dated { path: join(&path, &entry.name), status })
        };
        entries(&folder)?.into_iter().map(dated).collect()
    };
    let mut found = root.folder(&path).and_then(dated).map_err(refused)?;
    let folders = found.par_iter().filter(|entry| entry.kind() == Kind::Folder);
    let beneath: Vec<Vec<Dated>> = folders
        .map(|entry| list_folder_dated(root, entry.path.clone(), deeper - 1))
        .collect::<Result<_, _>>()?;
    found.extend(beneath.into_iter().flatten());
    Ok(found)
}

//! What lies beneath a folder, whoever put it there.
//!
//! Names are bytes here, because others may have named things as they liked. This module must not open files.

use std::io;
use std::path::PathBuf;

use rayon::prelude::*;
use rustix::fs::{AtFlags, Dir, FileType, statat};

use super::beneath::{Root, as_path};

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

/// Returns the path of `name` in `folder`, `""` being the root.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}

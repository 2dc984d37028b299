//! What lies beneath a folder, whoever put it there.
//!
//! Names are bytes here, because others may have named things as they liked. This module must not open files.

use std::io;
use std::os::fd::BorrowedFd;
use std::path::PathBuf;

use rayon::prelude::*;
use rustix::fs::{AtFlags, Dir, FileType, Stat, fstat, statat};

use super::beneath::Root;
use super::clock::Moment;
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

impl Kind {
    fn of(file_type: FileType) -> Self {
        match file_type {
            FileType::Directory => Self::Folder,
            FileType::RegularFile => Self::File,
            _ => Self::Other,
        }
    }
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name, or its path, as the function that made it says.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
}

/// What the file system says of one entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dated {
    /// Its name.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: Kind,
    /// Its inode's number.
    pub inode: u64,
    /// Type and permissions.
    pub mode: u32,
    /// Bytes.
    pub size: i64,
    /// When the content was last written.
    pub written: Moment,
    /// When the inode last changed.
    pub changed: Moment,
}

/// A folder with what the file system says of its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    /// Its path from the root.
    pub path: Vec<u8>,
    /// Its entries, by name.
    pub entries: Vec<Dated>,
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
    read(&mut Dir::read_from(folder)?)
}

/// Lists everything beneath `root`, each with its path from there, in no order.
///
/// # Errors
/// Returns one of the folders that cannot be read, or in which another file system is mounted.
pub(super) fn list(root: &Root) -> Result<Vec<Entry>, Unlisted> {
    let visit = |path: &[u8], _: BorrowedFd<'_>, mut entries: Vec<Entry>| {
        for entry in &mut entries {
            entry.name = join(path, &entry.name);
        }
        Ok(entries)
    };
    let folders = visit_folders(root, Vec::new(), DEEPEST, &visit)?;
    Ok(folders.into_iter().flatten().collect())
}

/// Lists `root` and every folder beneath it, in an order that depends on the names alone. `root` itself comes before
/// all, as the only entry of a folder of its own, without a name.
///
/// # Errors
/// Returns one of the folders that cannot be read, or in which another file system is mounted.
pub(super) fn list_dated(root: &Root) -> Result<Vec<Folder>, Unlisted> {
    let visit = |path: &[u8], folder: BorrowedFd<'_>, entries: Vec<Entry>| {
        let dated = |entry: Entry| -> io::Result<Dated> {
            let status = statat(folder, &entry.name, AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(Dated::new(entry.name, &status))
        };
        let entries = entries.into_iter().map(dated).collect::<io::Result<_>>()?;
        Ok(Folder { path: path.to_vec(), entries })
    };
    let status = fstat(root).map_err(|errno| Unlisted { path: PathBuf::new(), source: errno.into() })?;
    let itself = Folder { path: Vec::new(), entries: vec![Dated::new(Vec::new(), &status)] };
    let mut folders = visit_folders(root, Vec::new(), DEEPEST, &visit)?;
    folders.insert(0, itself);
    Ok(folders)
}

/// Visits the folder `path` beneath `root`, then those in it, and returns what the visits gave in that order.
fn visit_folders<T: Send>(
    root: &Root,
    path: Vec<u8>,
    deeper: usize,
    visit: &(impl Fn(&[u8], BorrowedFd<'_>, Vec<Entry>) -> io::Result<T> + Sync),
) -> Result<Vec<T>, Unlisted> {
    let open = || -> io::Result<(T, Vec<Vec<u8>>)> {
        if deeper == 0 {
            return Err(io::Error::other(format!("more than {DEEPEST} folders lie in each other")));
        }
        let mut folder = Dir::new(root.folder(&path)?.into_fd())?;
        let entries = read(&mut folder)?;
        let inner = entries.iter().filter(|entry| entry.kind == Kind::Folder);
        let inner = inner.map(|entry| join(&path, &entry.name)).collect();
        Ok((visit(&path, folder.fd()?, entries)?, inner))
    };
    // What is open is closed before the inner folders are, so that depth costs no descriptors.
    let (visited, inner) = open().map_err(|source| Unlisted { path: as_path(&path).to_owned(), source })?;
    let inner: Vec<Vec<T>> = inner
        .into_par_iter()
        .map(|path| visit_folders(root, path, deeper - 1, visit))
        .collect::<Result<_, _>>()?;
    let mut all = vec![visited];
    all.extend(inner.into_iter().flatten());
    Ok(all)
}

fn read(folder: &mut Dir) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    while let Some(entry) = folder.read() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let file_type = match entry.file_type() {
            // Some file systems do not say.
            FileType::Unknown => {
                FileType::from_raw_mode(statat(folder.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?.st_mode)
            }
            known => known,
        };
        entries.push(Entry { name: name.to_vec(), kind: Kind::of(file_type) });
    }
    entries.sort_unstable_by(|left, right| left.name.cmp(&right.name));
    Ok(entries)
}

impl Dated {
    fn new(name: Vec<u8>, status: &Stat) -> Self {
        Self {
            name,
            kind: Kind::of(FileType::from_raw_mode(status.st_mode)),
            inode: status.st_ino,
            mode: status.st_mode,
            size: status.st_size,
            written: Moment::written(status),
            changed: Moment::changed(status),
        }
    }
}

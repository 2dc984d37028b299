//! What an output holds now, and how it compares with what is rendered.
//!
//! Nothing here changes a file, and no link is followed.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileExt as _;

use rayon::prelude::*;
use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use super::place::OutputPath;
use super::plan::{Current, Met, Owner, as_repo_path};
use crate::error::Error;
use crate::tree::beneath::Root;
use crate::tree::raw_path::{as_path, split};
use crate::tree::scan::{self, Entry, Kind};
use crate::tree::{FileTree, RepoPath};

/// How the first line of every generated file begins; what lacks it is somebody else's.
pub const HEADER: &str = "# yoshino: generated from ";

/// Compares the file `path` of an output with what was rendered for it.
pub(super) fn meet(output: &Root, path: &str, bytes: &[u8]) -> io::Result<Met> {
    let opened = match output.file(path.as_bytes()) {
        // What stands there or on the way instead is looked at when everything is rendered.
        Err(error) if is_no_file(&error) => return Ok(Met::Nothing),
        opened => opened?,
    };
    let status = fstat(&opened)?;
    if !FileType::from_raw_mode(status.st_mode).is_file() {
        return Ok(Met::Nothing);
    }
    let file = std::fs::File::from(opened);
    if u64::try_from(status.st_size).is_ok_and(|size| size == bytes.len() as u64) && holds(&file, bytes)? {
        return Ok(Met::Same);
    }
    Ok(if has_header(&file)? { Met::Generated } else { Met::Foreign })
}

/// Compares the file `path` of an output in memory with what was rendered for it.
pub(super) fn meet_in(output: &FileTree, path: &RepoPath, bytes: &[u8]) -> Met {
    match output.0.get(path) {
        None => Met::Nothing,
        Some(found) if **found == *bytes => Met::Same,
        Some(found) if found.starts_with(HEADER.as_bytes()) => Met::Generated,
        Some(_) => Met::Foreign,
    }
}

/// Lists what an output in memory holds, and whose each file is that is not in `rendered`.
pub(super) fn list_in(output: &FileTree, rendered: &BTreeMap<RepoPath, Met>) -> Current {
    let mut current = Current::default();
    for (path, bytes) in &output.0 {
        let owner = match rendered.contains_key(path) {
            true => Owner::Rendered,
            false if bytes.starts_with(HEADER.as_bytes()) => Owner::Generated,
            false => Owner::Foreign,
        };
        let path = path.as_str().as_bytes();
        current.files.insert(path.to_vec(), owner);
        let folders = std::iter::successors(Some(split(path).0), |folder| Some(split(folder).0));
        current.folders.extend(folders.take_while(|folder| !folder.is_empty()).map(<[u8]>::to_vec));
    }
    current
}

/// Lists what an output holds, and whose each file is that is not in `rendered`.
pub(super) fn list(
    place: &OutputPath,
    output: &Root,
    rendered: &BTreeMap<RepoPath, Met>,
) -> Result<Current, Error> {
    let unlisted = |error: scan::Unlisted| Error::io("read", place.shown.join(error.path), error.source);
    let entries = scan::list(output).map_err(unlisted)?;
    let (folders, files): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.kind == Kind::Folder);
    let owned = |entry: Entry| match owner(output, &entry, rendered) {
        Ok(owner) => Ok((entry.name, owner)),
        Err(source) => Err(Error::io("read", place.shown.join(as_path(&entry.name)), source)),
    };
    let files: BTreeMap<Vec<u8>, Owner> = files.into_par_iter().map(owned).collect::<Result<_, _>>()?;
    let folders: std::collections::BTreeSet<Vec<u8>> = folders.into_iter().map(|entry| entry.name).collect();
    let mut empty = folders.clone();
    for path in files.keys().chain(&folders) {
        empty.remove(split(path).0);
    }
    Ok(Current { files, folders, empty })
}

/// Reads the file `path` of an output.
pub(super) fn read(output: &Root, path: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::from(output.file(path.as_bytes())?).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn owner(output: &Root, entry: &Entry, rendered: &BTreeMap<RepoPath, Met>) -> io::Result<Owner> {
    // We write no names that we could not read again.
    let Some(path) = as_repo_path(&entry.name).filter(|_| entry.kind == Kind::File) else {
        return Ok(Owner::Foreign);
    };
    if rendered.contains_key(&path) {
        return Ok(Owner::Rendered);
    }
    let opened: OwnedFd = match output.file(&entry.name) {
        // Somebody removed it meanwhile, or made it something else.
        Err(error) if is_no_file(&error) => return Ok(Owner::Foreign),
        opened => opened?,
    };
    Ok(if has_header(&opened.into())? { Owner::Generated } else { Owner::Foreign })
}

fn has_header(file: &std::fs::File) -> io::Result<bool> {
    let mut start = [0; HEADER.len()];
    match file.read_exact_at(&mut start, 0) {
        Ok(()) => Ok(start == HEADER.as_bytes()),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Returns whether a file begins with `bytes`.
fn holds(file: &std::fs::File, bytes: &[u8]) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let mut rest = bytes;
    let mut file = file;
    while !rest.is_empty() {
        let wanted = rest.len().min(buffer.len());
        let read = file.read(&mut buffer[..wanted])?;
        if read == 0 || buffer[..read] != rest[..read] {
            return Ok(false);
        }
        rest = &rest[read..];
    }
    Ok(true)
}

/// Nothing is there, or no plain file: a link, a socket, a file where a folder was looked for.
fn is_no_file(error: &io::Error) -> bool {
    matches!(
        Errno::from_io_error(error),
        Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO | Errno::NODEV)
    )
}

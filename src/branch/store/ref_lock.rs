//! git's lock of one ref, which becomes the ref.
//!
//! git's files: `refs/heads/x.lock` is made where it is not there yet, holds the new value, and is renamed to `x`. Here it
//! is a link to a value that is durable already, so that there is never a lock without its value, and a killed run's
//! is known again (see [`Turn`]). This module must not compare: what a ref is at is read by the caller, under the lock.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use git2::Oid;

use super::RefName;
use super::pack::sync;
use super::turn::Turn;
use crate::error::Error;

/// A locked ref; given up when dropped.
pub(super) struct RefLock {
    /// The ref's own file.
    place: PathBuf,
    lock: PathBuf,
    value: PathBuf,
    held: bool,
}

/// How often folders are made that git, deleting another ref, takes away again.
const TRIES: usize = 5;

impl RefLock {
    /// Locks a ref for becoming `to`.
    ///
    /// # Errors
    /// [`Error::Refused`] where another program holds the lock, with its age; [`Error::Io`] else.
    pub fn take(turn: &Turn, name: &RefName, to: Oid) -> Result<Self, Error> {
        let place = turn.git().join(name.as_str());
        let lock = turn.git().join(format!("{}.lock", name.as_str()));
        let mut taken = Self { place, lock, value: turn.value_of(name), held: false };
        let refused = |path: &Path, source| Error::io("write", path, source);
        write_value(&taken.value, to).map_err(|source| refused(&taken.value, source))?;
        match taken.link(turn.git()) {
            Ok(()) => taken.held = true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(locked(name, &taken.lock));
            }
            Err(error) => return Err(refused(&taken.lock, error)),
        }
        if let Some(folder) = taken.lock.parent() {
            stay_within(folder, turn.git())?;
        }
        Ok(taken)
    }

    /// Puts the new value in the ref's place, durably.
    ///
    /// # Errors
    /// [`Error::Io`] where a file cannot be written; the ref is then as it was.
    pub fn put_in_place(mut self) -> Result<(), Error> {
        let refused = |source| Error::io("write", &self.place, source);
        // Where refs beneath this name were deleted, git may have left their folders.
        remove_empty_folders(&self.place).map_err(refused)?;
        fs::rename(&self.lock, &self.place).map_err(refused)?;
        self.held = false;
        self.place.parent().map_or(Ok(()), sync)
    }

    /// Makes the lock file where there is none, its folders with it.
    fn link(&self, git: &Path) -> io::Result<()> {
        for attempt in 1.. {
            make_folders(self.lock.parent().unwrap_or(git))?;
            match fs::hard_link(&self.value, &self.lock) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && attempt < TRIES => {}
                Err(error) if has_no_links(&error) => return self.copy(),
                result => return result,
            }
        }
        Ok(())
    }

    /// Makes the lock file on a file system without hard links: a killed run's is then left to the user, as git's are.
    fn copy(&self) -> io::Result<()> {
        let value = fs::read(&self.value)?;
        let mut lock = File::create_new(&self.lock)?;
        lock.write_all(&value)?;
        lock.sync_all()
    }
}

impl Drop for RefLock {
    fn drop(&mut self) {
        // What cannot be removed, the next turn removes: the value is removed last, since the lock is known by it.
        if self.held && fs::remove_file(&self.lock).is_err() {
            return;
        }
        _ = fs::remove_file(&self.value);
    }
}

fn write_value(path: &Path, to: Oid) -> io::Result<()> {
    let mut value = File::create_new(path)?;
    value.write_all(format!("{to}\n").as_bytes())?;
    value.sync_all()
}

/// Makes a folder and those above it, each of them durable.
pub(super) fn make_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().ok_or(io::ErrorKind::NotFound)?;
    make_folders(above)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(above)?.sync_all()
}

/// Refuses to follow links that lead out of git's folder.
fn stay_within(folder: &Path, git: &Path) -> Result<(), Error> {
    let real = |path: &Path| fs::canonicalize(path).map_err(|source| Error::io("read", path, source));
    match real(folder)?.starts_with(real(git)?) {
        true => Ok(()),
        false => Err(Error::Refused {
            doing: format!("write to {}", folder.display()),
            why: "it leads out of the repository".to_owned(),
        }),
    }
}

fn has_no_links(error: &io::Error) -> bool {
    use io::ErrorKind::{PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), PermissionDenied | TooManyLinks | Unsupported)
}

fn locked(name: &RefName, lock: &Path) -> Error {
    let age = fs::symlink_metadata(lock).and_then(|lock| lock.modified()).ok();
    let age = age.and_then(|made| SystemTime::now().duration_since(made).ok());
    let age = age.map_or_else(String::new, |age| format!(", made {} s ago", age.as_secs()));
    Error::Refused {
        doing: format!("lock `{name}`"),
        why: format!(
            "{} is there{age}: another program is moving it, or was killed; remove the file if none is running",
            lock.display()
        ),
    }
}

/// Removes a folder that holds nothing but folders, if there is one at that path.
pub(super) fn remove_empty_folders(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    }
    for entry in fs::read_dir(path)? {
        remove_empty_folders(&entry?.path())?;
    }
    fs::remove_dir(path)
}

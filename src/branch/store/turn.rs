//! One run at a time writes to a repository, and has a folder for what it has not finished.
//!
//! The folder is `yoshino` in git's own. Whoever holds its lock (`flock`, which the operating system gives up for a
//! process that is killed) owns all that is in it: half a pack, and values of refs. A value is linked to git's lock file
//! of its ref, so a lock that a killed run left is known by being the same file, and taken away. Locks of others are
//! never touched.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use super::RefName;
use crate::error::Error;

/// The right to write to a repository, as long as it lives.
pub(super) struct Turn {
    /// git's folder, which all work trees have in common.
    git: PathBuf,
    folder: PathBuf,
    _lock: File,
}

const FOLDER: &str = "yoshino";

/// How long another run is waited for. Writing takes less than a second; rendering and planning are not waited for.
const TRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(20);

impl Turn {
    /// Waits for a turn in git's folder `git`, and takes away what a killed run has left there.
    ///
    /// # Errors
    /// [`Error::Locked`] where another run holds it for ten seconds, [`Error::Io`] where the folder cannot be made.
    pub fn take(git: &Path) -> Result<Self, Error> {
        let folder = git.join(FOLDER);
        let refused = |source| Error::io("write", &folder, source);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(refused(error)),
            _ => {}
        }
        if !fs::symlink_metadata(&folder).map_err(refused)?.is_dir() {
            return Err(refused(io::ErrorKind::NotADirectory.into()));
        }
        let lock = File::open(&folder).map_err(refused)?;
        wait_for(&lock, TRIES).map_err(refused)?.ok_or_else(|| Error::Locked { path: git.to_owned() })?;
        let turn = Self { git: git.to_owned(), folder, _lock: lock };
        turn.sweep()?;
        Ok(turn)
    }

    /// Returns the folder for what is not finished.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns git's folder.
    pub fn git(&self) -> &Path {
        &self.git
    }

    /// Returns where the new value of a ref stands before it is one.
    pub fn value_of(&self, name: &RefName) -> PathBuf {
        self.folder.join(name.as_str().replace('/', "%"))
    }

    fn sweep(&self) -> Result<(), Error> {
        let refused = |source| Error::io("read", &self.folder, source);
        for entry in fs::read_dir(&self.folder).map_err(refused)? {
            let left = entry.map_err(refused)?.path();
            let name = left.file_name().and_then(|name| name.to_str()).map(|name| name.replace('%', "/"));
            if let Some(name) = name.and_then(|name| RefName::new(&name).ok()) {
                let lock = self.git.join(format!("{}.lock", name.as_str()));
                if is_one_file(&left, &lock) {
                    fs::remove_file(&lock).map_err(|source| Error::io("remove", lock, source))?;
                }
            }
            fs::remove_file(&left).map_err(|source| Error::io("remove", left, source))?;
        }
        Ok(())
    }
}

/// Locks a folder; `None` where another one holds it all the time.
fn wait_for(lock: &File, tries: u32) -> io::Result<Option<()>> {
    for _ in 0..tries {
        match lock.try_lock() {
            Ok(()) => return Ok(Some(())),
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
            Err(TryLockError::Error(refusal)) => return Err(refusal),
        }
    }
    Ok(None)
}

/// Returns whether two names are of the same file.
fn is_one_file(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (fs::symlink_metadata(one), fs::symlink_metadata(other)) else { return false };
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::temp::{TempFolder, TestResult};

    #[test]
    fn whoever_comes_while_another_one_writes_gives_up_in_the_end() -> TestResult {
        let git = TempFolder::new()?;
        let turn = Turn::take(git.path())?;
        let lock = File::open(git.join(FOLDER))?;

        assert_eq!(wait_for(&lock, 2)?, None);
        drop(turn);
        assert_eq!(wait_for(&lock, 2)?, Some(()));
        Ok(())
    }
}

//! One run at a time on an output.
//!
//! The lock is the folder itself (`flock`): it leaves nothing behind, and the operating system gives it up for a
//! process that is killed. This module must not change anything.

use std::io;

use rustix::fs::{AtFlags, FlockOperation, flock, fstat, statat};
use rustix::io::Errno;

use crate::tree::beneath::Root;

/// What came of locking a folder.
#[derive(Debug)]
pub(super) enum Locked {
    /// The lock is held as long as the folder is open.
    Held(Root),
    /// There is no such folder.
    Missing,
    /// Another run holds it.
    Busy,
}

/// Who else may hold the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// Nobody: a run that writes.
    Nobody,
    /// Other runs that only read.
    Readers,
}

/// Locks the folder `name` of `parent`, without waiting.
pub(super) fn lock_folder(parent: &Root, name: &[u8], share: Share) -> io::Result<Locked> {
    let folder = match parent.folder(name) {
        Ok(folder) => folder,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Locked::Missing),
        Err(error) => return Err(error),
    };
    if !try_lock(&folder, share)? {
        return Ok(Locked::Busy);
    }
    // Between opening and locking, another run may have moved its own folder there and let go.
    let held = fstat(&folder)?;
    match statat(parent, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(there) if (there.st_dev, there.st_ino) == (held.st_dev, held.st_ino) => Ok(Locked::Held(folder)),
        Ok(_) | Err(Errno::NOENT) => Ok(Locked::Busy),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Locks an open folder; returns whether nobody else holds it.
pub(super) fn try_lock(folder: &Root, share: Share) -> io::Result<bool> {
    let operation = match share {
        Share::Nobody => FlockOperation::NonBlockingLockExclusive,
        Share::Readers => FlockOperation::NonBlockingLockShared,
    };
    match flock(folder, operation) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(refusal) => Err(refusal.into()),
    }
}

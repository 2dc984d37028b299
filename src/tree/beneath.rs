//! Opens files and folders beneath a folder that is open already.
//!
//! A path is looked up from the open folder only, and never through a symlink, whatever somebody swaps in
//! meanwhile. This module must not follow links; who wants one followed resolves it first (`link`).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, fstat, openat};
use rustix::io::Errno;

use super::raw_path::split;

/// What to do with another file system that is mounted on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mounts {
    /// Its files count as any others: what is only read.
    Cross,
    /// `EXDEV`: what is to be linked, moved or removed.
    Refuse,
}

/// A folder that is open, as the root of paths.
#[derive(Debug)]
pub(super) struct Root {
    folder: OwnedFd,
    mounts: Mounts,
}

impl Root {
    /// Opens the folder `path` wherever it lies, links in it followed: what the user named.
    pub fn open(path: &Path, mounts: Mounts) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self { folder: openat(CWD, path, flags, Mode::empty())?, mounts })
    }

    /// Opens the folder `path` beneath this one, itself for an empty path.
    ///
    /// # Errors
    /// `ENOENT` where nothing is there, `ENOTDIR` or `ELOOP` where something else is.
    pub fn folder(&self, path: &[u8]) -> io::Result<Self> {
        let path = if path.is_empty() { b"." } else { path };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        Ok(Self { folder: self.open_beneath(path, flags)?, mounts: self.mounts })
    }

    /// Opens the file `path` beneath this folder for reading, without ever waiting for the other end of a FIFO.
    ///
    /// # Errors
    /// `ENOENT` where nothing is there, `ENOTDIR` or `ELOOP` where a file or a link stands on the way, or a link
    /// is what is named.
    pub fn file(&self, path: &[u8]) -> io::Result<OwnedFd> {
        let quietly = OFlags::NONBLOCK | OFlags::NOCTTY;
        Ok(self.open_beneath(path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | quietly)?)
    }

    /// Gives up the rules for what is opened beneath.
    pub fn into_fd(self) -> OwnedFd {
        self.folder
    }

    #[cfg(target_os = "linux")]
    fn open_beneath(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};

        let mut resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        resolve.set(ResolveFlags::NO_XDEV, self.mounts == Mounts::Refuse);
        match openat2(&self.folder, path, flags, Mode::empty(), resolve) {
            // Linux before 5.6, and sandboxes that do not know the call.
            Err(Errno::NOSYS | Errno::PERM) => self.open_part_by_part(path, flags),
            opened => opened,
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_beneath(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        self.open_part_by_part(path, flags)
    }

    /// Does what `openat2` does, with one call for each part of the path.
    fn open_part_by_part(&self, path: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let (folders, last) = split(path);
        let through = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut folder: Option<OwnedFd> = None;
        for part in folders.split(|byte| *byte == b'/').filter(|part| !part.is_empty()) {
            let parent = folder.as_ref().map_or(self.folder.as_fd(), OwnedFd::as_fd);
            folder = Some(self.open_part(parent, part, through)?);
        }
        self.open_part(folder.as_ref().map_or(self.folder.as_fd(), OwnedFd::as_fd), last, flags)
    }

    fn open_part(&self, folder: BorrowedFd<'_>, part: &[u8], flags: OFlags) -> rustix::io::Result<OwnedFd> {
        let opened = openat(folder, part, flags | OFlags::NOFOLLOW, Mode::empty())?;
        let crosses = self.mounts == Mounts::Refuse && fstat(&opened)?.st_dev != fstat(folder)?.st_dev;
        if crosses { Err(Errno::XDEV) } else { Ok(opened) }
    }
}

impl AsFd for Root {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.folder.as_fd()
    }
}

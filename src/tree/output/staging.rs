//! The folder beside the output in which the next output grows.
//!
//! It is called `.NAME.yoshino` and holds a `.gitignore` that hides it, and in `new` what is about to be moved into
//! place; after the move `new` holds what was replaced. Where trees cannot be exchanged in one call it also holds
//! `ready`, which says that `new` is whole, and `old`. This module must not decide what belongs into the output,
//! and must not touch it.

use std::io::{self, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use rustix::fs::{
    AtFlags, FileType, Mode, OFlags, Stat, Timespec, Timestamps, chmodat, fchmod, fstat, futimens, linkat,
    mkdirat, openat, readlinkat, statat, symlinkat,
};
use rustix::io::Errno;

use super::lock::{Locked, Share, lock_folder};
use super::place::OutputPath;
use super::swap;
use crate::error::Error;
use crate::tree::beneath::{Mounts, Root};
use crate::tree::raw_path::{as_path, split};
use crate::tree::remove;

/// What `.gitignore` says; by it a folder is known to be ours, and may be removed.
pub(super) const IGNORE: &[u8] =
    b"# yoshino: what render is about to move into place; the next run clears it away\n*\n";

/// The names in a staging folder.
pub(super) const IGNORE_NAME: &[u8] = b".gitignore";
pub(super) const NEW: &[u8] = b"new";
pub(super) const OLD: &[u8] = b"old";
pub(super) const READY: &[u8] = b"ready";

/// The permissions of what is written, whatever the umask.
const FILE_MODE: Mode = Mode::from_raw_mode(0o644);
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o755);

/// What the umask does to the permissions of what is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Umask {
    /// They come out as they are meant.
    Leaves,
    /// They have to be set.
    Changes,
}

/// What becomes of the staging folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is removed when it is dropped.
    InUse,
    /// It is somebody else's now, if there is one of its name.
    Removed,
}

/// The staging folder of one run, locked; removed when dropped.
#[derive(Debug)]
pub(super) struct Staging {
    place: OutputPath,
    /// The folder that the output lies in.
    pub parent: Root,
    /// The staging folder itself.
    pub home: Root,
    /// The next output, as far as it is there.
    pub new: Root,
    umask: Umask,
    fate: Fate,
    /// The folders above the output that this run made, outermost first.
    made: Vec<PathBuf>,
}

impl Staging {
    /// Makes the staging folder of an output, and the folders above it.
    ///
    /// # Errors
    /// [`Error::Locked`] where another run has made it in the meantime.
    pub fn create(place: &OutputPath) -> Result<Self, Error> {
        let made = place.make_parents()?;
        let name = place.staging_name().into_vec();
        let refused = |source: io::Error| Error::io("make", place.parent.join(as_path(&name)), source);
        let locked = || Error::Locked { path: place.shown.clone() };
        let parent = Root::open(&place.parent, Mounts::Refuse).map_err(refused)?;
        match mkdirat(&parent, &name, FOLDER_MODE) {
            Err(Errno::EXIST) => return Err(locked()),
            made => made.map_err(|errno| refused(errno.into()))?,
        }
        let Locked::Held(home) = lock_folder(&parent, &name, Share::Nobody).map_err(refused)? else {
            return Err(locked());
        };
        match furnish(&home) {
            Ok((new, umask)) => {
                Ok(Self { place: place.clone(), parent, home, new, umask, fate: Fate::InUse, made })
            }
            Err(source) => {
                _ = clear(&parent, &name, &home);
                remove_made(&made);
                Err(refused(source))
            }
        }
    }

    /// Writes a file of the next output, afresh.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let refused = |source: io::Error| Error::io("write", self.place.shown.join(path), source);
        self.try_write(path.as_bytes(), bytes, FILE_MODE).map_err(refused)?;
        Ok(())
    }

    /// Makes what stands at `path` of the output `old` part of the next output, as the same file where that can be.
    /// Returns what the file system said about it before.
    pub fn carry_over(&self, old: &Root, path: &[u8]) -> Result<Stat, Error> {
        let carry_over = || -> io::Result<Stat> {
            let status = statat(old, path, AtFlags::SYMLINK_NOFOLLOW)?;
            match self.with_folder(path, || linkat(old, path, &self.new, path, AtFlags::empty())) {
                Err(error) if is_link_refused(&error) => self.copy(old, path, &status)?,
                linked => linked?,
            }
            Ok(status)
        };
        carry_over().map_err(|source| Error::io("keep", self.place.shown.join(as_path(path)), source))
    }

    /// Makes a folder of the next output; one that is there already is no error.
    pub fn make_folder(&self, path: &[u8]) -> Result<(), Error> {
        let refused = |source: io::Error| Error::io("make", self.place.shown.join(as_path(path)), source);
        self.try_make_folder(path).map_err(refused)
    }

    /// Gives the folder `path` of the next output the permissions and the owner that it has in the output `old`.
    pub fn carry_over_folder(&self, old: &Root, path: &[u8]) -> Result<(), Error> {
        let carried = carry_over_folder(old, &self.new, path);
        carried.map_err(|source| Error::io("keep", self.place.shown.join(as_path(path)), source))
    }

    /// Removes the staging folder and all that it holds.
    pub fn remove(mut self) -> Result<(), Error> {
        self.fate = Fate::Removed;
        self.clear()
    }

    fn clear(&self) -> Result<(), Error> {
        let name = self.place.staging_name().into_vec();
        let removed = clear(&self.parent, &name, &self.home);
        removed.map_err(|source| Error::io("remove", self.place.parent.join(as_path(&name)), source))
    }

    fn try_write(&self, path: &[u8], bytes: &[u8], mode: Mode) -> io::Result<std::fs::File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = self.with_folder(path, || openat(&self.new, path, flags, mode))?;
        if self.umask == Umask::Changes || mode != FILE_MODE {
            fchmod(&opened, mode)?;
        }
        let mut file = std::fs::File::from(opened);
        file.write_all(bytes)?;
        Ok(file)
    }

    /// Does what a hard link does, as well as a copy can.
    fn copy(&self, old: &Root, path: &[u8], status: &Stat) -> io::Result<()> {
        use std::io::Read as _;

        match FileType::from_raw_mode(status.st_mode) {
            FileType::Symlink => {
                let target = readlinkat(old, path, Vec::new())?;
                self.with_folder(path, || symlinkat(&target, &self.new, path))
            }
            FileType::RegularFile => {
                let mut bytes = Vec::new();
                std::fs::File::from(old.file(path)?).read_to_end(&mut bytes)?;
                let copy = self.try_write(path, &bytes, Mode::from_raw_mode(status.st_mode))?;
                let date = |tv_sec: i64, tv_nsec: i64| Timespec { tv_sec, tv_nsec };
                let dates = Timestamps {
                    last_access: date(status.st_atime, status.st_atime_nsec as i64),
                    last_modification: date(status.st_mtime, status.st_mtime_nsec as i64),
                };
                Ok(futimens(&copy, &dates)?)
            }
            _ => Err(io::Error::other("it can neither be linked nor copied")),
        }
    }

    /// Runs what needs the folder of `path`, and once more with the folder made if it is missing.
    fn with_folder<T>(&self, path: &[u8], run: impl Fn() -> rustix::io::Result<T>) -> io::Result<T> {
        match run() {
            Err(Errno::NOENT) => {
                self.try_make_folder(split(path).0)?;
                Ok(run()?)
            }
            done => Ok(done?),
        }
    }

    fn try_make_folder(&self, path: &[u8]) -> io::Result<()> {
        if path.is_empty() {
            return Ok(());
        }
        match self.with_folder(path, || mkdirat(&self.new, path, FOLDER_MODE)) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            made => made?,
        }
        if self.umask == Umask::Changes {
            chmodat(&self.new, path, FOLDER_MODE, AtFlags::empty())?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What is marked as ready may be the only whole output there is; the next run moves it on.
        if self.fate == Fate::Removed || !matches!(swap::read_ready(&self.home), Ok(None)) {
            return;
        }
        // Nobody is left to tell; what stays behind, the next run clears away.
        _ = self.clear();
        remove_made(&self.made);
    }
}

/// Removes the folders that were made for an output that did not come to be.
fn remove_made(made: &[PathBuf]) {
    for folder in made.iter().rev() {
        _ = std::fs::remove_dir(folder);
    }
}

/// Puts into an empty staging folder what belongs there, in an order that shows nothing to git at any time.
fn furnish(home: &Root) -> io::Result<(Root, Umask)> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let ignore = openat(home, IGNORE_NAME, flags, FILE_MODE)?;
    let file_mode = fstat(&ignore)?.st_mode & 0o777;
    std::fs::File::from(ignore).write_all(IGNORE)?;
    mkdirat(home, NEW, FOLDER_MODE)?;
    let folder_mode = statat(home, NEW, AtFlags::SYMLINK_NOFOLLOW)?.st_mode & 0o777;
    let leaves = (file_mode, folder_mode) == (FILE_MODE.as_raw_mode(), FOLDER_MODE.as_raw_mode());
    if !leaves {
        chmodat(home, NEW, FOLDER_MODE, AtFlags::empty())?;
    }
    Ok((home.folder(NEW)?, if leaves { Umask::Leaves } else { Umask::Changes }))
}

/// Removes a staging folder; killed on the way, it leaves one that is still known to be ours.
pub(super) fn clear(parent: &Root, name: &[u8], home: &Root) -> io::Result<()> {
    remove::remove_folder(home, NEW)?;
    remove::remove_folder(home, OLD)?;
    remove::remove_file(home, READY)?;
    remove::remove_file(home, IGNORE_NAME)?;
    remove::remove_folder(parent, name)
}

fn is_link_refused(error: &io::Error) -> bool {
    let refusals = [Errno::XDEV, Errno::PERM, Errno::MLINK, Errno::OPNOTSUPP, Errno::NOSYS];
    Errno::from_io_error(error).is_some_and(|errno| refusals.contains(&errno))
}

fn carry_over_folder(old: &Root, new: &Root, path: &[u8]) -> io::Result<()> {
    let (before, after) = (old.folder(path)?, new.folder(path)?);
    let (before, status) = (fstat(&before)?, fstat(&after)?);
    if (before.st_uid, before.st_gid) != (status.st_uid, status.st_gid) {
        let owner = rustix::fs::Uid::from_raw(before.st_uid);
        let group = rustix::fs::Gid::from_raw(before.st_gid);
        // Only the superuser can, and to everybody else the folder belongs as much as before.
        _ = rustix::fs::fchown(&after, Some(owner), Some(group));
    }
    if before.st_mode != status.st_mode {
        fchmod(&after, Mode::from_raw_mode(before.st_mode))?;
    }
    Ok(())
}

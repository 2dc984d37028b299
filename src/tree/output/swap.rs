//! The moment at which the old output becomes the new one.
//!
//! One call of the operating system moves a whole folder: the deepest one that holds every change. Where there is
//! no such call, a marker is written first, so that a run that finds the work half done can finish it. This module
//! must not decide what is moved.

use std::ffi::OsStr;
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;

use rustix::fs::{AtFlags, Mode, OFlags, openat, renameat, statat};
use rustix::io::Errno;

use super::lock::{Share, try_lock};
use super::staging::{NEW, OLD, READY, Staging};
use crate::tree::beneath::Root;
use crate::tree::raw_path::split;
use crate::tree::remove;

/// How the folder gets to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// There is an old one, and the two change places.
    Exchange,
    /// There is none.
    In,
}

/// Moves the folder `point`, a path from the output's root, from the staging folder to its place in the output
/// called `name`.
pub(super) fn swap(staging: &Staging, name: &OsStr, point: &[u8], how: Move) -> io::Result<()> {
    if point.is_empty() {
        // The lock is on the folder that goes; whoever comes next meets the one that comes.
        try_lock(&staging.new, Share::Nobody)?;
    }
    let (parent, home) = (&staging.parent, &staging.home);
    let from = Spot::staged(home, point)?;
    let to = Spot::in_place(parent, name.as_bytes(), point)?;
    let moved = match how {
        Move::Exchange => exchange(&from, &to),
        Move::In => move_in(&from, &to),
    };
    match moved {
        Err(errno) if how == Move::Exchange && is_unsupported(errno) => {
            mark_ready(home, point)?;
            move_in_steps(home, &from, &to)
        }
        moved => Ok(moved?),
    }
}

/// Finishes what a run that was killed had begun to move in steps; does nothing where no such thing is.
pub(super) fn complete(parent: &Root, home: &Root, name: &[u8]) -> io::Result<()> {
    let Some(point) = read_ready(home)? else { return Ok(()) };
    let from = match Spot::staged(home, &point) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        from => from?,
    };
    if !from.is_there()? {
        return Ok(());
    }
    move_in_steps(home, &from, &Spot::in_place(parent, name, &point)?)
}

/// A name in a folder that is open.
struct Spot {
    folder: Root,
    name: Vec<u8>,
}

impl Spot {
    fn staged(home: &Root, point: &[u8]) -> io::Result<Self> {
        Self::beneath(home, NEW, point)
    }

    fn in_place(parent: &Root, name: &[u8], point: &[u8]) -> io::Result<Self> {
        Self::beneath(parent, name, point)
    }

    fn beneath(folder: &Root, name: &[u8], point: &[u8]) -> io::Result<Self> {
        if point.is_empty() {
            return Ok(Self { folder: folder.folder(b"")?, name: name.to_vec() });
        }
        let (above, last) = split(point);
        Ok(Self { folder: folder.folder(name)?.folder(above)?, name: last.to_vec() })
    }

    fn is_there(&self) -> io::Result<bool> {
        match statat(&self.folder, &self.name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(refusal) => Err(refusal.into()),
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(from: &Spot, to: &Spot) -> rustix::io::Result<()> {
    use rustix::fs::{RenameFlags, renameat_with};

    renameat_with(&from.folder, &from.name, &to.folder, &to.name, RenameFlags::EXCHANGE)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Spot, _: &Spot) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

/// Moves to where nothing is, or an empty folder at most.
fn move_in(from: &Spot, to: &Spot) -> rustix::io::Result<()> {
    renameat(&from.folder, &from.name, &to.folder, &to.name)
}

/// `XDEV` within one file system is overlayfs, which cannot rename a folder that a lower layer holds.
fn is_unsupported(errno: Errno) -> bool {
    [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP, Errno::XDEV].contains(&errno)
}

/// Moves the old folder away and the new one in. [`complete`] goes on wherever this was killed, or could neither go
/// on nor back.
fn move_in_steps(home: &Root, from: &Spot, to: &Spot) -> io::Result<()> {
    if !to.is_there()? {
        return Ok(move_in(from, to)?);
    }
    remove::remove_folder(home, OLD)?;
    match renameat(&to.folder, &to.name, home, OLD) {
        Ok(()) => {}
        // Nothing is left but to empty it where it is; an empty folder can be replaced.
        Err(Errno::XDEV) => {
            remove::empty_folder(&to.folder.folder(&to.name)?)?;
            return Ok(move_in(from, to)?);
        }
        Err(refusal) => {
            remove::remove_file(home, READY)?;
            return Err(refusal.into());
        }
    }
    let moved = move_in(from, to);
    if moved.is_err() {
        renameat(home, OLD, &to.folder, &to.name)?;
        remove::remove_file(home, READY)?;
    }
    Ok(moved?)
}

/// Says that the folder `point` of the staging folder is whole and may be moved. The last line break shows that the
/// marker itself is.
fn mark_ready(home: &Root, point: &[u8]) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let ready = openat(home, READY, flags, Mode::from_raw_mode(0o644))?;
    std::fs::File::from(ready).write_all(&[point, b"\n"].concat())
}

/// Returns the folder that [`mark_ready`] named; nothing where it did not finish.
pub(super) fn read_ready(home: &Root) -> io::Result<Option<Vec<u8>>> {
    let opened = match home.file(READY) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut marker = Vec::new();
    std::fs::File::from(opened).read_to_end(&mut marker)?;
    Ok(marker.strip_suffix(b"\n").map(<[u8]>::to_vec))
}

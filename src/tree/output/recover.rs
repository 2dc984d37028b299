//! What a run that was killed left behind.
//!
//! Nothing is touched that is not known to be ours, by its name and by its `.gitignore`.

use std::io::{self, Read as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use rustix::io::Errno;

use super::lock::{Locked, Share, lock_folder};
use super::place::OutputPath;
use super::staging::{self, IGNORE, IGNORE_NAME, NEW, OLD, READY};
use super::swap;
use crate::error::{Error, Failure};
use crate::tree::beneath::{Mounts, Root};
use crate::tree::raw_path::as_path;
use crate::tree::scan;

/// What was found beside the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leftover {
    /// Nothing; everything is as it was.
    Nothing,
    /// Something, which is gone; the output may be another folder now.
    Cleared,
}

/// Clears away what a run that was killed left beside the output, and finishes what it had begun to move.
pub(super) fn recover(place: &OutputPath) -> Result<Leftover, Failure> {
    let name = place.staging_name().into_vec();
    let path = place.parent.join(as_path(&name));
    let refused = |source: io::Error| Error::io("clear away", &path, source);
    let parent = match Root::open(&place.parent, Mounts::Refuse) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Leftover::Nothing),
        opened => opened.map_err(refused)?,
    };
    let home = match lock_folder(&parent, &name, Share::Nobody) {
        Ok(Locked::Missing) => return Ok(Leftover::Nothing),
        Ok(Locked::Busy) => return Err(Error::Locked { path: place.shown.clone() }.into()),
        Ok(Locked::Held(home)) => home,
        Err(error) if is_no_folder(&error) => return Err(in_the_way(place)),
        Err(error) => return Err(refused(error).into()),
    };
    if !is_ours(&home).map_err(refused)? {
        return Err(in_the_way(place));
    }
    swap::complete(&parent, &home, place.name.as_bytes()).map_err(refused)?;
    staging::clear(&parent, &name, &home).map_err(refused)?;
    Ok(Leftover::Cleared)
}

/// Returns whether a folder that bears a staging folder's name is one: nothing but what we make, or empty.
fn is_ours(home: &Root) -> io::Result<bool> {
    let entries = scan::entries(home)?;
    let known = |entry: &scan::Entry| [IGNORE_NAME, NEW, OLD, READY].contains(&entry.name.as_slice());
    if entries.is_empty() || !entries.iter().all(known) {
        return Ok(entries.is_empty());
    }
    let mut ignore = Vec::new();
    match home.file(IGNORE_NAME) {
        Ok(opened) => {
            _ = std::fs::File::from(opened).take(IGNORE.len() as u64 + 1).read_to_end(&mut ignore)?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound || is_no_folder(&error) => return Ok(false),
        Err(error) => return Err(error),
    }
    // Killed between making the file and writing it, a run leaves it empty.
    Ok(ignore == IGNORE || (ignore.is_empty() && entries.len() == 1))
}

fn is_no_folder(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::NOTDIR | Errno::LOOP))
}

fn in_the_way(place: &OutputPath) -> Failure {
    let name = place.staging_name();
    let why = format!("needs the name `{}` beside it, where something else lies", name.display());
    place.finding(&why, "move it away")
}

//! The output folder, replaced as a whole or not at all.
//!
//! While a fleet is rendered, [`Output::compare`] takes each file, from any thread, and keeps what differs from
//! what is on disk in a staging folder beside the output (`staging`). [`Output::finish`] decides what is to be done
//! (`plan`), completes the staged tree with hard links to everything that stays, and moves it into place with one
//! call of the operating system (`swap`). Killed at any time, a run leaves the old output or the new one, and the
//! next run clears away the rest (`recover`). Where nothing differs, nothing is touched.
//!
//! Nothing is flushed to the disk: a render can be repeated. A file is ours if its first line begins with
//! [`HEADER`]; all others are kept as they are. This module must not know what is in a file beyond that line.

mod check;
mod current;
mod lock;
mod place;
mod plan;
mod recover;
mod staging;
mod swap;

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

pub use check::{Comparison, Difference, Differences};
pub use current::HEADER;
pub use place::OutputPath;
pub use plan::Keep;

use self::lock::{Locked, Share};
use self::plan::{Current, Met, Obstacle, Owner, Plan, Replaced};
use self::recover::Leftover;
use self::staging::Staging;
use super::RepoPath;
use super::beneath::{Mounts, Root};
use super::clock::Moment;
use super::raw_path::as_path;
use crate::diagnostic::{Diagnostic, Report};
use crate::error::{Error, Failure};

/// How a file of the output differs from what was rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It does not.
    Same,
    /// It was not there.
    New,
    /// It held other bytes.
    Changed,
    /// It was generated once and is no longer rendered.
    Stale,
}

/// What a run did to the output.
#[derive(Debug)]
pub struct Summary {
    /// Every generated file there is or was, in path order, with what became of it. Paths begin in the output.
    pub files: BTreeMap<RepoPath, Change>,
    /// What is not ours and was kept, in path order. Paths begin in the output.
    pub foreign: Vec<PathBuf>,
    /// When it happened.
    pub(super) history: History,
    /// Why the staging folder, which the next run will clear away, could not be removed: the output is new all the
    /// same.
    pub left_behind: Option<Error>,
}

/// When a run did what, for those who judge later whether somebody else was at the output meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tree) struct History {
    /// Before this moment nothing had been compared.
    pub opened: Moment,
    /// What was moved into place.
    pub moved: Moved,
}

/// What a run moved into place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tree) enum Moved {
    /// Nothing.
    Nothing,
    /// A folder of the output.
    Folder {
        /// Its path.
        point: Vec<u8>,
        /// All that it holds was there before this moment.
        at: Moment,
        /// The inodes of what was carried over and had not been touched since the output was opened, by path.
        carried: BTreeMap<Vec<u8>, u64>,
    },
}

impl Summary {
    /// Counts the files of one kind.
    pub fn count(&self, change: Change) -> usize {
        self.files.values().filter(|found| **found == change).count()
    }
}

/// An output that is being rendered; nobody else can write it meanwhile. Dropped without [`Output::finish`], it
/// leaves everything as it was.
#[derive(Debug)]
pub struct Output {
    place: OutputPath,
    opened: Moment,
    /// The output as it is, locked.
    old: Option<Root>,
    staging: OnceLock<Staging>,
    /// Held while the staging folder is made.
    making: Mutex<()>,
    met: Mutex<Vec<(RepoPath, Met)>>,
}

impl Output {
    /// Locks an output and clears away what a run that was killed left of it.
    ///
    /// # Errors
    /// [`Error::Locked`] where another run is at work. Reports something else in the staging folder's place.
    pub fn open(place: &OutputPath) -> Result<Self, Failure> {
        let opened = Moment::now();
        let mut old = lock_current(place, Share::Nobody)?;
        if recover::recover(place)? == Leftover::Cleared {
            drop(old);
            old = lock_current(place, Share::Nobody)?;
        }
        let staging = OnceLock::new();
        if old.is_none() {
            // Where there is no output yet, its staging folder is the lock.
            _ = staging.set(Staging::create(place)?);
        }
        let (making, met) = (Mutex::default(), Mutex::default());
        Ok(Self { place: place.clone(), opened, old, staging, making, met })
    }

    /// Takes a rendered file, whose first line must begin with [`HEADER`], and tells how the output's differs; never
    /// [`Change::Stale`]. `path` begins in the output and must not have been taken before.
    pub fn compare(&self, path: &RepoPath, bytes: &[u8]) -> Result<Change, Error> {
        let met = meet(&self.place, self.old.as_ref(), path, bytes)?;
        if met != Met::Same {
            self.staging()?.write(path.as_str(), bytes)?;
        }
        self.met.lock().unwrap_or_else(PoisonError::into_inner).push((path.clone(), met));
        Ok(change(met))
    }

    /// Makes the output what was compared with it.
    ///
    /// # Errors
    /// Reports everything foreign that stands where a rendered file must go. On any error the output is as it was.
    pub fn finish(self, keep: Keep) -> Result<Summary, Failure> {
        let Self { place, opened, old, staging, met, .. } = self;
        let met = met.into_inner().unwrap_or_else(PoisonError::into_inner);
        let rendered: BTreeMap<RepoPath, Met> = met.into_iter().collect();
        let plan = decide(&place, old.as_ref(), &rendered, keep)?;
        let (mut moved, mut left_behind) = (Moved::Nothing, None);
        if let Some(replaced) = plan.replaced {
            let staging = match staging.into_inner() {
                Some(staging) => staging,
                None => Staging::create(&place)?,
            };
            let carried = stage(&staging, old.as_ref(), &replaced, opened)?;
            // From the next tick on, what somebody else changes bears a later date than all that is staged.
            let at = Moment::after_all_until_now();
            swap::swap(&staging, &place.name, &replaced.point, replaced.how)
                .map_err(|source| Error::io("replace", place.shown.join(as_path(&replaced.point)), source))?;
            moved = Moved::Folder { point: replaced.point, at, carried };
            left_behind = staging.remove().err();
        }
        let history = History { opened, moved };
        Ok(Summary { files: files(&rendered, plan.stale), foreign: plan.foreign, history, left_behind })
    }

    fn staging(&self) -> Result<&Staging, Error> {
        if let Some(staging) = self.staging.get() {
            return Ok(staging);
        }
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(staging) = self.staging.get() {
            return Ok(staging);
        }
        let staging = Staging::create(&self.place)?;
        Ok(self.staging.get_or_init(|| staging))
    }
}

/// Opens and locks the output as it is, if there is one.
fn lock_current(place: &OutputPath, share: Share) -> Result<Option<Root>, Failure> {
    let refused = |source: std::io::Error| Error::io("open", &place.shown, source);
    let parent = match Root::open(&place.parent, Mounts::Refuse) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(refused)?,
    };
    match lock::lock_folder(&parent, place.name.as_bytes(), share) {
        Ok(Locked::Held(folder)) => Ok(Some(folder)),
        Ok(Locked::Missing) => Ok(None),
        Ok(Locked::Busy) => Err(Error::Locked { path: place.shown.clone() }.into()),
        Err(error) if error.kind() == std::io::ErrorKind::CrossesDevices => {
            let why = "it is a mount point, which cannot be replaced; choose a folder beneath it";
            Err(Error::io("open", &place.shown, std::io::Error::other(why)).into())
        }
        Err(error) => Err(refused(error).into()),
    }
}

fn meet(place: &OutputPath, old: Option<&Root>, path: &RepoPath, bytes: &[u8]) -> Result<Met, Error> {
    let Some(old) = old else { return Ok(Met::Nothing) };
    current::meet(old, path.as_str(), bytes)
        .map_err(|source| Error::io("read", place.shown.join(path.as_str()), source))
}

/// Completes the folder that is to be moved with what is carried over from the old output. Returns the inodes of
/// what nobody had touched since `opened`, by path.
fn stage(
    staging: &Staging,
    old: Option<&Root>,
    replaced: &Replaced,
    opened: Moment,
) -> Result<BTreeMap<Vec<u8>, u64>, Error> {
    staging.make_folder(&replaced.point)?;
    let Some(old) = old else { return Ok(BTreeMap::new()) };
    let carry_over = |path: &Vec<u8>| staging.carry_over(old, path).map(|status| (path.clone(), status));
    let carried: Vec<_> = replaced.carried.par_iter().map(carry_over).collect::<Result<_, _>>()?;
    replaced.empty.iter().try_for_each(|path| staging.make_folder(path))?;
    replaced.folders.iter().try_for_each(|path| staging.carry_over_folder(old, path))?;
    let untouched = carried.into_iter().filter(|(_, status)| Moment::changed(status) < opened);
    Ok(untouched.map(|(path, status)| (path, status.st_ino)).collect())
}

fn decide(
    place: &OutputPath,
    old: Option<&Root>,
    rendered: &BTreeMap<RepoPath, Met>,
    keep: Keep,
) -> Result<Plan, Failure> {
    let current = old.map(|old| current::list(place, old, rendered)).transpose()?;
    Ok(planned(&place.shown, current.as_ref(), rendered, keep)?)
}

/// Decides what is to be done to the output that people know as `shown`; reports every obstacle.
fn planned(
    shown: &Path,
    current: Option<&Current>,
    rendered: &BTreeMap<RepoPath, Met>,
    keep: Keep,
) -> Result<Plan, Report> {
    let finding = |obstacle: Obstacle| obstacle_finding(shown, &obstacle);
    let report =
        |obstacles: Vec<Obstacle>| Report { diagnostics: obstacles.into_iter().map(finding).collect() };
    plan::decide(rendered, current, keep).map_err(report)
}

fn obstacle_finding(output: &Path, obstacle: &Obstacle) -> Diagnostic {
    let shown = |path: PathBuf| output.join(path).to_string_lossy().escape_debug().to_string();
    let path = shown(as_path(&obstacle.path).to_owned());
    let hinders = shown(obstacle.hinders.as_str().into());
    let message = if path == hinders {
        format!("`{path}` was not generated by yoshino, and a file of that name must be written")
    } else {
        format!("`{path}` is in the way of `{hinders}`, which must be written")
    };
    let hint = match obstacle.owner {
        Owner::Generated => "it was generated for another layout: render the whole fleet",
        Owner::Foreign | Owner::Rendered => "move it away",
    };
    Diagnostic::error_nowhere("foreign-file", message).hint(hint)
}

fn change(met: Met) -> Change {
    match met {
        Met::Same => Change::Same,
        Met::Generated => Change::Changed,
        Met::Nothing | Met::Foreign => Change::New,
    }
}

fn files(rendered: &BTreeMap<RepoPath, Met>, stale: Vec<RepoPath>) -> BTreeMap<RepoPath, Change> {
    let rendered = rendered.iter().map(|(path, met)| (path.clone(), change(*met)));
    rendered.chain(stale.into_iter().map(|path| (path, Change::Stale))).collect()
}

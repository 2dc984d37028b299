//! The output compared with what is rendered, and nothing written at all.
//!
//! It lies in a folder, or in memory as git has it. The new bytes of files that differ are kept in memory until they are
//! shown; the old ones are read when asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::lock::Share;
use super::place::OutputPath;
use super::plan::{Current, Keep, Met};
use super::{Change, change, current, decide, lock_current, meet, planned};
use crate::error::{Error, Failure};
use crate::tree::beneath::Root;
use crate::tree::{FileTree, RepoPath};

/// An output that is being compared; nobody can write it meanwhile.
#[derive(Debug)]
pub struct Comparison {
    old: Old,
    met: Mutex<BTreeMap<RepoPath, (Met, Vec<u8>)>>,
}

/// The output as it is.
#[derive(Debug)]
enum Old {
    /// A folder, locked; there may be none yet.
    Folder(OutputPath, Option<Root>),
    /// Files in memory, and how people know the folder that they are of.
    Files(FileTree, PathBuf),
}

/// What a run would do to the output.
#[derive(Debug)]
pub struct Differences {
    /// The files that differ, in path order.
    pub files: Vec<Difference>,
    /// How many do not.
    pub same: usize,
    /// What is not ours, in path order. Paths begin in the output.
    pub foreign: Vec<PathBuf>,
    old: Old,
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its path, which begins in the output.
    pub path: RepoPath,
    /// How it differs, never [`Change::Same`].
    pub change: Change,
    /// What was rendered; nothing where the file is stale.
    pub new: Vec<u8>,
}

impl Comparison {
    /// Locks an output against writers.
    ///
    /// # Errors
    /// [`Error::Locked`] where another run is writing it.
    pub fn open(place: &OutputPath) -> Result<Self, Failure> {
        let old = lock_current(place, Share::Readers)?;
        Ok(Self { old: Old::Folder(place.clone(), old), met: Mutex::default() })
    }

    /// Takes an output that is in memory: the files of the folder that people know as `shown`, by their paths in it.
    pub fn with(files: FileTree, shown: impl Into<PathBuf>) -> Self {
        Self { old: Old::Files(files, shown.into()), met: Mutex::default() }
    }

    /// Takes a rendered file and tells how the output's differs; never [`Change::Stale`]. `path` begins in the output.
    pub fn compare(&self, path: &RepoPath, bytes: &[u8]) -> Result<Change, Error> {
        let met = match &self.old {
            Old::Folder(place, old) => meet(place, old.as_ref(), path, bytes)?,
            Old::Files(files, _) => current::meet_in(files, path, bytes),
        };
        let kept = if met == Met::Same { Vec::new() } else { bytes.to_vec() };
        self.met.lock().unwrap_or_else(PoisonError::into_inner).insert(path.clone(), (met, kept));
        Ok(change(met))
    }

    /// Returns what [`Output::finish`](super::Output::finish) would do.
    ///
    /// # Errors
    /// Reports everything foreign that stands where a rendered file must go.
    pub fn finish(self, keep: Keep) -> Result<Differences, Failure> {
        let Self { old, met } = self;
        let met = met.into_inner().unwrap_or_else(PoisonError::into_inner);
        let rendered = met.iter().map(|(path, (met, _))| (path.clone(), *met)).collect();
        let plan = match &old {
            Old::Folder(place, old) => decide(place, old.as_ref(), &rendered, keep)?,
            Old::Files(files, shown) => {
                let current: Current = current::list_in(files, &rendered);
                planned(shown, Some(&current), &rendered, keep)?
            }
        };
        let all = met.len();
        let differs = met.into_iter().filter(|(_, (met, _))| *met != Met::Same);
        let written = differs.map(|(path, (met, new))| Difference { path, change: change(met), new });
        let stale =
            plan.stale.into_iter().map(|path| Difference { path, change: Change::Stale, new: Vec::new() });
        let same = all - rendered.values().filter(|met| **met != Met::Same).count();
        let mut files: Vec<Difference> = written.chain(stale).collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Differences { files, same, foreign: plan.foreign, old })
    }
}

impl Differences {
    /// Reads what the output holds at the place of a file that differs; nothing where it is new.
    pub fn old(&self, file: &Difference) -> Result<Vec<u8>, Error> {
        match (&self.old, file.change) {
            (Old::Folder(_, None), _) | (_, Change::New) => Ok(Vec::new()),
            (Old::Folder(place, Some(old)), Change::Same | Change::Changed | Change::Stale) => {
                current::read(old, file.path.as_str())
                    .map_err(|source| Error::io("read", place.shown.join(file.path.as_str()), source))
            }
            (Old::Files(files, _), Change::Same | Change::Changed | Change::Stale) => {
                Ok(files.0.get(&file.path).map_or_else(Vec::new, |bytes| bytes.to_vec()))
            }
        }
    }
}

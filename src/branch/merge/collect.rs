//! What differs between three trees: every path on which they are not all alike, and which files a side has made
//! disappear or appear, as candidates for renames.
//!
//! Folders that one side left alone are entered only where a rename could lead into them. The rules are those of
//! git's `ort` strategy. This module must not decide anything about a path.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};

use super::hash_order::hash_order;
use super::tree::{Changed, Entry, Path, Stages, changes, level, refuse_depth};
use crate::error::Error;

/// The base, the target's side and the unit's side, as bits.
pub(super) const BASE: u8 = 1;
/// The target's side.
pub(super) const OURS: u8 = 2;
/// The unit's side.
pub(super) const THEIRS: u8 = 4;

/// The bits of folders in which a folder's move has to be found, so that every file in them counts.
const WHOLE: u8 = 7;

/// A path on which the three trees differ.
#[derive(Clone, Debug)]
pub(super) struct Info {
    /// What they have there.
    pub(super) stages: Stages,
    /// What the target has there, whatever renames bring.
    pub(super) before: Option<Entry>,
    /// Where they have it, if not all here: renames bring stages together.
    pub(super) names: Option<Box<[Path; 3]>>,
    /// Which have a file (or link, or submodule).
    pub(super) files: u8,
    /// Which have a folder.
    pub(super) folders: u8,
    /// Which two are equal, if any.
    pub(super) alike: u8,
    /// A folder stands where another side has a file.
    pub(super) in_the_way: bool,
    /// It is a conflict whatever the contents are.
    pub(super) is_conflict: bool,
    /// The result, once it is known.
    pub(super) done: Option<Option<Entry>>,
    /// A folder has entries that are alike on all sides; they are not listed.
    pub(super) has_more: bool,
}

impl Info {
    /// Names the path of one version, of a path where the others are at `here`.
    pub(super) fn name(&mut self, stage: usize, name: Path, here: &[u8]) {
        let here = || [here.to_vec(), here.to_vec(), here.to_vec()];
        self.names.get_or_insert_with(|| here().into())[stage] = name;
    }

    /// Keeps the names of all versions where the file goes elsewhere.
    pub(super) fn name_all(&mut self, here: &[u8]) {
        self.name(0, here.to_vec(), here);
    }
}

/// Why a file that disappeared is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relevance {
    /// The other side changed it.
    Content,
    /// It tells where its folder went.
    Location,
}

/// What a folder that disappeared is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removed {
    /// Nothing.
    NotRelevant,
    /// To find where a folder above it went.
    ForAncestor,
    /// To find where it went itself: the other side added a file to it.
    ForSelf,
}

/// A file that a side made disappear or appear.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) path: Path,
    pub(super) entry: Entry,
}

/// What one side did to files.
#[derive(Debug, Default)]
pub(super) struct Side {
    /// Files that disappeared, in the order in which they were found.
    pub(super) deleted: Vec<Candidate>,
    /// Files that appeared.
    pub(super) added: Vec<Candidate>,
    /// Those of `deleted` that are worth looking for.
    pub(super) relevant: BTreeMap<Path, Relevance>,
    /// Folders that disappeared.
    pub(super) removed: BTreeMap<Path, Removed>,
    /// Folders that only this side changed, with the bits to enter them with.
    deferred: Vec<(Path, u8)>,
    /// Folders must be entered, since a file is being looked for.
    is_searched: bool,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) paths: BTreeMap<Path, Info>,
    /// The target's side and the unit's.
    pub(super) sides: [Side; 2],
}

/// Compares three trees; `kept` are paths on which the unit counts as having changed nothing.
pub(super) fn collect(
    repository: &Repository,
    trees: [Option<Oid>; 3],
    kept: &dyn Fn(&str) -> bool,
) -> Result<Collected, Error> {
    let collected = Collected { paths: BTreeMap::new(), sides: Default::default() };
    let kept = Kept::of(&changes(repository, trees[0], trees[2])?, kept);
    let mut walk = Walk { repository, kept, collected, moved: 0 };
    walk.folder(b"", trees)?;
    walk.enter_deferred()?;
    Ok(walk.collected)
}

/// What the unit changed and the pick leaves out.
struct Kept {
    paths: BTreeSet<Path>,
    /// The folders that such paths lie in.
    folders: BTreeSet<Path>,
}

impl Kept {
    fn of(changes: &[Changed], kept: &dyn Fn(&str) -> bool) -> Self {
        let is_kept = |change: &&Changed| kept(&String::from_utf8_lossy(&change.path));
        let paths: BTreeSet<Path> =
            changes.iter().filter(is_kept).map(|change| change.path.clone()).collect();
        let slashes = |path: &Path| -> Vec<Path> {
            let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
            ends.map(|(end, _)| path[..end].to_vec()).collect()
        };
        let folders = paths.iter().flat_map(slashes).collect();
        Self { paths, folders }
    }
}

struct Walk<'a> {
    repository: &'a Repository,
    kept: Kept,
    collected: Collected,
    /// 0, or the side that still has a folder which the other removed, or [`WHOLE`] where that side added a file.
    moved: u8,
}

/// One name of the three trees.
struct Found<'a> {
    folder: &'a [u8],
    path: Path,
    stages: Stages,
    files: u8,
    folders: u8,
    alike: u8,
}

impl Walk<'_> {
    /// Lists a folder; returns whether it has entries that are alike on all sides.
    fn folder(&mut self, folder: &[u8], trees: [Option<Oid>; 3]) -> Result<bool, Error> {
        refuse_depth(folder)?;
        let level = level(self.repository, trees)?;
        let mut has_more = false;
        let level: Vec<Found<'_>> =
            level.into_iter().map(|(name, stages)| self.found(folder, &name, stages)).collect();
        if self.moved == OURS || self.moved == THEIRS {
            let moved = self.moved;
            if level.iter().any(|found| found.files == moved) {
                self.moved = WHOLE;
            }
        }
        for found in level {
            has_more |= found.alike == 7 && found.stages[1].is_some();
            self.entry(found)?;
        }
        Ok(has_more)
    }

    fn found<'b>(&self, folder: &'b [u8], name: &[u8], mut stages: Stages) -> Found<'b> {
        let mut path = folder.to_vec();
        if !folder.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(name);
        if self.kept.paths.contains(&path) {
            stages[2] = stages[0];
        }
        let (mut files, mut folders) = (0, 0);
        for (stage, entry) in stages.iter().enumerate() {
            match entry {
                Some(entry) if entry.is_folder() => folders |= 1 << stage,
                Some(_) => files |= 1 << stage,
                None => {}
            }
        }
        let same = |one: usize, two: usize| stages[one].is_some() && stages[one] == stages[two];
        let nothing = stages.iter().all(Option::is_none);
        let alike = match (same(0, 1), same(0, 2), same(1, 2)) {
            _ if nothing => 7,
            (true, true, _) => 7,
            (true, false, _) => 3,
            (false, true, _) => 5,
            (false, false, true) => 6,
            (false, false, false) => 0,
        };
        Found { folder, path, stages, files, folders, alike }
    }

    fn entry(&mut self, found: Found<'_>) -> Result<(), Error> {
        let Found { stages, files, folders, alike, .. } = found;
        if alike == 7 {
            return Ok(());
        }
        let mut info = Info {
            stages,
            before: stages[1],
            names: None,
            files,
            folders,
            alike,
            in_the_way: files != 0 && folders != 0,
            is_conflict: false,
            done: None,
            has_more: false,
        };
        if files == 7 && alike != 0 {
            // One side, or both alike, changed a file that all have.
            info.done = Some(if alike == 5 { stages[1] } else { stages[2] });
            self.collected.paths.insert(found.path, info);
            return Ok(());
        }
        let before = self.moved;
        self.note_candidates(&found);
        let path = found.path;
        if folders == 0 {
            self.collected.paths.insert(path, info);
            return Ok(());
        }
        let side = match (files, folders, alike) {
            (0, OURS, _) | (_, _, 5) => Some(0),
            (0, THEIRS, _) | (_, _, 3) => Some(1),
            _ => None,
        };
        if files == 0 && (folders == OURS || folders == THEIRS) {
            info.alike = 7 - folders;
        }
        if let Some(side) = side
            && self.moved != WHOLE
            && !self.collected.sides[side].is_searched
            && !self.kept.folders.contains(&path)
        {
            self.collected.sides[side].deferred.push((path.clone(), self.moved));
            self.collected.paths.insert(path, info);
            self.moved = before;
            return Ok(());
        }
        info.alike &= files;
        self.collected.paths.insert(path.clone(), info);
        self.enter(&path, stages)?;
        self.moved = before;
        Ok(())
    }

    fn enter(&mut self, path: &[u8], stages: Stages) -> Result<(), Error> {
        let inner = stages.map(|entry| entry.filter(|entry| entry.is_folder()).map(|entry| entry.id));
        let has_more = self.folder(path, inner)?;
        if let Some(info) = self.collected.paths.get_mut(path) {
            info.has_more = has_more;
        }
        Ok(())
    }

    /// Notes what a path tells about renames of files and folders.
    fn note_candidates(&mut self, found: &Found<'_>) {
        let Found { files, folders, alike, .. } = *found;
        if self.moved != WHOLE && matches!(folders, 3 | 5) {
            self.moved = folders & !BASE;
        }
        if matches!(folders, 1 | 3 | 5) {
            let relevance = if self.moved == WHOLE { Removed::ForAncestor } else { Removed::NotRelevant };
            for (side, bit) in [(0, OURS), (1, THEIRS)] {
                if folders & bit == 0 {
                    self.collected.sides[side].removed.insert(found.path.clone(), relevance);
                }
            }
        }
        if self.moved == WHOLE && (files == OURS || files == THEIRS) {
            let other = if files == OURS { 1 } else { 0 };
            self.collected.sides[other].removed.insert(found.folder.to_vec(), Removed::ForSelf);
        }
        if files == 0 || files == 7 {
            return;
        }
        for (side, bit) in [(0, OURS), (1, THEIRS)] {
            let list = &mut self.collected.sides[side];
            match (files & BASE != 0, files & bit != 0) {
                (true, false) => {
                    let relevance = match alike & files {
                        0 => Some(Relevance::Content),
                        _ if self.moved == WHOLE => Some(Relevance::Location),
                        _ => None,
                    };
                    if let Some(relevance) = relevance {
                        list.relevant.insert(found.path.clone(), relevance);
                    }
                    let entry = found.stages[0];
                    list.deleted.extend(entry.map(|entry| Candidate { path: found.path.clone(), entry }));
                }
                (false, true) => {
                    let entry = found.stages[side + 1];
                    list.added.extend(entry.map(|entry| Candidate { path: found.path.clone(), entry }));
                }
                _ => {}
            }
        }
    }

    /// Enters the folders that only one side changed if that side's new files may be where others went; else that
    /// side's folder is the result.
    fn enter_deferred(&mut self) -> Result<(), Error> {
        for side in 0..2 {
            let list = &mut self.collected.sides[side];
            list.is_searched = !list.relevant.is_empty();
            let is_searched = list.is_searched;
            let deferred = std::mem::take(&mut list.deferred);
            for place in hash_order(deferred.iter().map(|(path, _)| path.as_slice())) {
                let (path, moved) = &deferred[place];
                let Some(info) = self.collected.paths.get_mut(path) else { continue };
                if !is_searched {
                    info.done = Some(info.stages[side + 1]);
                    info.alike = 0;
                    continue;
                }
                info.alike &= info.files;
                let stages = info.stages;
                self.moved = *moved;
                self.enter(path, stages)?;
            }
        }
        Ok(())
    }
}

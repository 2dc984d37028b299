//! Files that were added to folders which the other side has moved.
//!
//! A folder has moved when it is gone on one side and most of its files went to one other folder. The rules are those
//! of git's `ort` strategy (`merge.directoryRenames`). This module must not look for renames itself.

use std::collections::BTreeMap;

use super::collect::Info;
use super::rename::{Moves, Renames, folder_of};
use super::resolve::Resolution;
use super::tree::{self, Path};
use super::{Conflict, ConflictKind, Directories, text};
use crate::error::Error;

/// Where folders went, by their old paths.
type Moved = BTreeMap<Path, Path>;

/// The files that would come to one path, by that path.
type Arrivals = BTreeMap<Path, Vec<Path>>;

/// Something that a side added or renamed.
#[derive(Clone, Debug)]
pub(super) struct Appeared {
    /// 1 for the target's side, 2 for the unit's.
    pub(super) side: usize,
    /// Where it was before; `None` for what is new.
    pub(super) from: Option<Path>,
    /// Where it is.
    pub(super) to: Path,
}

/// Moves what lies in moved folders after them, or says that it should be moved; returns all that appeared, under its
/// new path.
pub(super) fn follow(
    merge: &mut Resolution<'_>,
    appeared: [Vec<Appeared>; 2],
    renames: &[Renames; 2],
) -> Result<Vec<Appeared>, Error> {
    if merge.options.directories == Directories::Ignore {
        return Ok(appeared.into_iter().flatten().collect());
    }
    let mut moved = [moved_folders(merge, &renames[0].moves), moved_folders(merge, &renames[1].moves)];
    let both: Vec<Path> = moved[0].keys().filter(|folder| moved[1].contains_key(*folder)).cloned().collect();
    for folder in both {
        moved.iter_mut().for_each(|moved| {
            moved.remove(&folder);
        });
    }
    let arrivals = [arrivals(&appeared[0], &moved[1]), arrivals(&appeared[1], &moved[0])];
    let mut result = Vec::new();
    let mut reported: Vec<Path> = Vec::new();
    for (side, list) in appeared.into_iter().enumerate() {
        for mut file in list {
            let other = 1 - side;
            if !arrivals[other].contains_key(&file.to)
                && let Some((folder, to)) = moved_above(&file.to, &moved[other])
                && !moved[side].contains_key(to)
            {
                let place = moved_path(&file.to, folder, to);
                let others = arrivals[side].get(&place).map_or(0, Vec::len);
                if is_in_the_way(merge, &place, side)? || others > 1 || reported.contains(&place) {
                    reported.push(place.clone());
                    suggest(merge, &file.to, &place);
                } else {
                    move_info(merge, &file.to, &place);
                    file.to = place;
                }
            }
            result.push(file);
        }
    }
    Ok(result)
}

/// Returns where each folder went; one whose files went to two folders alike is a conflict.
fn moved_folders(merge: &mut Resolution<'_>, moves: &Moves) -> Moved {
    let mut moved = Moved::new();
    for (folder, counts) in moves {
        let most = counts.values().max().copied().unwrap_or(0);
        let mut best = counts.iter().filter(|(_, count)| **count == most && most > 0);
        match (best.next(), best.next()) {
            (Some((to, _)), None) => {
                moved.insert(folder.clone(), to.clone());
            }
            (Some(_), Some(_)) => merge.conflict(folder, ConflictKind::DirectoryRename),
            (None, _) => {}
        }
    }
    moved
}

/// Returns the nearest folder above a path that has moved, and where to.
fn moved_above<'a>(path: &[u8], moved: &'a Moved) -> Option<(&'a Path, &'a Path)> {
    let mut folder = folder_of(path);
    while !folder.is_empty() {
        if let Some(found) = moved.get_key_value(folder) {
            return Some(found);
        }
        folder = folder_of(folder);
    }
    None
}

fn moved_path(path: &[u8], folder: &[u8], to: &[u8]) -> Path {
    let rest = &path[folder.len() + 1..];
    if to.is_empty() { rest.to_vec() } else { [to, b"/".as_slice(), rest].concat() }
}

fn arrivals(appeared: &[Appeared], moved: &Moved) -> Arrivals {
    let mut arrivals = Arrivals::new();
    for file in appeared {
        if let Some((folder, to)) = moved_above(&file.to, moved) {
            arrivals.entry(moved_path(&file.to, folder, to)).or_default().push(file.to.clone());
        }
    }
    arrivals
}

/// Returns whether a side has something at a path already.
fn is_in_the_way(merge: &Resolution<'_>, path: &[u8], side: usize) -> Result<bool, Error> {
    match merge.paths.get(path) {
        Some(info) => Ok(info.done.is_some() || (info.files | info.folders) & (2 << side) != 0),
        None => Ok(tree::look_up(merge.repository, merge.onto, path)?.is_some()),
    }
}

fn suggest(merge: &mut Resolution<'_>, path: &[u8], place: &[u8]) {
    let conflict = Conflict {
        path: text(path),
        kind: ConflictKind::DirectoryRename,
        suggest: Some(text(place)),
        lines: Vec::new(),
    };
    merge.conflicts.push(conflict);
}

/// Takes what one side has at a path to another.
fn move_info(merge: &mut Resolution<'_>, path: &[u8], place: &[u8]) {
    let Some(mut info) = merge.paths.remove(path) else { return };
    if info.before.is_some_and(|before| !before.is_folder()) {
        merge.take_away(path);
    }
    if info.folders != 0 {
        merge.paths.insert(path.to_vec(), folder_alone(&info));
        let files = info.files;
        for (stage, entry) in info.stages.iter_mut().enumerate() {
            *entry = entry.filter(|_| files & (1 << stage) != 0);
        }
        info.folders = 0;
        info.alike = 0;
        info.has_more = false;
        info.in_the_way = false;
    }
    info.before = None;
    let asks = merge.options.directories == Directories::Ask;
    let stage = usize::from(info.files >> 1);
    let names = info.names.clone();
    let moved = match merge.paths.get_mut(place) {
        Some(there) => {
            there.files |= info.files;
            there.in_the_way |= there.folders != 0;
            there.stages[stage] = info.stages[stage];
            if let Some(names) = names {
                there.name(stage, names[stage].clone(), place);
            }
            there
        }
        None => {
            info.name_all(path);
            merge.paths.entry(place.to_vec()).or_insert(info)
        }
    };
    moved.is_conflict |= asks;
    if asks {
        suggest(merge, path, place);
    }
}

/// Returns what is left of a path when its file is taken away and its folder stays.
fn folder_alone(info: &Info) -> Info {
    let mut folder = info.clone();
    folder.files = 0;
    folder.in_the_way = false;
    folder.before = folder.before.filter(|before| before.is_folder());
    for entry in &mut folder.stages {
        *entry = entry.filter(|entry| entry.is_folder());
    }
    folder
}

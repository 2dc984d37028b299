//! What renames do to paths: the versions of a file that has two names come together under the new one.
//!
//! The rules are those of git's `ort` strategy (`process_renames`). This module must not look for renames.

use super::collect::{BASE, Info};
use super::content::{self, Versions};
use super::directory::{self, Appeared};
use super::rename::{self, Renames};
use super::resolve::Resolution;
use super::tree::{Entry, Path};
use super::{ConflictKind, collect::Side};
use crate::error::Error;

/// Finds the renames of both sides and brings the versions of renamed files together.
pub(super) fn follow(merge: &mut Resolution<'_>, sides: &[Side; 2]) -> Result<(), Error> {
    if sides.iter().all(|side| side.relevant.is_empty()) {
        return Ok(());
    }
    let renames = [rename::find(merge.repository, &sides[0])?, rename::find(merge.repository, &sides[1])?];
    let appeared = [appeared(1, &sides[0], &renames[0]), appeared(2, &sides[1], &renames[1])];
    let followed = directory::follow(merge, appeared, &renames)?;
    let mut renamed: Vec<(Path, usize, Path)> =
        followed.into_iter().filter_map(|file| Some((file.from?, file.side, file.to))).collect();
    renamed.sort_by(|one, other| one.0.cmp(&other.0));
    let mut pending = renamed.into_iter().peekable();
    while let Some((from, side, to)) = pending.next() {
        if merge.paths.get(&from).is_none_or(|info| info.done.is_some()) {
            continue;
        }
        match pending.next_if(|next| next.0 == from) {
            Some((_, _, other)) => both_renamed(merge, &from, &to, &other)?,
            None => one_renamed(merge, &from, side, &to)?,
        }
    }
    Ok(())
}

fn appeared(side: usize, files: &Side, renames: &Renames) -> Vec<Appeared> {
    let files = files.added.iter().zip(&renames.sources);
    files.map(|(file, from)| Appeared { side, from: from.clone(), to: file.path.clone() }).collect()
}

/// Both sides renamed a file: to one name, which is no conflict, or to two.
fn both_renamed(merge: &mut Resolution<'_>, from: &[u8], ours: &[u8], theirs: &[u8]) -> Result<(), Error> {
    let Some(base) = merge.paths.get(from).and_then(|info| info.stages[0]) else { return Ok(()) };
    if ours == theirs {
        if let Some(info) = merge.paths.get_mut(ours) {
            info.stages[0] = Some(base);
            info.files |= BASE;
        }
        if let Some(info) = merge.paths.get_mut(from) {
            info.done = Some(None);
        }
        return Ok(());
    }
    let stage = |path: &[u8], stage: usize| merge.paths.get(path).and_then(|info| info.stages[stage]);
    let (Some(our_file), Some(their_file)) = (stage(ours, 1), stage(theirs, 2)) else { return Ok(()) };
    let names = [from.to_vec(), ours.to_vec(), theirs.to_vec()];
    let (mut at_ours, mut at_theirs) = (our_file, their_file);
    if our_file.kind() == their_file.kind() {
        let versions = Versions {
            stages: [Some(base), Some(our_file), Some(their_file)],
            names: Some(&names),
            path: from,
            longer: 1,
        };
        let merged =
            content::merge(merge.repository, &versions, our_file, their_file, &merge.options.labels)?;
        at_ours = merged.entry;
        let is_only_ours = merged.conflict.is_some() && merged.entry == our_file;
        at_theirs = if is_only_ours { their_file } else { merged.entry };
    }
    put(merge, ours, 1, at_ours);
    put(merge, theirs, 2, at_theirs);
    for path in [from, ours, theirs] {
        if let Some(info) = merge.paths.get_mut(path) {
            info.is_conflict = true;
        }
    }
    merge.conflict(from, ConflictKind::Rename);
    Ok(())
}

fn put(merge: &mut Resolution<'_>, path: &[u8], stage: usize, entry: Entry) {
    if let Some(info) = merge.paths.get_mut(path) {
        info.stages[stage] = Some(entry);
    }
}

/// One side renamed a file; the other changed it, deleted it, or has something under the new name.
fn one_renamed(merge: &mut Resolution<'_>, from: &[u8], side: usize, to: &[u8]) -> Result<(), Error> {
    let other = 3 - side;
    let (Some(old), Some(new)) = (merge.paths.get(from).cloned(), merge.paths.get(to).cloned()) else {
        return Ok(());
    };
    let is_deleted = old.files == BASE;
    let is_file = |entry: Option<Entry>| entry.is_some_and(Entry::is_file);
    let has_new_kind = !is_deleted && is_file(old.stages[other]) != is_file(new.stages[side]);
    let collides = new.files & (1 << other) != 0 && !has_new_kind;
    if collides && !is_deleted {
        collide(merge, from, (side, to), &old, &new)?;
    } else if collides {
        mark(merge, to);
    } else {
        if let Some(info) = merge.paths.get_mut(to) {
            info.stages[0] = old.stages[0];
            info.files |= BASE;
            info.name(0, from.to_vec(), to);
            if !has_new_kind && !is_deleted {
                info.stages[other] = old.stages[other];
                info.files |= 1 << other;
                info.name(other, from.to_vec(), to);
            }
        }
        if has_new_kind {
            if let Some(info) = merge.paths.get_mut(from) {
                info.stages[0] = None;
                info.files &= !BASE;
            }
        } else if is_deleted {
            mark(merge, to);
        }
    }
    if !has_new_kind && let Some(info) = merge.paths.get_mut(from) {
        info.done = Some(None);
    }
    Ok(())
}

fn mark(merge: &mut Resolution<'_>, path: &[u8]) {
    if let Some(info) = merge.paths.get_mut(path) {
        info.is_conflict = true;
    }
    merge.conflict(path, ConflictKind::Rename);
}

/// A file was renamed to a name that the other side has given to another: the renamed file is merged by itself first.
fn collide(
    merge: &mut Resolution<'_>,
    from: &[u8],
    (side, to): (usize, &[u8]),
    old: &Info,
    new: &Info,
) -> Result<(), Error> {
    let other = 3 - side;
    let mut stages = [old.stages[0], None, None];
    stages[other] = old.stages[other];
    stages[side] = new.stages[side];
    let mut names = [from.to_vec(), from.to_vec(), from.to_vec()];
    names[side] = to.to_vec();
    let [_, Some(ours), Some(theirs)] = stages else { return Ok(()) };
    if ours.kind() != theirs.kind() {
        return Ok(());
    }
    let versions = Versions { stages, names: Some(&names), path: from, longer: 1 };
    let merged = content::merge(merge.repository, &versions, ours, theirs, &merge.options.labels)?;
    put(merge, to, side, merged.entry);
    if merged.conflict.is_some() {
        merge.conflict(to, ConflictKind::Rename);
    }
    Ok(())
}

//! What becomes of each path on which the three trees differ.
//!
//! Paths are taken from the last to the first, so that all that lies in a folder is known before a file that stands
//! in its way. The rules are those of git's `ort` strategy. This module must not compare trees.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};

use super::collect::{BASE, Collected, Info, OURS, THEIRS};
use super::content::{self, Versions};
use super::lines::{diff, split};
use super::renamed;
use super::tree::{self, Entry, Path};
use super::{Conflict, ConflictKind, MergeOptions, OldLines, Picked, text};
use crate::error::Error;

/// Decides every path and writes the tree.
pub(super) fn resolve(
    repository: &Repository,
    collected: Collected,
    onto: Oid,
    options: &MergeOptions<'_>,
) -> Result<Picked, Error> {
    let mut merge = Resolution {
        repository,
        options,
        onto,
        paths: collected.paths,
        standing: BTreeSet::new(),
        changes: BTreeMap::new(),
        conflicts: Vec::new(),
    };
    renamed::follow(&mut merge, &collected.sides)?;
    let order: Vec<Path> = merge.paths.keys().rev().cloned().collect();
    for path in order {
        merge.entry(&path)?;
    }
    let tree = match merge.changes.is_empty() {
        true => onto,
        false => tree::update(repository, onto, &merge.changes)?,
    };
    let conflicts = one_a_path(merge.conflicts);
    if conflicts.is_empty() {
        return Ok(Picked::Clean { tree });
    }
    Ok(Picked::Conflict { conflicts, marked: tree })
}

/// Keeps one conflict of a path: that of a rename, which the others follow from, with the lines of all.
fn one_a_path(found: Vec<Conflict>) -> Vec<Conflict> {
    let weight = |conflict: &Conflict| match conflict.kind {
        ConflictKind::DirectoryRename => 2,
        ConflictKind::Rename => 1,
        ConflictKind::Content
        | ConflictKind::AddAdd
        | ConflictKind::ModifyDelete
        | ConflictKind::Mode
        | ConflictKind::Binary
        | ConflictKind::Submodule
        | ConflictKind::Regenerate => 0,
    };
    let mut kept: BTreeMap<String, Conflict> = BTreeMap::new();
    for mut conflict in found {
        if let Some(other) = kept.remove(&conflict.path) {
            let (mut more, less) =
                if weight(&conflict) > weight(&other) { (conflict, other) } else { (other, conflict) };
            more.lines.extend(less.lines);
            conflict = more;
        }
        kept.insert(conflict.path.clone(), conflict);
    }
    kept.into_values().collect()
}

/// A merge on its way.
pub(super) struct Resolution<'a> {
    pub(super) repository: &'a Repository,
    pub(super) options: &'a MergeOptions<'a>,
    pub(super) onto: Oid,
    pub(super) paths: BTreeMap<Path, Info>,
    /// Folders that something is left in.
    standing: BTreeSet<Path>,
    /// How the target's tree changes.
    changes: BTreeMap<Path, Option<Entry>>,
    pub(super) conflicts: Vec<Conflict>,
}

impl Resolution<'_> {
    fn entry(&mut self, path: &[u8]) -> Result<(), Error> {
        let Some(mut info) = self.paths.get(path).cloned() else { return Ok(()) };
        if info.has_more {
            self.stand(path);
        }
        if let Some(done) = info.done {
            self.record(path, info.before, done);
            return Ok(());
        }
        if info.files == 0 {
            return Ok(());
        }
        let mut place = path.to_vec();
        if info.in_the_way {
            let is_standing = self.standing.contains(path);
            if is_standing && info.files == BASE {
                return Ok(());
            }
            let files = info.files;
            for (stage, entry) in info.stages.iter_mut().enumerate() {
                if files & (1 << stage) == 0 {
                    *entry = None;
                }
            }
            if is_standing {
                // The folder stays; the file goes beside it.
                let side = if info.folders & OURS != 0 { 2 } else { 1 };
                place = self.unique(path, side)?;
                info.before = None;
            } else {
                info.in_the_way = false;
            }
            info.alike &= !info.folders;
            info.folders = 0;
        }
        self.decide(path, &place, &info)?;
        if info.in_the_way && self.changes.get(&place).is_some_and(Option::is_some) {
            let is_change = info.files & BASE != 0;
            self.conflict(path, if is_change { ConflictKind::ModifyDelete } else { ConflictKind::Mode });
        }
        Ok(())
    }

    fn decide(&mut self, path: &[u8], place: &[u8], info: &Info) -> Result<(), Error> {
        let [_, ours, theirs] = info.stages;
        if info.alike != 0 {
            // What both sides had alike counts as the target has it, even if a rename has brought a version in since.
            let result = if info.alike == 3 { theirs } else { ours };
            if result.is_some() && info.is_conflict {
                self.mark_renamed(path, info);
            }
            self.record(place, info.before, result);
            return Ok(());
        }
        match (info.files, ours, theirs) {
            (6 | 7, Some(ours), Some(theirs)) if ours.kind() != theirs.kind() => {
                self.decide_kinds(place, info, ours, theirs)
            }
            (6 | 7, Some(ours), Some(theirs)) => {
                let versions =
                    Versions { stages: info.stages, names: info.names.as_deref(), path, longer: 0 };
                let merged = content::merge(self.repository, &versions, ours, theirs, &self.options.labels)?;
                if let Some(kind) = merged.conflict {
                    let conflict = Conflict { path: text(path), kind, suggest: None, lines: merged.lines };
                    self.conflicts.push(conflict);
                } else if info.is_conflict {
                    self.mark_renamed(path, info);
                }
                self.record(place, info.before, Some(merged.entry));
                Ok(())
            }
            (3 | 5, ..) => {
                let kept = ours.or(theirs);
                let is_rename =
                    info.is_conflict && info.stages[0].map(|base| base.id) == kept.map(|kept| kept.id);
                if !is_rename {
                    self.conflict_whole(path, info)?;
                } else {
                    self.mark_renamed(path, info);
                }
                self.record(place, info.before, kept);
                Ok(())
            }
            (OURS | THEIRS, ..) => {
                if info.is_conflict {
                    self.mark_renamed(path, info);
                }
                self.record(place, info.before, ours.or(theirs));
                Ok(())
            }
            _ => {
                self.record(place, info.before, None);
                Ok(())
            }
        }
    }

    /// The sides made different kinds of things: files go beside what keeps the name.
    fn decide_kinds(&mut self, path: &[u8], info: &Info, ours: Entry, theirs: Entry) -> Result<(), Error> {
        self.conflict(path, ConflictKind::Mode);
        let moves_ours = ours.is_file() || !theirs.is_file();
        let moves_theirs = !ours.is_file();
        let ours_path = if moves_ours { self.unique(path, 1)? } else { path.to_vec() };
        let theirs_path = if moves_theirs { self.unique(path, 2)? } else { path.to_vec() };
        if moves_ours && moves_theirs {
            self.record(path, info.before, None);
        }
        let before = |moved: bool| if moved { None } else { info.before };
        self.record(&ours_path, before(moves_ours), Some(ours));
        self.record(&theirs_path, before(moves_theirs), Some(theirs));
        Ok(())
    }

    /// Records what is at a path in the end.
    fn record(&mut self, path: &[u8], before: Option<Entry>, result: Option<Entry>) {
        if result.is_some() {
            self.stand_above(path);
        }
        // A folder stays as long as something is in it.
        let is_left_to_others = result.is_none()
            && before.is_some_and(|before| before.is_folder())
            && self.standing.contains(path);
        if result != before && !is_left_to_others {
            self.changes.insert(path.to_vec(), result);
        }
    }

    /// Records that a file of the target goes to another path.
    pub(super) fn take_away(&mut self, path: &[u8]) {
        self.changes.insert(path.to_vec(), None);
    }

    fn stand_above(&mut self, path: &[u8]) {
        if let Some(slash) = path.iter().rposition(|byte| *byte == b'/') {
            self.stand(&path[..slash]);
        }
    }

    fn stand(&mut self, folder: &[u8]) {
        if self.standing.insert(folder.to_vec()) {
            self.stand_above(folder);
        }
    }

    /// Returns a name beside `path` that nothing has, as git makes it.
    fn unique(&self, path: &[u8], side: usize) -> Result<Path, Error> {
        let labels = &self.options.labels;
        let label = if side == 1 { &labels.ours } else { &labels.theirs };
        let mut base = path.to_vec();
        base.push(b'~');
        base.extend(label.bytes().map(|byte| if byte == b'/' { b'_' } else { byte }));
        let mut found = base.clone();
        let mut suffix = 0;
        while self.paths.contains_key(&found)
            || self.changes.contains_key(&found)
            || tree::look_up(self.repository, self.onto, &found)?.is_some()
        {
            found = base.clone();
            found.extend_from_slice(format!("_{suffix}").as_bytes());
            suffix += 1;
        }
        Ok(found)
    }

    pub(super) fn conflict(&mut self, path: &[u8], kind: ConflictKind) {
        self.conflicts.push(Conflict { path: text(path), kind, suggest: None, lines: Vec::new() });
    }

    /// One side deleted what the other changed.
    fn conflict_whole(&mut self, path: &[u8], info: &Info) -> Result<(), Error> {
        let name = text(info.names.as_ref().map_or(path, |names| &names[0]));
        let kept = info.stages[1].or(info.stages[2]);
        let lines = match (info.stages[0], kept) {
            (Some(base), Some(kept)) if base.is_file() && kept.is_file() => {
                let (base, kept) =
                    (tree::blob(self.repository, base.id)?, tree::blob(self.repository, kept.id)?);
                let hunks = diff(&split(&base), &split(&kept)).into_iter();
                hunks
                    .map(|hunk| OldLines {
                        path: name.clone(),
                        first: hunk.before.start,
                        count: hunk.before.len(),
                    })
                    .collect()
            }
            _ => Vec::new(),
        };
        let kind = ConflictKind::ModifyDelete;
        self.conflicts.push(Conflict { path: text(path), kind, suggest: None, lines });
        Ok(())
    }

    /// A path that a rename made a conflict of: it was said when the rename was found.
    fn mark_renamed(&mut self, path: &[u8], _info: &Info) {
        let path = text(path);
        let is_said = |conflict: &Conflict| conflict.path == path || conflict.suggest.as_ref() == Some(&path);
        if !self.conflicts.iter().any(is_said) {
            self.conflicts.push(Conflict {
                path,
                kind: ConflictKind::Rename,
                suggest: None,
                lines: Vec::new(),
            });
        }
    }
}

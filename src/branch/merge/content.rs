//! One path that both sides changed: modes, contents, links and submodules.
//!
//! This module must not know where the result goes.

use git2::{Oid, Repository};

use super::tree::{self, Entry, Path, Stages};
use super::{ConflictKind, Labels, OldLines, text};
use crate::error::Error;

/// What the two sides made together.
pub(super) struct Merged {
    /// The result, with markers if it is a conflict.
    pub(super) entry: Entry,
    /// Why it is one.
    pub(super) conflict: Option<ConflictKind>,
    /// Lines of the base that the sides do not agree on.
    pub(super) lines: Vec<OldLines>,
}

/// The three versions of one thing.
pub(super) struct Versions<'a> {
    /// Their entries; both sides have one, of the same kind.
    pub(super) stages: Stages,
    /// Their paths; `None` if all are the same.
    pub(super) names: Option<&'a [Path; 3]>,
    /// The path of the result.
    pub(super) path: &'a [u8],
    /// How many characters markers have beyond seven, where merges of merges meet.
    pub(super) longer: usize,
}

/// Merges what both sides have; `ours` and `theirs` are of one kind.
pub(super) fn merge(
    repository: &Repository,
    versions: &Versions<'_>,
    ours: Entry,
    theirs: Entry,
    labels: &Labels,
) -> Result<Merged, Error> {
    let base = versions.stages[0];
    let base_mode = base.map_or(0, |base| base.mode);
    let mut conflict = None;
    let mode = if ours.mode == theirs.mode || ours.mode == base_mode {
        theirs.mode
    } else {
        if theirs.mode != base_mode {
            conflict = Some(ConflictKind::Mode);
        }
        ours.mode
    };
    let taken = |id: Oid, conflict| Ok(Merged { entry: Entry { id, mode }, conflict, lines: Vec::new() });
    let base_id = base.map(|base| base.id);
    if ours.id == theirs.id || Some(ours.id) == base_id {
        return taken(theirs.id, conflict);
    }
    if Some(theirs.id) == base_id {
        return taken(ours.id, conflict);
    }
    if ours.is_submodule() {
        return taken(ours.id, Some(ConflictKind::Submodule));
    }
    if !ours.is_file() {
        return taken(ours.id, Some(ConflictKind::Content));
    }
    // Where the base was something else, the files have nothing in common.
    let base = match base.filter(|base| base.kind() == ours.kind()) {
        Some(base) => tree::blob(repository, base.id)?,
        None => Vec::new(),
    };
    let (ours_text, theirs_text) = (tree::blob(repository, ours.id)?, tree::blob(repository, theirs.id)?);
    if [&base, &ours_text, &theirs_text].into_iter().any(|bytes| is_binary(bytes)) {
        return taken(ours.id, Some(ConflictKind::Binary));
    }
    let sides = [base.as_slice(), &ours_text, &theirs_text];
    let merged = merge_lines(sides, &names_of(versions, labels), 7 + versions.longer)?;
    let id = repository.blob(&merged.bytes).map_err(tree::cannot_write)?;
    let path = versions.names.map_or(versions.path, |names| &names[0]);
    let lines = merged.conflicts.iter().map(|(first, count)| OldLines {
        path: text(path),
        first: *first,
        count: *count,
    });
    let lines: Vec<OldLines> = lines.collect();
    if merged.is_conflict {
        let kind = if versions.stages[0].is_some() { ConflictKind::Content } else { ConflictKind::AddAdd };
        conflict = Some(kind);
    }
    Ok(Merged { entry: Entry { id, mode }, conflict, lines })
}

/// Returns what stands behind the markers of base, ours and theirs.
fn names_of(versions: &Versions<'_>, labels: &Labels) -> [String; 3] {
    let labels = [&labels.base, &labels.ours, &labels.theirs];
    let Some(names) = versions.names.filter(|names| names[0] != names[1] || names[1] != names[2]) else {
        return labels.map(Clone::clone);
    };
    [0, 1, 2].map(|stage| format!("{}:{}", labels[stage], text(&names[stage])))
}

/// Returns whether git takes it for something that has no lines.
pub(in crate::branch) fn is_binary(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 8000;
    bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0)
}

struct Lines {
    bytes: Vec<u8>,
    is_conflict: bool,
    conflicts: Vec<(usize, usize)>,
}

fn merge_lines(sides: [&[u8]; 3], labels: &[String; 3], marker: usize) -> Result<Lines, Error> {
    let [mut base, mut ours, mut theirs] = [(); 3].map(|()| git2::MergeFileInput::new());
    base.content(sides[0]);
    ours.content(sides[1]);
    theirs.content(sides[2]);
    let merged = git2::merge_file(&base, &ours, &theirs, None).map_err(tree::cannot_read)?;
    if merged.is_automergeable() {
        return Ok(Lines { bytes: merged.content().to_vec(), is_conflict: false, conflicts: Vec::new() });
    }
    let mut options = git2::MergeFileOptions::new();
    options.style_diff3(true).marker_size(u16::try_from(marker).unwrap_or(7));
    options.ancestor_label(labels[0].as_str()).our_label(labels[1].as_str()).their_label(labels[2].as_str());
    let marked = git2::merge_file(&base, &ours, &theirs, Some(&mut options)).map_err(tree::cannot_read)?;
    Ok(Lines { bytes: marked.content().to_vec(), is_conflict: true, conflicts: Vec::new() })
}

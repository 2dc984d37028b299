//! One path that both sides changed: modes, contents, links and submodules.
//!
//! This module must not know where the result goes.

use std::ops::Range;

use git2::{Oid, Repository};

use super::three_way::{Markers, ThreeWay, three_way};
use super::tree::{self, Entry, Path, Stages};
use super::{ConflictKind, Labels, OldLines, text};
use crate::error::Error;

/// Characters of a conflict marker.
const MARKER: usize = 7;

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
    let (bytes, lines) = merge_lines(sides, versions, labels);
    if lines.is_some() {
        let is_addition = versions.stages[0].is_none();
        conflict = Some(if is_addition { ConflictKind::AddAdd } else { ConflictKind::Content });
    }
    let id = repository.blob(&bytes).map_err(tree::cannot_write)?;
    Ok(Merged { entry: Entry { id, mode }, conflict, lines: lines.unwrap_or_default() })
}

/// Merges texts; `None` for the lines where it went well.
fn merge_lines(
    [base, ours, theirs]: [&[u8]; 3],
    versions: &Versions<'_>,
    labels: &Labels,
) -> (Vec<u8>, Option<Vec<OldLines>>) {
    let names = names_of(versions, labels);
    let markers = Markers { labels: [&names[0], &names[1], &names[2]], size: MARKER + versions.longer };
    match three_way(base, ours, theirs, &markers) {
        ThreeWay::Clean(bytes) => (bytes, None),
        ThreeWay::Conflict { marked, lines } => {
            let path = text(versions.names.map_or(versions.path, |names| &names[0]));
            let old = |range: &Range<usize>| OldLines {
                path: path.clone(),
                first: range.start,
                count: range.len(),
            };
            (marked, Some(lines.iter().map(old).collect()))
        }
    }
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

//! The message of a pick: that of the unit, kept byte for byte, and the block that ends it.

use std::collections::BTreeMap;

use git2::Oid;

use crate::branch::history::Unit;
use crate::branch::history::message::{ID, picked_line, quoted, with_block};

/// What a pick's message says beside the unit's own words.
#[derive(Clone, Debug, Default)]
pub(super) struct Block {
    /// What the commit is picked from, in order.
    pub picked_from: Vec<Oid>,
    /// What selected it.
    pub rule: String,
    /// Paths that were made anew.
    pub regenerated: Vec<String>,
    /// Paths of the unit that are left out.
    pub left_out: Vec<String>,
    /// The unit that needs it.
    pub needed_by: Option<Oid>,
    /// Paths that a human must merge.
    pub conflicts: Vec<String>,
}

/// The commit that a revert takes back, on the minor branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is there.
    Known(Oid),
    /// It is made by the plan: which of the minor's commits.
    New(usize),
}

impl Block {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.picked_from.iter().map(|id| picked_line(*id)).collect();
        lines.push(format!("Pick-Rule: {}", self.rule));
        let mut paths = |key: &str, paths: &[String]| {
            lines.extend(paths.iter().map(|path| format!("{key}: {}", quoted(path))));
        };
        paths("Pick-Regenerated", &self.regenerated);
        paths("Pick-Partial", &self.left_out);
        lines.extend(self.needed_by.map(|id| format!("Pick-Dependency-Of: {id}")));
        lines.extend(self.conflicts.iter().map(|path| format!("Pick-Conflict: {}", quoted(path))));
        lines
    }
}

/// Returns the message of a pick of `unit`, and the places where it names commits that are to be made; `places` says
/// where what the unit takes back is on the branch.
pub(super) fn message(
    unit: &Unit,
    block: &Block,
    places: &BTreeMap<Oid, Place>,
) -> (Vec<u8>, Vec<(usize, usize)>) {
    let mut message = unit.message.clone();
    let mut names = Vec::new();
    for line in &unit.reverts {
        match places.get(&line.id) {
            Some(Place::Known(id)) => {
                message[line.at..line.at + ID].copy_from_slice(id.to_string().as_bytes());
            }
            Some(Place::New(number)) => names.push((line.at, *number)),
            None => {}
        }
    }
    (with_block(&message, &block.lines()), names)
}

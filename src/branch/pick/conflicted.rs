//! A unit that a human must merge: what it lacks, what waits for it, what it leaves.

use super::block::Block;
use super::choice::Selector;
use super::merging::Conflicted;
use super::run::{Outcome, Run};
use super::status::Status;
use crate::branch::merge::{Conflict, ConflictKind};
use crate::error::Error;
use crate::spec::pick_policy::{DependencyMode, OnConflict};

impl Run<'_> {
    /// Plans an entry for a conflict: what it lacks, what it keeps waiting, and the draft that it leaves.
    pub(super) fn conflict(
        &mut self,
        index: usize,
        by: Selector,
        left_out: &[String],
        conflicted: Conflicted,
    ) -> Result<Outcome, Error> {
        let policy = &self.target.inputs.policy;
        // Nobody's lines are in the way of what cannot be generated.
        let is_merge = conflicted.conflicts.iter().any(|conflict| conflict.kind != ConflictKind::Regenerate);
        let mut entry = match policy.dependencies.mode {
            _ if !is_merge => self.entry(index, Status::Conflict, Some(by)),
            DependencyMode::Off => self.entry(index, Status::Conflict, Some(by)),
            DependencyMode::Suggest | DependencyMode::Auto => {
                match self.suggested(index, by, &conflicted.conflicts)? {
                    Outcome::Planned(entry) => *entry,
                    needs @ Outcome::Needs(_) => return Ok(needs),
                }
            }
        };
        if policy.on_conflict.default == OnConflict::Stop {
            self.stopped_by = Some(index);
        }
        if entry.status == Status::Blocked {
            return Ok(entry.into());
        }
        for conflict in &conflicted.conflicts {
            let old = conflict.lines.iter().map(|lines| &lines.path);
            for path in old.chain([&conflict.path]) {
                self.in_conflict.entry(path.clone()).or_insert(index);
            }
        }
        if policy.on_conflict.default == OnConflict::Draft && entry.requires.is_empty() {
            let unit = self.unit(index);
            let tree = self.merging.draft(unit, left_out, conflicted.marked)?;
            let conflicts = conflicted.conflicts.iter().map(|conflict| conflict.path.clone()).collect();
            let block = Block { conflicts, ..self.block(index, by, vec![unit.id], left_out, Vec::new()) };
            entry.draft = Some(self.new_pick(unit, tree, &block));
        }
        if entry.reason.is_empty() {
            entry.reason = in_words(&conflicted.conflicts);
            if !conflicted.reason.is_empty() {
                entry.reason.push_str(&format!(": {}", conflicted.reason));
            }
        }
        entry.conflicts = conflicted.conflicts;
        Ok(entry.into())
    }
}

fn in_words(conflicts: &[Conflict]) -> String {
    let shown: Vec<String> = conflicts
        .iter()
        .take(3)
        .map(|conflict| format!("`{}` ({})", conflict.path, conflict.kind.word()))
        .collect();
    let more = conflicts.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("in {}{more}", shown.join(", "))
}

//! Commits that were made on a minor branch by hand and do exactly what a unit does.
//!
//! Blanks count: in YAML they are structure. Paths that minor branches do not have, and generated ones, do not.

use std::collections::BTreeMap;

use git2::Repository;

use crate::branch::history::{TargetCommit, Unit};
use crate::branch::merge::{Directories, Labels, MergeOptions, Picked, TreeChange, changed_paths, pick};
use crate::branch::patch_id::{PatchId, patch_id};
use crate::error::Error;
use crate::spec::pick_policy::PickPolicy;

/// Which paths count.
#[derive(Clone, Copy)]
pub(super) struct Filter<'a> {
    pub repository: &'a Repository,
    pub policy: &'a PickPolicy,
}

/// Returns for units that are absent the commit that stands for each. Commits that say what they were picked from stand
/// for that alone, and each other one for one unit, the oldest.
pub(super) fn equivalents(
    filter: Filter<'_>,
    units: &[Unit],
    absent: &[usize],
    commits: &[TargetCommit],
) -> Result<BTreeMap<usize, usize>, Error> {
    let by_hand = |commit: &TargetCommit| !commit.is_merge && commit.picked_from.is_empty();
    let mut candidates: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (at, commit) in commits.iter().enumerate().filter(|(_, commit)| by_hand(commit)) {
        let paths = changed_paths(filter.repository, commit.change)?;
        candidates.entry(filter.counted(paths.iter())).or_default().push(at);
    }
    // Most branches have nothing but picks.
    candidates.remove(&Vec::new());
    let mut found = BTreeMap::new();
    for index in absent {
        let unit = &units[*index];
        let Some(likely) = candidates.get_mut(&filter.counted(unit.paths.iter())) else { continue };
        let Some(wanted) = filter.id(unit.change)? else { continue };
        for (place, at) in likely.iter().enumerate() {
            if filter.id(commits[*at].change)? == Some(wanted) {
                found.insert(*index, likely.remove(place));
                break;
            }
        }
    }
    Ok(found)
}

impl Filter<'_> {
    fn is_left_out(&self, path: &str) -> bool {
        self.policy.is_trunk_only(path) || self.policy.is_generated(path)
    }

    fn counted<'p>(&self, paths: impl Iterator<Item = &'p String>) -> Vec<String> {
        paths.filter(|path| !self.is_left_out(path)).cloned().collect()
    }

    /// Returns the id of a change without the paths that do not count.
    fn id(&self, change: TreeChange) -> Result<Option<PatchId>, Error> {
        let Some(before) = change.before else { return patch_id(self.repository, change) };
        let kept = |path: &str| self.is_left_out(path);
        let labels = Labels { ours: String::new(), base: String::new(), theirs: String::new() };
        let options = MergeOptions { kept: &kept, directories: Directories::Ignore, labels };
        match pick(self.repository, change, before, &options)? {
            Picked::Clean { tree } => {
                patch_id(self.repository, TreeChange { before: Some(before), after: tree })
            }
            Picked::Conflict { .. } => Ok(None),
        }
    }
}

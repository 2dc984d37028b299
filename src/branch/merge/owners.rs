//! Who brought in the lines that are in conflict: what a change needs on a branch before it goes in.
//!
//! Lines are followed back along first parents, through renames; only commits that are asked about are named. This
//! module must not know why anybody asks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use git2::{Oid, Repository};

use super::lines::{diff, split};
use super::similarity::{ENOUGH, Pieces, score};
use super::tree::{self, Entry, Path};
use super::{Conflict, ConflictKind};
use crate::error::Error;

/// Returns those of `candidates` that own the old lines in conflict, in their order; `parent` is the commit before the
/// change, `candidates` are commits of its first-parent chain, the oldest first.
///
/// Of a file that the target lacks, the commit that added it is one, too; where lines say nothing (files that are no
/// text, modes, submodules), the last commit that touched the path is.
///
/// # Errors
/// [`Error::Git`] where objects are missing.
pub fn line_owners(
    repository: &Repository,
    conflicts: &[Conflict],
    parent: Oid,
    candidates: &[Oid],
) -> Result<Vec<Oid>, Error> {
    let Some(oldest) = candidates.first() else { return Ok(Vec::new()) };
    let mut files: BTreeMap<Path, File> = BTreeMap::new();
    for conflict in conflicts {
        for lines in &conflict.lines {
            let file = files.entry(lines.path.clone().into_bytes()).or_default();
            file.lines.extend(lines.first..lines.first + lines.count);
            file.wants_creator |= matches!(conflict.kind, ConflictKind::ModifyDelete | ConflictKind::Rename);
        }
        if conflict.lines.is_empty() {
            files.entry(conflict.path.clone().into_bytes()).or_default().wants_last = true;
        }
    }
    let mut owners = BTreeSet::new();
    for (path, file) in files {
        follow(repository, path, file, (parent, *oldest), &mut owners)?;
    }
    Ok(candidates.iter().filter(|candidate| owners.contains(*candidate)).copied().collect())
}

/// What is asked about a file.
#[derive(Debug, Default)]
struct File {
    lines: BTreeSet<usize>,
    wants_creator: bool,
    wants_last: bool,
}

impl File {
    fn is_answered(&self) -> bool {
        self.lines.is_empty() && !self.wants_creator && !self.wants_last
    }
}

fn follow(
    repository: &Repository,
    mut path: Path,
    mut file: File,
    (parent, oldest): (Oid, Oid),
    owners: &mut BTreeSet<Oid>,
) -> Result<(), Error> {
    let mut next = Some(parent);
    while let Some(id) = next {
        if file.is_answered() {
            return Ok(());
        }
        let commit = repository.find_commit(id).map_err(tree::cannot_read)?;
        let before = match commit.parent_ids().next() {
            Some(_) => Some(commit.parent(0).map_err(tree::cannot_read)?),
            None => None,
        };
        let before_tree = before.as_ref().map(git2::Commit::tree_id);
        let here = tree::look_up(repository, commit.tree_id(), &path)?;
        let there = match before_tree {
            Some(tree) => tree::look_up(repository, tree, &path)?,
            None => None,
        };
        if here != there {
            if std::mem::take(&mut file.wants_last) {
                owners.insert(id);
            }
            let Some(here) = here else { return Ok(()) };
            let source = match (there, before_tree) {
                (Some(there), _) => Some((path.clone(), there)),
                (None, Some(before)) => renamed_from(repository, (before, commit.tree_id()), here)?,
                (None, None) => None,
            };
            let Some((old_path, old)) = source else {
                owners.insert(id);
                return Ok(());
            };
            if pass(repository, &mut file.lines, old, here)? {
                owners.insert(id);
            }
            path = old_path;
        }
        next = before.map(|before| before.id()).filter(|_| id != oldest);
    }
    Ok(())
}

/// Takes lines from one version of a file to the one before it; returns whether some were not there.
fn pass(repository: &Repository, lines: &mut BTreeSet<usize>, old: Entry, new: Entry) -> Result<bool, Error> {
    if lines.is_empty() || old.id == new.id || !old.is_file() || !new.is_file() {
        return Ok(false);
    }
    let (old, new) = (tree::blob(repository, old.id)?, tree::blob(repository, new.id)?);
    let hunks = diff(&split(&old), &split(&new));
    let is_new = |line: &usize| hunks.iter().any(|hunk| hunk.after.contains(line));
    let passed = lines.iter().filter(|line| !is_new(line)).map(|line| {
        let above = hunks.iter().take_while(|hunk| hunk.after.end <= *line);
        let (mut old_line, mut shift) = (*line, 0..0);
        for hunk in above {
            shift = shift.start + hunk.before.len()..shift.end + hunk.after.len();
        }
        let Range { start: added, end: taken } = shift;
        old_line = (old_line + added).saturating_sub(taken);
        old_line
    });
    let passed: BTreeSet<usize> = passed.collect();
    let some_are_new = passed.len() < lines.len();
    *lines = passed;
    Ok(some_are_new)
}

/// Returns the file that went where another came, if they are alike enough to be one.
fn renamed_from(
    repository: &Repository,
    (before, after): (Oid, Oid),
    file: Entry,
) -> Result<Option<(Path, Entry)>, Error> {
    let gone: Vec<(Path, Entry)> = tree::changes(repository, Some(before), Some(after))?
        .into_iter()
        .filter(|change| change.after.is_none())
        .filter_map(|change| Some((change.path, change.before.filter(|entry| entry.is_file())?)))
        .collect();
    if let Some(same) = gone.iter().find(|(_, entry)| entry.id == file.id) {
        return Ok(Some(same.clone()));
    }
    if !file.is_file() {
        return Ok(None);
    }
    let pieces = Pieces::of(&tree::blob(repository, file.id)?);
    let mut best: Option<(u64, (Path, Entry))> = None;
    for (path, entry) in gone {
        let score = score(&Pieces::of(&tree::blob(repository, entry.id)?), &pieces, ENOUGH);
        if score >= ENOUGH && best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, (path, entry)));
        }
    }
    Ok(best.map(|(_, found)| found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};
    use crate::branch::merge::{Directories, Labels, MergeOptions, Picked, TreeChange, pick};

    /// Picks the commit onto the branch and returns who owns the lines in conflict.
    fn owners(
        repository: &TempRepository,
        commit: Oid,
        onto: Oid,
        candidates: &[Oid],
    ) -> Result<Vec<Oid>, Error> {
        let git = &repository.git;
        let (Ok(commit), Ok(onto)) = (git.find_commit(commit), git.find_commit(onto)) else {
            return Ok(Vec::new());
        };
        let labels = Labels::of_pick(&commit);
        let options = MergeOptions { kept: &|_| false, directories: Directories::Ask, labels };
        match pick(git, TreeChange::of(&commit)?, onto.tree_id(), &options)? {
            Picked::Clean { .. } => Ok(Vec::new()),
            Picked::Conflict { conflicts, .. } => {
                let parent = commit.parent_ids().next().unwrap_or(commit.id());
                line_owners(git, &conflicts, parent, candidates)
            }
        }
    }

    #[test]
    fn a_commit_that_changes_what_another_added_needs_it_and_not_those_between() -> TestResult {
        let repository = TempRepository::new()?;
        let tip = repository.commit("main", "base", &[("x.yaml", "a: 1\nb: 2\n"), ("y", "y\n")])?;
        let adds = repository.commit("main", "adds", &[("x.yaml", "a: 1\nc: 3\nb: 2\n")])?;
        let between = repository.commit("main", "between", &[("x.yaml", "a: 1\nc: 3\nb: 2\nd: 4\n")])?;
        let changes = repository.commit("main", "changes", &[("x.yaml", "a: 1\nc: 4\nb: 2\nd: 4\n")])?;

        assert_eq!(owners(&repository, changes, tip, &[adds, between])?, [adds]);
        assert_eq!(owners(&repository, changes, adds, &[between])?, []);
        Ok(())
    }

    #[test]
    fn a_commit_that_changes_a_file_needs_who_added_it_and_whose_lines_it_changes() -> TestResult {
        let repository = TempRepository::new()?;
        let tip = repository.commit("main", "base", &[("y", "y\n")])?;
        let adds = repository.commit("main", "adds", &[("new.yaml", "a: 1\nb: 2\nc: 3\n")])?;
        let other = repository.commit("main", "other", &[("new.yaml", "a: 1\nb: 2\nc: 3\nd: 4\n")])?;
        let owner = repository.commit("main", "owner", &[("new.yaml", "a: 1\nb: 3\nc: 3\nd: 4\n")])?;
        let changes = repository.commit("main", "changes", &[("new.yaml", "a: 1\nb: 4\nc: 3\nd: 4\n")])?;

        assert_eq!(owners(&repository, changes, tip, &[adds, other, owner])?, [adds, owner]);
        Ok(())
    }

    #[test]
    fn a_binary_needs_who_touched_it_last() -> TestResult {
        let repository = TempRepository::new()?;
        let tip = repository.commit("main", "base", &[("b", "\0one")])?;
        let two = repository.commit("main", "two", &[("b", "\0two")])?;
        let three = repository.commit("main", "three", &[("b", "\0three")])?;
        let four = repository.commit("main", "four", &[("b", "\0four")])?;

        assert_eq!(owners(&repository, four, tip, &[two, three])?, [three]);
        Ok(())
    }
}

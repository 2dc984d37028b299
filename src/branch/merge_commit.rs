//! Merge commits taken apart: the commits that one brought in, if it did nothing else.
//!
//! A merge that is more than the merge of its parents (an evil one) cannot be replaced by what it merged. This module
//! must not decide what is done about that.

use git2::{Commit, Oid, Repository};

use super::merge::{Directories, Labels, MergeOptions, Picked, TreeChange, changes, pick, text};
use crate::error::Error;

/// What a merge commit is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The commits of the side that it merged, the oldest first.
    Commits(Vec<Oid>),
    /// A path on which it differs from the merge of its parents.
    Evil(String),
    /// It merged merges, or more than one side, or sides that parted more than once.
    Nested,
}

/// Takes a merge commit apart.
///
/// # Errors
/// [`Error::Git`] where commits or trees are missing.
pub fn parts(repository: &Repository, merge: Oid) -> Result<Parts, Error> {
    let merge = repository.find_commit(merge).map_err(cannot_read)?;
    let parents: Vec<Oid> = merge.parent_ids().collect();
    let [trunk, side] = parents[..] else { return Ok(Parts::Nested) };
    let bases = bases(repository, trunk, side)?;
    if bases.len() > 1 {
        return Ok(Parts::Nested);
    }
    let base = bases.first().copied();
    let mut commits = Vec::new();
    let mut next = Some(side);
    while let Some(id) = next.filter(|id| Some(*id) != base) {
        let commit = repository.find_commit(id).map_err(cannot_read)?;
        if commit.parent_count() > 1 {
            return Ok(Parts::Nested);
        }
        commits.push(id);
        next = commit.parent_ids().next();
    }
    commits.reverse();
    let evil = beyond_its_parents(repository, &merge, base)?;
    Ok(evil.map_or(Parts::Commits(commits), Parts::Evil))
}

/// Returns a path on which a merge of two parents differs from what git makes of them; `None` where there is none.
fn beyond_its_parents(
    repository: &Repository,
    merge: &Commit<'_>,
    base: Option<Oid>,
) -> Result<Option<String>, Error> {
    let tree = |id: Oid| repository.find_commit(id).map(|commit| commit.tree_id()).map_err(cannot_read);
    let (trunk, side) = (merge.parent_id(0).map_err(cannot_read)?, merge.parent_id(1).map_err(cannot_read)?);
    let change = TreeChange { before: base.map(tree).transpose()?, after: tree(side)? };
    let labels = Labels::of_pick(merge);
    let options = MergeOptions { kept: &|_| false, directories: Directories::Ask, labels };
    match pick(repository, change, tree(trunk)?, &options)? {
        Picked::Clean { tree } => {
            let differing = changes(repository, Some(tree), Some(merge.tree_id()))?;
            Ok(differing.first().map(|change| text(&change.path)))
        }
        Picked::Conflict { conflicts, .. } => Ok(conflicts.into_iter().next().map(|conflict| conflict.path)),
    }
}

/// Returns a path on which a merge does more than merge its parents; `None` where there is none.
///
/// A merge of more than two, or of sides that parted more than once, is one that cannot be told: it is `.`.
///
/// # Errors
/// [`Error::Git`] where commits or trees are missing.
pub fn evil_path(repository: &Repository, merge: &Commit<'_>) -> Result<Option<String>, Error> {
    let parents: Vec<Oid> = merge.parent_ids().collect();
    let [trunk, side] = parents[..] else { return Ok(Some(".".to_owned())) };
    match bases(repository, trunk, side)?[..] {
        [] => beyond_its_parents(repository, merge, None),
        [base] => beyond_its_parents(repository, merge, Some(base)),
        _ => Ok(Some(".".to_owned())),
    }
}

fn bases(repository: &Repository, trunk: Oid, side: Oid) -> Result<Vec<Oid>, Error> {
    match repository.merge_bases(trunk, side) {
        Ok(bases) => Ok(bases.iter().copied().collect()),
        Err(source) if source.code() == git2::ErrorCode::NotFound => Ok(Vec::new()),
        Err(source) => Err(cannot_read(source)),
    }
}

fn cannot_read(source: git2::Error) -> Error {
    Error::Git { doing: "take a merge commit apart".to_owned(), source }
}

#[cfg(test)]
mod tests {
    use git2::{Signature, Time};

    use super::*;
    use crate::branch::fixture::{TempRepository, TestResult};

    /// Merges `side` into `main`, with the tree of the commit `like`.
    fn merge(repository: &TempRepository, side: Oid, like: Oid) -> Result<Oid, git2::Error> {
        let git = &repository.git;
        let by = Signature::new("Grace", "grace@example.com", &Time::new(1_763_700_000, 540))?;
        let trunk = git.find_reference("refs/heads/main")?.peel_to_commit()?;
        let tree = git.find_commit(like)?.tree()?;
        git.commit(Some("refs/heads/main"), &by, &by, "merge", &tree, &[&trunk, &git.find_commit(side)?])
    }

    /// Makes a base, two commits beside it and one on `main`; returns the side's.
    fn sides(repository: &TempRepository) -> Result<[Oid; 2], git2::Error> {
        let base = repository.commit("main", "base", &[("a", "a\n"), ("b", "b\n")])?;
        repository.git.reference("refs/heads/side", base, false, "")?;
        let first = repository.commit("side", "first", &[("a", "A\n")])?;
        let second = repository.commit("side", "second", &[("c", "c\n")])?;
        repository.commit("main", "on trunk", &[("b", "B\n")])?;
        Ok([first, second])
    }

    #[test]
    fn a_clean_merge_is_what_it_merged() -> TestResult {
        let repository = TempRepository::new()?;
        let [first, second] = sides(&repository)?;
        let like = repository.commit("tree", "t", &[("a", "A\n"), ("b", "B\n"), ("c", "c\n")])?;

        let merge = merge(&repository, second, like)?;

        assert_eq!(parts(&repository.git, merge)?, Parts::Commits(vec![first, second]));
        Ok(())
    }

    #[test]
    fn a_merge_that_does_more_names_the_path() -> TestResult {
        let repository = TempRepository::new()?;
        let [_, second] = sides(&repository)?;
        let like =
            repository.commit("tree", "t", &[("a", "A\n"), ("b", "B\n"), ("c", "c\n"), ("e.yaml", "e\n")])?;

        let merge = merge(&repository, second, like)?;

        assert_eq!(parts(&repository.git, merge)?, Parts::Evil("e.yaml".to_owned()));
        Ok(())
    }

    #[test]
    fn a_merge_of_merges_is_not_taken_apart() -> TestResult {
        let repository = TempRepository::new()?;
        let [_, second] = sides(&repository)?;
        let like = repository.commit("tree", "t", &[("a", "A\n"), ("b", "B\n"), ("c", "c\n")])?;
        let inner = merge(&repository, second, like)?;
        repository.git.reference("refs/heads/main", second, true, "")?;

        let outer = merge(&repository, inner, like)?;

        assert_eq!(parts(&repository.git, outer)?, Parts::Nested);
        Ok(())
    }
}

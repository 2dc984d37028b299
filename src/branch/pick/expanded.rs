//! A merge commit as the commits that it merged, each picked by itself.

use super::choice::Selector;
use super::merging::Merged;
use super::run::{Outcome, Run};
use super::{NewPick, PlannedUnit};
use crate::branch::history::{Unit, find, unit};
use crate::branch::merge_commit::{Parts, parts};
use crate::error::Error;

impl Run<'_> {
    /// Decides about a merge commit that is taken apart: all of its commits go in, or none.
    pub(super) fn expanded(
        &mut self,
        index: usize,
        by: Selector,
        left_out: &[String],
    ) -> Result<Outcome, Error> {
        let repository = self.target.repository;
        let parts: Vec<Unit> = match parts(repository, self.unit(index).id)? {
            Parts::Commits(parts) => parts
                .into_iter()
                .map(|id| unit(repository, &find(repository, id)?))
                .collect::<Result<_, Error>>()?,
            Parts::Evil(path) => {
                let why = format!("{path} differs from the merge of its parents");
                return Ok(self.wrong(index, by, "evil-merge", &why));
            }
            Parts::Nested => {
                return Ok(self.wrong(
                    index,
                    by,
                    "merge-commit",
                    "it merges commits that are merges themselves",
                ));
            }
        };
        let (before, ids) = (self.tree(), parts.iter().map(|part| part.id).collect());
        let mut trees = Vec::new();
        let mut onto = before;
        for part in parts.iter().filter(|part| self.place(part.id).is_none()) {
            match self.merging.merge(part, onto, left_out)? {
                Merged::Clean { tree, regenerated } => {
                    onto = tree;
                    trees.push((part, tree, regenerated));
                }
                Merged::Nothing => {}
                other => {
                    let outcome = self.not_clean(index, by, left_out, other)?;
                    return Ok(with_parts(outcome, ids));
                }
            }
        }
        if trees.is_empty() {
            let outcome = self.not_clean(index, by, left_out, Merged::Nothing)?;
            return Ok(with_parts(outcome, ids));
        }
        let commits = self.commits_of(index, by, left_out, trees);
        Ok(PlannedUnit { parts: ids, ..self.acted(index, by, commits) }.into())
    }

    /// Makes the commits; the last one names the merge commit, too, which is how git tells that all of it is there.
    fn commits_of(
        &mut self,
        index: usize,
        by: Selector,
        left_out: &[String],
        trees: Vec<(&Unit, git2::Oid, Vec<String>)>,
    ) -> Vec<NewPick> {
        let last = trees.len() - 1;
        let whole = self.unit(index).id;
        let policy = &self.target.inputs.policy;
        let mut commits = Vec::new();
        for (number, (part, tree, regenerated)) in trees.into_iter().enumerate() {
            let picked_from = if number == last { vec![part.id, whole] } else { vec![part.id] };
            let mut block = self.block(index, by, picked_from, left_out, regenerated);
            let is_own = |path: &String| policy.is_trunk_only(path) || left_out.contains(path);
            block.left_out = part.paths.iter().filter(|path| is_own(path)).cloned().collect();
            commits.push(self.commit(part, tree, &block));
        }
        commits
    }
}

fn with_parts(outcome: Outcome, parts: Vec<git2::Oid>) -> Outcome {
    match outcome {
        Outcome::Planned(planned) => PlannedUnit { parts, ..*planned }.into(),
        needs @ Outcome::Needs(_) => needs,
    }
}

//! What a minor branch has of trunk, as its own commits say: picked, taken back, brought back.

use std::collections::BTreeMap;

use git2::Oid;

use crate::branch::history::TargetCommit;

/// Whether a branch has what a commit of trunk does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It never had it.
    Absent,
    /// It has it, by this commit.
    There(Oid),
    /// It had it.
    TakenBack {
        /// The commit that took it back.
        by: Oid,
        /// That is no pick of a revert on trunk.
        by_hand: bool,
    },
}

/// What a branch's own commits say.
#[derive(Debug)]
pub(super) struct Standing {
    ids: Vec<Oid>,
    /// For each commit, what took it back in the end.
    taken_back: Vec<Option<Presence>>,
    /// Commits by what they were picked from.
    picks: BTreeMap<Oid, Vec<usize>>,
    /// What took back commits that the branch began with.
    base_taken_back: BTreeMap<Oid, Presence>,
}

impl Standing {
    /// Reads the branch's own commits, each after its parents; `is_of_trunk` says which ids are of trunk's units.
    pub fn of(commits: &[TargetCommit], is_of_trunk: impl Fn(Oid) -> bool) -> Self {
        let index: BTreeMap<Oid, usize> =
            commits.iter().enumerate().map(|(index, commit)| (commit.id, index)).collect();
        let mut picks: BTreeMap<Oid, Vec<usize>> = BTreeMap::new();
        for (at, commit) in commits.iter().enumerate() {
            commit.picked_from.iter().for_each(|from| picks.entry(*from).or_default().push(at));
        }
        // From the newest on, so that whether a revert itself still holds is known before what it takes back.
        let mut taken_back: Vec<Option<Presence>> = vec![None; commits.len()];
        let mut base_taken_back = BTreeMap::new();
        for (at, commit) in commits.iter().enumerate().rev().filter(|(_, commit)| !commit.reverts.is_empty())
        {
            if taken_back[at].is_some() {
                continue;
            }
            let by_hand = !commit.picked_from.iter().any(|from| is_of_trunk(*from));
            let presence = Presence::TakenBack { by: commit.id, by_hand };
            for reverted in &commit.reverts {
                match (index.get(reverted), picks.get(reverted)) {
                    (Some(own), _) if *own < at => {
                        taken_back[*own].get_or_insert(presence);
                    }
                    (None, Some(own)) => own.iter().filter(|own| **own < at).for_each(|own| {
                        taken_back[*own].get_or_insert(presence);
                    }),
                    _ => _ = base_taken_back.entry(*reverted).or_insert(presence),
                }
            }
        }
        let ids = commits.iter().map(|commit| commit.id).collect();
        Self { ids, taken_back, picks, base_taken_back }
    }

    /// Returns whether the branch has a commit of trunk by a pick that names it.
    pub fn picked(&self, from: Oid) -> Presence {
        let own = self.picks.get(&from).map(Vec::as_slice).unwrap_or_default();
        match own.iter().rev().find(|at| self.taken_back[**at].is_none()) {
            Some(at) => Presence::There(self.ids[*at]),
            None => own.last().and_then(|at| self.taken_back[*at]).unwrap_or(Presence::Absent),
        }
    }

    /// Returns whether a commit that the branch began with still holds there.
    pub fn of_base(&self, id: Oid) -> Presence {
        self.base_taken_back.get(&id).copied().unwrap_or(Presence::There(id))
    }

    /// Returns whether one of the branch's own commits still holds.
    pub fn of_own(&self, at: usize) -> Presence {
        self.taken_back[at].unwrap_or(Presence::There(self.ids[at]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::branch::merge::TreeChange;

    fn id(number: u8) -> Oid {
        Oid::from_bytes(&[number; 20]).expect("because twenty bytes are an id")
    }

    /// A commit of the branch: its number, what it is picked from, what it reverts.
    fn commit(number: u8, picked_from: &[u8], reverts: &[u8]) -> TargetCommit {
        TargetCommit {
            id: id(number),
            change: TreeChange { before: None, after: id(0) },
            is_merge: false,
            picked_from: picked_from.iter().map(|from| id(*from)).collect(),
            reverts: reverts.iter().map(|reverted| id(*reverted)).collect(),
            left_out: Vec::new(),
        }
    }

    #[test]
    fn a_pick_holds_until_it_is_taken_back_and_again_when_that_is_taken_back() {
        let by_hand = |by: u8| Presence::TakenBack { by: id(by), by_hand: true };
        // Units of trunk are 1 to 9; commits of the branch are 11 and up.
        let pick = commit(11, &[1], &[]);
        let table = [
            (vec![pick.clone()], Presence::There(id(11))),
            (vec![pick.clone(), commit(12, &[], &[11])], by_hand(12)),
            (vec![pick.clone(), commit(12, &[], &[11]), commit(13, &[], &[12])], Presence::There(id(11))),
            (
                vec![pick.clone(), commit(12, &[], &[11]), commit(13, &[], &[12]), commit(14, &[], &[11])],
                by_hand(14),
            ),
            (vec![pick.clone(), commit(12, &[], &[11]), commit(13, &[1], &[])], Presence::There(id(13))),
            // The pick of a revert on trunk, its line rewritten or not.
            (vec![pick.clone(), commit(12, &[2], &[11])], Presence::TakenBack { by: id(12), by_hand: false }),
            (vec![pick.clone(), commit(12, &[2], &[1])], Presence::TakenBack { by: id(12), by_hand: false }),
            (vec![pick, commit(12, &[99], &[11])], by_hand(12)),
            (vec![commit(12, &[], &[1])], Presence::Absent),
        ];
        for (commits, expected) in table {
            let standing = Standing::of(&commits, |from| from < id(10));
            assert_eq!(standing.picked(id(1)), expected, "{commits:?}");
        }
    }

    #[test]
    fn what_the_branch_began_with_may_be_taken_back_there() {
        let standing = Standing::of(&[commit(12, &[], &[1])], |_| true);
        assert_eq!(standing.of_base(id(1)), Presence::TakenBack { by: id(12), by_hand: true });
        assert_eq!(standing.of_base(id(2)), Presence::There(id(2)));
    }
}

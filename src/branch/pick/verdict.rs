//! What becomes of each unit on a minor branch, as far as that needs no merge.

use git2::Oid;

use super::choice::{Choice, Life, Selector, choices, life};
use super::facts::Flavour;
use super::standing::Presence;
use super::status::Status;
use super::target::Target;
use crate::branch::history::short;

/// What becomes of a unit.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// It is known.
    Settled(Settled),
    /// A merge decides.
    Candidate(Selector),
}

/// What is known to become of a unit.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub status: Status,
    pub by: Option<Selector>,
    pub reason: String,
    pub error: Option<&'static str>,
    /// The commit by which the branch has it.
    pub place: Option<Oid>,
}

/// A unit on its way through the decisions.
enum Stage {
    Settled(Settled),
    /// It is selected and absent; the minor may not take it now.
    Open {
        by: Selector,
        frozen: Option<String>,
    },
}

/// Decides for every unit, in the order of the chain.
pub(super) fn verdicts(target: &Target<'_>) -> Vec<Verdict> {
    let choices = choices(target).into_iter().enumerate();
    let mut stages: Vec<Stage> = choices.map(|(index, choice)| stage(target, index, choice)).collect();
    cancel_pairs(target, &mut stages);
    keep_taken_back(target, &mut stages);
    stages.into_iter().enumerate().map(|(index, stage)| verdict(target, index, stage)).collect()
}

fn settled(status: Status, by: Option<Selector>, reason: impl Into<String>) -> Settled {
    Settled { status, by, reason: reason.into(), error: None, place: None }
}

fn wrong(status: Status, by: Option<Selector>, id: &'static str, reason: &str) -> Settled {
    Settled { status, by, reason: format!("{id}: {reason}"), error: Some(id), place: None }
}

fn stage(target: &Target<'_>, index: usize, choice: Choice) -> Stage {
    // What a branch was cut with is no pick.
    let known = presence(target, index).filter(|_| choice != Choice::InBase);
    // Where it is is told whatever else is.
    let place = known.as_ref().and_then(|(_, _, place)| *place);
    let told = |settled: Settled| Stage::Settled(Settled { place, ..settled });
    let (by, is_named) = match choice {
        Choice::InBase => return told(settled(Status::InBase, None, "")),
        Choice::Excluded { by_trailer, reason } => {
            let by = by_trailer.then_some(Selector::Trailer);
            return told(settled(Status::Excluded, by, reason));
        }
        Choice::NotSelected { by, reason } => return told(settled(Status::NotSelected, by, reason)),
        Choice::Wrong(why) => {
            let by = Some(Selector::Trailer);
            return told(match known {
                Some((status, reason, _)) => settled(status, by, reason),
                None => wrong(Status::Blocked, by, "pick-trailer", &why),
            });
        }
        Choice::Selected { by, is_named } => (by, is_named),
    };
    match (life(target, &target.survey.facts[index]), known) {
        // What came in time is nothing to complain of for ever after.
        (Life::Over(why), None) if is_named => told(wrong(Status::Eol, Some(by), "eol-requested", &why)),
        (Life::Over(why), _) => told(settled(Status::Eol, Some(by), why)),
        (Life::Frozen(why), Some(_)) => told(settled(Status::Frozen, Some(by), why)),
        (Life::Frozen(why), None) => Stage::Open { by, frozen: Some(why) },
        (Life::Open, Some((status, reason, _))) => told(settled(status, Some(by), reason)),
        (Life::Open, None) => Stage::Open { by, frozen: None },
    }
}

/// Returns what the branch has of a unit already; `None` where there is something to do.
fn presence(target: &Target<'_>, index: usize) -> Option<(Status, String, Option<Oid>)> {
    let id = target.survey.units[index].id;
    let is_asked_for =
        || target.inputs.policy.repick.iter().any(|asked| asked.eq_ignore_ascii_case(&id.to_string()));
    match target.by_name(id) {
        Presence::There(at) => return Some((Status::AlreadyPicked, format!("as {}", short(at)), Some(at))),
        Presence::TakenBack { by, by_hand: false } => {
            let reason = format!("and taken back by {}, as on trunk", short(by));
            return Some((Status::AlreadyPicked, reason, None));
        }
        Presence::TakenBack { by_hand: true, .. } if is_asked_for() => return None,
        Presence::TakenBack { by, by_hand: true } => {
            return Some((Status::RevertedOnTarget, format!("by {}", short(by)), None));
        }
        Presence::Absent => {}
    }
    match target.by_hand(index) {
        Presence::There(at) => Some((Status::Equivalent, format!("to {}", short(at)), Some(at))),
        Presence::TakenBack { .. } if is_asked_for() => None,
        Presence::TakenBack { by, .. } => Some((Status::RevertedOnTarget, format!("by {}", short(by)), None)),
        Presence::Absent => None,
    }
}

/// Lets units and what takes them back fall out together where neither is on the branch, the newest pair first: a
/// revert of a revert leaves the first commit to be picked.
fn cancel_pairs(target: &Target<'_>, stages: &mut [Stage]) {
    for index in (0..stages.len()).rev() {
        let lines = &target.survey.units[index].reverts;
        let earlier = |id| target.survey.index.get(id).copied().filter(|at| *at < index);
        let pairs: Vec<usize> = lines.iter().filter_map(|line| earlier(&line.id)).collect();
        let is_open = |at: &usize| matches!(stages[*at], Stage::Open { .. });
        if pairs.is_empty() || pairs.len() < lines.len() || !is_open(&index) || !pairs.iter().all(is_open) {
            continue;
        }
        let own = short(target.survey.units[index].id);
        let others: Vec<String> = pairs.iter().map(|at| short(target.survey.units[*at].id)).collect();
        cancel(&mut stages[index], format!("it takes back {}, which was not picked", others.join(", ")));
        for at in pairs {
            cancel(&mut stages[at], format!("{own} took it back before it was picked"));
        }
    }
}

/// Keeps what somebody took back on the branch from coming again through the back door: as a revert of a revert.
fn keep_taken_back(target: &Target<'_>, stages: &mut [Stage]) {
    for index in 0..stages.len() {
        let Stage::Open { by, .. } = &stages[index] else { continue };
        if target.survey.facts[index].flavour != Flavour::Reapply {
            continue;
        }
        let Some(first) = first_of_chain(target, index) else { continue };
        let Stage::Settled(Settled { status: Status::RevertedOnTarget, reason, .. }) = &stages[first] else {
            continue;
        };
        let id = short(target.survey.units[first].id);
        let why = format!("{id}, which it brings back: {reason}");
        stages[index] = Stage::Settled(settled(Status::RevertedOnTarget, Some(*by), why));
    }
}

/// Returns the unit that a chain of reverts began with.
fn first_of_chain(target: &Target<'_>, index: usize) -> Option<usize> {
    let mut at = index;
    while let Some(line) = target.survey.units[at].reverts.first() {
        at = target.survey.index.get(&line.id).copied().filter(|older| *older < at)?;
    }
    (at != index).then_some(at)
}

fn cancel(stage: &mut Stage, reason: String) {
    let by = match stage {
        Stage::Open { by, .. } => Some(*by),
        Stage::Settled(settled) => settled.by,
    };
    *stage = Stage::Settled(settled(Status::Cancelled, by, reason));
}

fn verdict(target: &Target<'_>, index: usize, stage: Stage) -> Verdict {
    let facts = &target.survey.facts[index];
    let (by, frozen) = match stage {
        Stage::Settled(settled) => return Verdict::Settled(settled),
        Stage::Open { by, frozen } => (by, frozen),
    };
    if let Some(why) = frozen {
        return Verdict::Settled(settled(Status::Frozen, Some(by), why));
    }
    match (facts.paths.is_empty(), facts.written.is_empty()) {
        (true, _) => {
            let reason =
                if facts.trunk_only.is_empty() { "" } else { "it changes nothing that minor branches have" };
            Verdict::Settled(settled(Status::Empty, Some(by), reason))
        }
        (false, true) => Verdict::Settled(settled(Status::OnlyGenerated, Some(by), "")),
        (false, false) => Verdict::Candidate(by),
    }
}

//! Whether a unit goes to a minor, before anything is known of what the branch has: exclusions, what a revert takes
//! back, trailers, rules, and the minor's life.

use super::facts::{Facts, Wish};
use super::standing::Presence;
use super::target::Target;
use crate::branch::history::short;
use crate::spec::pick_policy::{PickReverts, To, ToWord};
use crate::spec::version::Minor;

/// What sent a unit to a minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selector {
    /// A rule, by its place in the policy.
    Rule(usize),
    /// Its `Pick-To`.
    Trailer,
    /// What it takes back is there, or goes there.
    Revert,
    /// Another unit needs it.
    Dependency,
}

/// Whether a unit goes to a minor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The branch was cut behind it.
    InBase,
    /// It is kept from there.
    Excluded { by_trailer: bool, reason: String },
    /// Nothing sends it there.
    NotSelected { by: Option<Selector>, reason: String },
    /// Its trailers cannot be understood.
    Wrong(String),
    /// It goes there.
    Selected {
        by: Selector,
        /// Its own trailer names the minor one by one.
        is_named: bool,
    },
}

/// What the minor's life lets through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Life {
    /// Everything.
    Open,
    /// Not this unit now, and why.
    Frozen(String),
    /// Nothing any more, and since when.
    Over(String),
}

/// Decides for every unit, in the order of the chain.
pub(super) fn choices(target: &Target<'_>) -> Vec<Choice> {
    let mut choices: Vec<Choice> = Vec::new();
    for index in 0..target.survey.units.len() {
        let choice = choose(target, index, &choices);
        choices.push(choice);
    }
    choices
}

fn choose(target: &Target<'_>, index: usize, before: &[Choice]) -> Choice {
    let (unit, facts) = (&target.survey.units[index], &target.survey.facts[index]);
    if target.is_in_base(unit.id) {
        return Choice::InBase;
    }
    if let Some(excluded) = exclusion(target, index) {
        return excluded;
    }
    if let Some(wrong) = &facts.wishes.wrong {
        return Choice::Wrong(wrong.clone());
    }
    match (&facts.wishes.to, follows(target, index, before)) {
        (Some(wishes), _) => trailer(wishes, target.minor),
        (None, Some(choice)) => choice,
        (None, None) => rule(target, facts),
    }
}

fn exclusion(target: &Target<'_>, index: usize) -> Option<Choice> {
    let id = target.survey.units[index].id.to_string();
    let today = target.inputs.today();
    let entry = target.inputs.policy.exclude.iter().find(|entry| {
        entry.commit.eq_ignore_ascii_case(&id)
            && entry.minors.as_ref().is_none_or(|minors| minors.contains(target.minor))
            && entry.until.is_none_or(|until| today < until)
    });
    if let Some(entry) = entry {
        return Some(Choice::Excluded { by_trailer: false, reason: entry.reason.clone() });
    }
    let not_to = &target.survey.facts[index].wishes.not_to;
    let (_, reason) = not_to.iter().find(|(wish, _)| wish.holds(target.minor))?;
    Some(Choice::Excluded { by_trailer: true, reason: reason.clone() })
}

fn trailer(wishes: &[Wish], minor: Minor) -> Choice {
    match wishes.iter().any(|wish| wish.holds(minor)) {
        true => {
            Choice::Selected { by: Selector::Trailer, is_named: wishes.iter().any(|wish| wish.names(minor)) }
        }
        false => Choice::NotSelected {
            by: Some(Selector::Trailer),
            reason: "its `Pick-To` names other minors".to_owned(),
        },
    }
}

/// Decides about a revert by what it takes back; `None` for other units, and where nobody knows what that is.
fn follows(target: &Target<'_>, index: usize, before: &[Choice]) -> Option<Choice> {
    if target.inputs.policy.reverts.pick_reverts != PickReverts::Always {
        return None;
    }
    let selected = Choice::Selected { by: Selector::Revert, is_named: false };
    let mut fate = None;
    for line in &target.survey.units[index].reverts {
        if target.counterpart(line.id) != Presence::Absent {
            return Some(selected);
        }
        let Some(at) = target.survey.index.get(&line.id).filter(|at| **at < index) else { continue };
        if matches!(before[*at], Choice::Selected { .. }) {
            return Some(selected);
        }
        let reason = format!("{}, which it takes back, is not there", short(line.id));
        fate = Some(Choice::NotSelected { by: Some(Selector::Revert), reason });
    }
    fate
}

fn rule(target: &Target<'_>, facts: &Facts) -> Choice {
    let Some(at) = facts.rule else {
        return Choice::NotSelected { by: None, reason: "no rule matches".to_owned() };
    };
    let by = Selector::Rule(at);
    let not_selected = |reason: String| Choice::NotSelected { by: Some(by), reason };
    match &target.inputs.policy.select[at].to {
        To::Word(ToWord::All) => Choice::Selected { by, is_named: false },
        To::Range { minors } if minors.contains(target.minor) => Choice::Selected { by, is_named: false },
        To::Range { .. } => not_selected("the rule is for other minors".to_owned()),
        To::Word(ToWord::None) => not_selected("the rule is for none".to_owned()),
        To::Word(ToWord::Trailer) => {
            not_selected("the rule asks for a `Pick-To`, and it has none".to_owned())
        }
    }
}

/// Returns what the minor's life lets through of a unit.
pub(super) fn life(target: &Target<'_>, facts: &Facts) -> Life {
    let (inputs, minor) = (target.inputs, target.minor);
    let targets = &inputs.policy.targets;
    let today = inputs.today();
    let is_allowed = |allowed: &[String]| {
        facts.kinds.iter().any(|kind| allowed.iter().any(|word| word.eq_ignore_ascii_case(kind)))
    };
    if let Some(life) = targets.lifecycle.get(&minor) {
        if let Some(end) = life.end_of_life.filter(|end| today >= *end) {
            return Life::Over(format!("{minor} takes nothing since {end}"));
        }
        let maintenance = life.maintenance_from.filter(|from| today >= *from);
        if let Some(from) = maintenance.filter(|_| !is_allowed(&targets.maintenance.allow)) {
            let allowed = targets.maintenance.allow.join(", ");
            return Life::Frozen(format!("{minor} is in maintenance since {from} and takes {allowed} alone"));
        }
    }
    let holds = |from, until| {
        inputs.now.has_reached(from, &inputs.zone) && !inputs.now.has_reached(until, &inputs.zone)
    };
    let freeze = targets.freeze.iter().find(|freeze| {
        freeze.minor == minor && holds(freeze.from, freeze.until) && !is_allowed(&freeze.allow)
    });
    freeze.map_or(Life::Open, |freeze| Life::Frozen(format!("{minor} is frozen until {}", freeze.until)))
}

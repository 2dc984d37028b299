//! What is known of a unit before any minor branch is looked at: its paths, the rule that it matches, what its message
//! wishes.

use std::collections::BTreeMap;
use std::str::FromStr;

use git2::{Oid, Repository};

use crate::branch::history::Unit;
use crate::branch::history::message::{reverted, trailers};
use crate::spec::pick_policy::{Glob, NotAPickRange, PickPolicy, PickRange, Rule, any_matches};
use crate::spec::version::Minor;

/// What is known of a unit.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    /// Paths that it changes and minor branches have.
    pub paths: Vec<String>,
    /// Those of `paths` that are not generated.
    pub written: Vec<String>,
    /// Paths that it changes and minor branches do not have.
    pub trunk_only: Vec<String>,
    /// The first rule that it matches, by its place in the policy.
    pub rule: Option<usize>,
    /// What its message wishes.
    pub wishes: Wishes,
    /// Its kinds.
    pub kinds: Vec<String>,
    /// Whether it takes something back.
    pub flavour: Flavour,
}

/// Whether a unit takes something back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// It does not, as far as is known.
    Plain,
    /// It takes back a commit.
    Revert,
    /// It takes back a revert.
    Reapply,
}

/// What the trailers of a unit say about picks.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    /// `Pick-To`, if there is any.
    pub to: Option<Vec<Wish>>,
    /// `No-Pick-To`, each with its reason.
    pub not_to: Vec<(Wish, String)>,
    /// `Pick-Requires`.
    pub requires: Vec<String>,
    /// What cannot be understood, with what it is.
    pub wrong: Option<String>,
}

/// The minors that a trailer names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::branch) enum Wish {
    /// None.
    None,
    /// All.
    All,
    /// Some.
    Range(PickRange),
}

impl FromStr for Wish {
    type Err = NotAPickRange;

    fn from_str(text: &str) -> Result<Self, NotAPickRange> {
        match text.trim() {
            word if word.eq_ignore_ascii_case("none") => Ok(Self::None),
            word if word.eq_ignore_ascii_case("all") => Ok(Self::All),
            range => range.parse().map(Self::Range),
        }
    }
}

impl Wish {
    /// Returns whether it names a minor.
    pub fn holds(&self, minor: Minor) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Range(range) => range.contains(minor),
        }
    }

    /// Returns whether a minor stands in it one by one.
    pub fn names(&self, minor: Minor) -> bool {
        matches!(self, Self::Range(range) if range.named().contains(&minor))
    }
}

impl Wishes {
    /// Reads the trailers of a message. What cannot be understood is kept, since nobody can mend it on trunk.
    pub fn of(message: &[u8]) -> Self {
        let mut wishes = Self { requires: trailers(message, "Pick-Requires"), ..Self::default() };
        let mut wrong = |key: &str, value: &str, why: &NotAPickRange| {
            let hint = match why {
                NotAPickRange::Comma(meant) => format!("; a blank means and: `{meant}`"),
                NotAPickRange::Syntax => String::new(),
            };
            wishes.wrong.get_or_insert_with(|| format!("`{key}: {value}` names no minors{hint}"));
        };
        let to = trailers(message, "Pick-To");
        let mut read = Vec::new();
        for value in &to {
            match value.parse() {
                Ok(wish) => read.push(wish),
                Err(why) => wrong("Pick-To", value, &why),
            }
        }
        for value in trailers(message, "No-Pick-To") {
            let (minors, reason) = value.split_once('(').unwrap_or((&value, ""));
            match minors.parse() {
                Ok(wish) => wishes.not_to.push((wish, reason.trim().trim_end_matches(')').to_owned())),
                Err(why) => wrong("No-Pick-To", &value, &why),
            }
        }
        wishes.to = (!to.is_empty()).then_some(read);
        wishes
    }
}

impl Facts {
    /// Gathers what is known of a unit.
    pub fn of(repository: &Repository, unit: &Unit, policy: &PickPolicy) -> Self {
        let (trunk_only, paths): (Vec<String>, Vec<String>) =
            unit.paths.iter().cloned().partition(|path| policy.is_trunk_only(path));
        let written = paths.iter().filter(|path| !policy.is_generated(path)).cloned().collect();
        let kinds = unit.kinds();
        let rule = policy.select.iter().position(|rule| matches(rule, &paths, unit, &kinds));
        let flavour = flavour(repository, unit);
        Self { paths, written, trunk_only, rule, wishes: Wishes::of(&unit.message), kinds, flavour }
    }
}

fn matches(rule: &Rule, paths: &[String], unit: &Unit, kinds: &[String]) -> bool {
    let when = &rule.when;
    let is_by = |author: &String| {
        [&unit.email, &unit.author]
            .into_iter()
            .any(|own| own == author || author.parse::<Glob>().is_ok_and(|glob| glob.matches(own)))
    };
    let has_any = when.paths.any.is_empty() || paths.iter().any(|path| any_matches(&when.paths.any, path));
    let has_only = when.paths.only.is_empty()
        || (!paths.is_empty() && paths.iter().all(|path| any_matches(&when.paths.only, path)));
    has_any
        && has_only
        && when.author.as_ref().is_none_or(|authors| authors.all().iter().any(is_by))
        && when.kind.as_ref().is_none_or(|wanted| {
            wanted.all().iter().any(|word| kinds.iter().any(|kind| kind.eq_ignore_ascii_case(word)))
        })
}

/// Returns whether a unit takes something back: each step back turns it over.
fn flavour(repository: &Repository, unit: &Unit) -> Flavour {
    /// Nobody takes a revert back so often.
    const MOST: usize = 64;
    let mut next = unit.reverts.first().map(|line| line.id);
    let mut steps = 0;
    while let Some(commit) = next.and_then(|id: Oid| repository.find_commit(id).ok()) {
        steps += 1;
        next = reverted(commit.message_raw_bytes()).first().map(|line| line.id).filter(|_| steps < MOST);
    }
    match (steps, steps % 2) {
        (0, _) => Flavour::Plain,
        (_, 1) => Flavour::Revert,
        (_, _) => Flavour::Reapply,
    }
}

/// Returns the places of units by their ids.
pub(super) fn by_id(units: &[Unit]) -> BTreeMap<Oid, usize> {
    units.iter().enumerate().map(|(index, unit)| (unit.id, index)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_that_name_no_minors_are_kept_as_wrong() {
        let wishes = |trailers: &str| Wishes::of(format!("fix\n\n{trailers}\n").as_bytes());
        let minor: Minor = "1.36".parse().expect("because it is a minor");

        let both = wishes("Pick-To: 1.36, 1.37\nNo-Pick-To: 1.36 (breaks it)");
        assert!(both.to.is_some_and(|to| to[0].holds(minor) && to[0].names(minor)));
        assert_eq!(both.not_to[0].1, "breaks it");
        assert!(wishes("Pick-To: >=1.35").to.is_some_and(|to| to[0].holds(minor) && !to[0].names(minor)));
        assert_eq!(wishes("Pick-To: none").to, Some(vec![Wish::None]));
        assert!(wishes("Pick-Kind: security").to.is_none());
        assert_eq!(wishes("Pick-To: soon").wrong.as_deref(), Some("`Pick-To: soon` names no minors"));
        assert_eq!(
            wishes("Pick-To: >=1.34, <=1.37").wrong.as_deref(),
            Some("`Pick-To: >=1.34, <=1.37` names no minors; a blank means and: `>=1.34 <=1.37`")
        );
    }
}

//! What wants a look when a minor gets a branch: addons that do not cover it, and what was written for another minor.
//!
//! Pure: it reads the addons of a catalog.

use crate::location::Location;
use crate::spec::Catalog;
use crate::spec::addon::Addon;
use crate::spec::version::{Minor, MinorRange};
use crate::spec::yaml::{Kind, Node};

/// What is wanted of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// What it is about.
    pub about: About,
    /// The addon; `None` for what is not one's.
    pub addon: Option<String>,
    /// Where it stands.
    pub location: Location,
    /// What was found.
    pub message: String,
    /// What to do.
    pub to_do: String,
}

/// What a look is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// An addon does not run on the minor.
    NotCovered,
    /// An addon has entries for single minors, and none for this one.
    ExactMinor,
    /// A version follows another minor.
    OtherMinor,
    /// The policy brings no picks to the branch.
    NoPicks,
}

impl About {
    /// Returns the word for it, as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotCovered => "not-covered",
            Self::ExactMinor => "exact-minor",
            Self::OtherMinor => "other-minor",
            Self::NoPicks => "no-picks",
        }
    }
}

/// Returns what wants a look among the addons, in the order of their names and places.
pub fn attention(catalog: &Catalog, minor: Minor) -> Vec<Attention> {
    let others: Vec<Minor> =
        catalog.fleet.spec.minors.iter().copied().filter(|other| *other != minor).collect();
    let mut found = Vec::new();
    for addon in catalog.trunk.addons.values() {
        let first = found.len();
        found.extend(not_covered(addon, minor));
        found.extend(exact_minor(addon, minor));
        other_minors(addon, &addon.source_node(minor), minor, &others, &mut found);
        found[first..].sort_by_key(|one| one.location.start);
    }
    found
}

fn not_covered(addon: &Addon, minor: Minor) -> Option<Attention> {
    if addon.runs_on(minor) {
        return None;
    }
    let range = addon.document.at("/spec/kubernetes")?;
    let written = range.as_str().unwrap_or_default();
    let message = format!("`{}` runs on `{written}`, and not on {minor}", addon.name);
    let to_do = format!("find a version that runs on {minor}, or whether this one does, and widen the range");
    Some(of(addon, About::NotCovered, range.location, message, to_do))
}

/// An addon with entries for single minors keeps what the newest of them needs in its `source`.
fn exact_minor(addon: &Addon, minor: Minor) -> Option<Attention> {
    let entries = addon.document.at("/spec/perMinor").and_then(Node::items)?;
    let single = |entry: &Node| entry.get("kubernetes").and_then(Node::as_str).and_then(single_minor);
    let singles: Vec<Minor> = entries.iter().filter_map(single).collect();
    if singles.is_empty() || addon.minor_source(minor).is_some() {
        return None;
    }
    let first = entries.first().map_or(addon.document.location, |entry| {
        entry.get("kubernetes").map_or(entry.location, |range| range.location)
    });
    let listed: Vec<String> = singles.iter().map(Minor::to_string).collect();
    let message = format!(
        "`{}` has entries for {}, and none for {minor}, which gets `source`",
        addon.name,
        listed.join(", ")
    );
    let to_do =
        format!("keep what `source` has in an entry for the minor that it is of, and write {minor}'s there");
    Some(of(addon, About::ExactMinor, first, message, to_do))
}

/// Returns the minor that a range names, if it is one alone.
fn single_minor(range: &str) -> Option<Minor> {
    range.parse::<MinorRange>().ok()?;
    range.trim().trim_start_matches('=').trim().parse().ok()
}

/// Collects versions that carry one of the other minors: an image of v1.36.1 belongs to 1.36.
fn other_minors(addon: &Addon, node: &Node, minor: Minor, others: &[Minor], found: &mut Vec<Attention>) {
    match &node.kind {
        Kind::Map { entries, .. } => {
            entries.iter().for_each(|entry| other_minors(addon, &entry.value, minor, others, found));
        }
        Kind::List { items, .. } => {
            items.iter().for_each(|item| other_minors(addon, item, minor, others, found));
        }
        Kind::Scalar { text, .. } => {
            let Some(carried) = carried_minor(text).filter(|carried| others.contains(carried)) else {
                return;
            };
            let message = format!("`{text}` of `{}` looks like a version for {carried}", addon.name);
            let to_do = format!("if it follows the minor of Kubernetes, write the one for {minor}");
            found.push(of(addon, About::OtherMinor, node.location, message, to_do));
        }
    }
}

/// Returns the minor that a version begins with: 1.36 of `v1.36.1-eksbuild.1`; `None` where the text is no version.
fn carried_minor(text: &str) -> Option<Minor> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let end = text.match_indices(['.', '-', '+']).map(|(at, _)| at).nth(1).unwrap_or(text.len());
    let rest = &text[end..];
    let is_version =
        rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'));
    text[..end].parse().ok().filter(|_| is_version)
}

fn of(addon: &Addon, about: About, location: Location, message: String, to_do: String) -> Attention {
    Attention { about, addon: Some(addon.name.to_string()), location, message, to_do }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_carries_the_minor_that_it_begins_with() {
        for (text, expected) in [
            ("v1.36.1", Some("1.36")),
            ("1.36", Some("1.36")),
            ("v1.36.1-eksbuild.1", Some("1.36")),
            ("1.36-alpine", Some("1.36")),
            ("9.59.0", Some("9.59")),
            ("registry/a:v1.36.1", None),
            ("1.36.1 and more", None),
            ("v1", None),
            ("", None),
        ] {
            assert_eq!(carried_minor(text), expected.and_then(|minor| minor.parse().ok()), "{text}");
        }
    }

    #[test]
    fn a_range_may_name_one_minor_alone() {
        for (range, expected) in [
            ("1.35", Some("1.35")),
            ("=1.35", Some("1.35")),
            (">=1.35", None),
            ("1.35 || 1.36", None),
            ("", None),
        ] {
            assert_eq!(single_minor(range), expected.and_then(|minor| minor.parse().ok()), "{range}");
        }
    }
}

//! Where in a document something stands that is said in words: `spec.generators[0].clusters`.
//!
//! What the rules of Argo CD say of a set does not know where the set was written. This finds it again.

use crate::location::Location;
use crate::spec::yaml::{Entry, Kind, Node};

/// Returns where the field stands that a path names, as its key where there is one; as much of the path as is there.
pub fn of_path(root: &Node, path: &str) -> Option<Location> {
    let mut found = None;
    let mut node = root;
    for step in steps(path) {
        match &node.kind {
            Kind::Map { entries, .. } => {
                let Some(entry) = entries.iter().rev().find(|entry| *entry.key == *step) else { break };
                (found, node) = (Some(entry.key_location), &entry.value);
            }
            Kind::List { items, .. } => {
                let Some(item) = step.parse().ok().and_then(|index: usize| items.get(index)) else { break };
                (found, node) = (Some(first_line(item)), item);
            }
            Kind::Scalar { .. } => break,
        }
    }
    found
}

/// Returns where the set says what a message is about: the field of a path in backticks, else the longest template
/// beneath `spec` that the message repeats, else the first text or key that holds a word in backticks.
pub fn of_message(root: &Node, message: &str) -> Option<Location> {
    let quoted = || message.split('`').skip(1).step_by(2).filter(|quoted| !quoted.is_empty());
    let paths = || quoted().filter(|quoted| quoted.starts_with("spec.") || quoted.starts_with("metadata."));
    let by_path = paths().find_map(|path| of_path(root, path));
    let by_path = by_path.or_else(|| repeated(root.get("spec")?, message).map(|(_, location)| location));
    by_path.or_else(|| quoted().find_map(|word| of_text(root, &|text| holds(text, word))))
}

/// Returns where the first text or key beneath `spec` stands of which something holds.
pub fn of_text(root: &Node, holds: &dyn Fn(&str) -> bool) -> Option<Location> {
    find(root.get("spec")?, holds)
}

/// Returns the place of a node without the lines below its first entry.
pub fn first_line(node: &Node) -> Location {
    match &node.kind {
        Kind::Map { entries, .. } => entries.first().map_or(node.location, |entry| entry.key_location),
        Kind::List { items, .. } => items.first().map_or(node.location, first_line),
        Kind::Scalar { .. } => node.location,
    }
}

/// Splits `spec.generators[0].clusters` into its steps; a key that holds dots stands in brackets.
fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('[').enumerate().flat_map(|(number, part)| {
        let (bracketed, rest) = match number {
            0 => (None, part),
            _ => part
                .split_once(']')
                .map_or((None, part), |(inner, rest)| (Some(inner.trim_matches('"')), rest)),
        };
        bracketed.into_iter().chain(rest.split('.').filter(|step| !step.is_empty()))
    })
}

/// Returns the longest text with `{{` that a message repeats, by its length, and where it stands; the first of several.
fn repeated(node: &Node, message: &str) -> Option<(usize, Location)> {
    let longest = |one: Option<(usize, Location)>, other: Option<(usize, Location)>| match (one, other) {
        (Some(one), Some(other)) if other.0 > one.0 => Some(other),
        (one, other) => one.or(other),
    };
    let of_text = |text: &str, location: Location| {
        (text.contains("{{") && message.contains(text)).then_some((text.len(), location))
    };
    match &node.kind {
        Kind::Scalar { text, .. } => of_text(text, node.location),
        Kind::List { items, .. } => items.iter().map(|item| repeated(item, message)).fold(None, longest),
        Kind::Map { entries, .. } => {
            let of_entry = |entry: &Entry| {
                longest(of_text(&entry.key, entry.key_location), repeated(&entry.value, message))
            };
            entries.iter().map(of_entry).fold(None, longest)
        }
    }
}

fn find(node: &Node, holds: &dyn Fn(&str) -> bool) -> Option<Location> {
    match &node.kind {
        Kind::Scalar { text, .. } => holds(text).then_some(node.location),
        Kind::List { items, .. } => items.iter().find_map(|item| find(item, holds)),
        Kind::Map { entries, .. } => {
            let of_entry = |entry: &Entry| match holds(&entry.key) {
                true => Some(entry.key_location),
                false => find(&entry.value, holds),
            };
            entries.iter().find_map(of_entry)
        }
    }
}

/// Returns whether a text holds a word that is not a part of a longer one.
fn holds(text: &str, word: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(is_letter);
        let behind = text[at + word.len()..].chars().next().is_some_and(is_letter);
        !before && !behind
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    const SET: &str = "spec:\n  generators:\n  - clusters:\n      selector: {matchLabels: {a.b/c: x}}\n  - scmProvider: {github: {}}\n  template: {metadata: {name: 'a-{{ now | date \"2006\" }}'}}\n";

    fn at(location: Option<Location>) -> Option<&'static str> {
        location.map(|location| &SET[location.start as usize..location.end as usize])
    }

    #[test]
    fn a_path_and_a_word_lead_to_where_they_stand() -> Result<(), crate::diagnostic::Report> {
        let root = parse(FileId(0), SET.as_bytes(), Options::FOREIGN)?.remove(0).root;
        for (path, expected) in [
            ("spec.generators[1].scmProvider", Some("scmProvider")),
            ("spec.generators[0].clusters.selector.matchLabels[\"a.b/c\"]", Some("a.b/c")),
            ("spec.generators[0].clusters.values.x", Some("clusters")),
            ("spec.generators[0]", Some("clusters")),
            ("status", None),
        ] {
            assert_eq!(at(of_path(&root, path)), expected, "{path}");
        }
        for (message, expected) in [
            ("`spec.generators[1].scmProvider` is not supported", Some("scmProvider")),
            ("the function `now` is not supported", Some("'a-{{ now | date \"2006\" }}'")),
            ("the function `dat` is not supported", None),
            ("`github` is not supported", Some("github")),
            (
                "failed to parse template a-{{ now | date \"2006\" }}: template: base:1: x",
                Some("'a-{{ now | date \"2006\" }}'"),
            ),
            ("nothing is named", None),
        ] {
            assert_eq!(at(of_message(&root, message)), expected, "{message}");
        }
        Ok(())
    }
}

//! Names of Applications: those that two sets make, and those that no object can have.

use std::collections::BTreeMap;

use serde_json::Value;

use super::listed;
use crate::argocd::field;
use crate::argocd::intake::SetDocument;
use crate::diagnostic::{Diagnostic, Report};

/// Returns the name of an Application; empty where it has none.
pub fn of(application: &Value) -> &str {
    field::text(application, &["metadata", "name"])
}

/// Notes, for each set by its index, the Applications that a set before it in the same namespace makes, too; `names`
/// are those of each set.
pub fn collisions(sets: &[SetDocument], names: &[Vec<String>]) -> BTreeMap<usize, Report> {
    let mut all: Vec<(&str, &str, usize)> = Vec::new();
    for (index, names) in names.iter().enumerate() {
        let namespace = sets[index].namespace.as_str();
        all.extend(names.iter().map(|name| (namespace, name.as_str(), index)));
    }
    all.sort_unstable();
    let mut by_pair: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for same in all.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let (_, name, first) = same[0];
        // Of two sets with one name, one replaces the other.
        let is_other = |index: usize| index != first && sets[index].name != sets[first].name;
        for (_, _, later) in same.iter().filter(|(_, _, index)| is_other(*index)) {
            let names = by_pair.entry((first, *later)).or_default();
            if names.last() != Some(&name) {
                names.push(name);
            }
        }
    }
    let mut notes: BTreeMap<usize, Report> = BTreeMap::new();
    for ((first, later), names) in by_pair {
        let (first, set) = (&sets[first], &sets[later]);
        let message = format!("the ApplicationSet `{}` makes {}, too", first.name, listed(&names));
        let note = Diagnostic::note("name-in-two-sets", set.location(), message)
            .related(first.location(), "made here, too")
            .hint("an Application belongs to the set that made it first; the other set then fails and deletes nothing");
        notes.entry(later).or_default().push(note);
    }
    notes
}

/// Notes names that the API server refuses.
pub fn unusable(set: &SetDocument, applications: &[Value]) -> Report {
    let names: Vec<&str> = applications.iter().map(of).filter(|name| !is_object_name(name)).collect();
    if names.is_empty() {
        return Report::default();
    }
    let message = format!("the API server refuses Applications called {}", listed(&names));
    let note = Diagnostic::note("object-name", set.location(), message)
        .label("lower case letters, digits, `-` and `.`, at most 253")
        .hint("Argo CD makes the other Applications of the set, but deletes none until the names are mended");
    note.into()
}

/// Returns whether Kubernetes takes a name for that of an object: a DNS subdomain (RFC 1123).
fn is_object_name(name: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(|byte| is_alphanumeric(*byte))
            && bytes.last().is_some_and(|byte| is_alphanumeric(*byte))
            && bytes.iter().all(|byte| is_alphanumeric(*byte) || *byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_objects_are_dns_subdomains() {
        for name in ["a", "a-b.c", "0", "a--b", &"a".repeat(253)] {
            assert!(is_object_name(name), "{name}");
        }
        for name in ["", "A", "a_b", "-a", "a-", "a..b", ".a", "a.", "{{x}}", "a b", &"a".repeat(254)] {
            assert!(!is_object_name(name), "{name}");
        }
    }
}

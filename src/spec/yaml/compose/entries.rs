//! The entries of one map: keys that stand twice, and merges.
//!
//! go-yaml v2 sets keys in the order in which they stand, `<<` among them. So an explicit key behind a `<<` wins, and
//! one before it loses; the latter, which surprises everybody, counts as a key that stands twice.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Composer;
use crate::diagnostic::Diagnostic;
use crate::location::Location;
use crate::spec::yaml::node::{Entry, Kind, Node};
use crate::spec::yaml::parse::{Duplicate, Duplicates};
use crate::spec::yaml::refusal::Refusal;

/// A key as it was read.
pub(super) struct Key {
    pub(super) text: Arc<str>,
    pub(super) location: Location,
    /// `<<`, not quoted.
    pub(super) merges: bool,
}

/// A value as it was read.
pub(super) struct Value {
    pub(super) node: Node,
    pub(super) alias: bool,
}

/// Entries in the order written; what was merged in stands apart, and is `None` where an explicit key won.
#[derive(Default)]
pub(super) struct Entries {
    own: Vec<Entry>,
    merged: Vec<Option<Entry>>,
    /// Where each key is, once there are so many that looking through them would take long.
    index: BTreeMap<Arc<str>, Slot>,
    merge: Option<Location>,
}

#[derive(Clone, Copy)]
enum Slot {
    Own(usize),
    Merged(usize),
}

/// With more entries than this, keys are looked up in an index.
const FEW: usize = 16;

impl Entries {
    pub(super) fn finish(self) -> Arc<[Entry]> {
        let mut entries = self.own;
        entries.extend(self.merged.into_iter().flatten());
        entries.into()
    }

    fn find(&self, key: &str) -> Option<Slot> {
        if !self.index.is_empty() {
            return self.index.get(key).copied();
        }
        let own = self.own.iter().position(|entry| &*entry.key == key).map(Slot::Own);
        let merged = |entry: &Option<Entry>| entry.as_ref().is_some_and(|entry| &*entry.key == key);
        own.or_else(|| self.merged.iter().position(merged).map(Slot::Merged))
    }

    fn note(&mut self, key: &Arc<str>, slot: Slot) {
        if !self.index.is_empty() {
            self.index.insert(key.clone(), slot);
        } else if self.own.len() + self.merged.len() > FEW {
            let own = self.own.iter().enumerate().map(|(index, entry)| (&entry.key, Slot::Own(index)));
            let merged = self.merged.iter().enumerate();
            let merged =
                merged.filter_map(|(index, entry)| Some((&entry.as_ref()?.key, Slot::Merged(index))));
            self.index = own.chain(merged).map(|(key, slot)| (key.clone(), slot)).collect();
        }
    }

    /// Adds an explicit entry; returns where the key of an earlier explicit one stands, which is lost.
    fn set(&mut self, entry: Entry) -> Option<Location> {
        match self.find(&entry.key) {
            Some(Slot::Own(index)) => {
                let lost = self.own[index].key_location;
                self.own[index] = entry;
                return Some(lost);
            }
            Some(Slot::Merged(index)) => self.merged[index] = None,
            None => {}
        }
        let key = entry.key.clone();
        self.own.push(entry);
        self.note(&key, Slot::Own(self.own.len() - 1));
        None
    }

    /// Adds an entry that `<<` brings; returns where the key of an explicit one stands, which is lost.
    fn set_merged(&mut self, entry: &Entry) -> Option<Location> {
        match self.find(&entry.key) {
            Some(Slot::Own(index)) => {
                let own = &mut self.own[index];
                let lost = own.key_location;
                *own = entry.clone();
                Some(lost)
            }
            Some(Slot::Merged(index)) => {
                self.merged[index] = Some(entry.clone());
                None
            }
            None => {
                self.merged.push(Some(entry.clone()));
                self.note(&entry.key, Slot::Merged(self.merged.len() - 1));
                None
            }
        }
    }
}

impl Composer<'_> {
    /// Adds an entry to a map, or what its `<<` brings.
    pub(super) fn add(&mut self, entries: &mut Entries, key: Key, value: Value) -> Result<(), Refusal> {
        if key.merges {
            return self.merge(entries, &key, &value);
        }
        let text = key.text.clone();
        let entry = Entry { key: key.text, key_location: key.location, value: value.node };
        let Some(lost) = entries.set(entry) else { return Ok(()) };
        self.twice(&text, lost, key.location, || {
            Diagnostic::error(
                "yaml-duplicate-key",
                key.location,
                format!("the key `{text}` stands twice in one map"),
            )
            .related(lost, "it stands here already")
            .hint("remove one of them")
        })
    }

    /// Merges a map, an alias of one, or a list of those; of a list, the first that has a key gives it.
    fn merge(&mut self, entries: &mut Entries, key: &Key, value: &Value) -> Result<(), Refusal> {
        if let Some(lost) = entries.merge.replace(key.location) {
            self.twice(&key.text, lost, key.location, || {
                Diagnostic::error("yaml-duplicate-key", key.location, "`<<` stands twice in one map")
                    .related(lost, "it stands here already")
                    .hint("write one `<<: [*a, *b]`; the first that has a key gives it")
            })?;
        }
        match &value.node.kind {
            Kind::Map { .. } => self.merge_map(entries, key, &value.node),
            Kind::List { items, .. } if !value.alias => {
                items.iter().rev().try_for_each(|item| self.merge_map(entries, key, item))
            }
            Kind::List { .. } | Kind::Scalar { .. } => Err(self.no_map(&value.node)),
        }
    }

    fn merge_map(&mut self, entries: &mut Entries, key: &Key, map: &Node) -> Result<(), Refusal> {
        let Some(merged) = map.entries() else { return Err(self.no_map(map)) };
        for entry in merged {
            let Some(lost) = entries.set_merged(entry) else { continue };
            self.twice(&entry.key, lost, key.location, || {
                let message = format!("`<<` brings the key `{}`, which stands before it", entry.key);
                Diagnostic::error("yaml-duplicate-key", key.location, message)
                    .related(lost, "this value would be lost to Kubernetes")
                    .related(entry.key_location, "to this one")
                    .hint("put `<<` before the keys that shall win over it")
            })?;
        }
        Ok(())
    }

    fn no_map(&self, node: &Node) -> Refusal {
        self.refuse(node.location, format!("`<<` merges maps, this is {}", node.description()))
            .hint("write `<<: *name` or `<<: [*first, *second]`; quote `\"<<\"` for a key of that name")
            .into()
    }

    /// Notes a key that stands twice, and gives up when there are very many.
    fn twice(
        &mut self,
        key: &Arc<str>,
        lost: Location,
        holds: Location,
        finding: impl FnOnce() -> Diagnostic,
    ) -> Result<(), Refusal> {
        const MOST: usize = 100;
        match self.options.duplicates {
            Duplicates::LastHolds => self.duplicates.push(Duplicate { key: key.clone(), lost, holds }),
            Duplicates::Refuse if self.findings.diagnostics.len() < MOST => self.findings.push(finding()),
            Duplicates::Refuse => return Err(finding().into()),
        }
        Ok(())
    }
}

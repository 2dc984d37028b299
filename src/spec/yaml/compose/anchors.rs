//! Anchors, and what aliases make of them within limits.

use std::collections::BTreeMap;

use super::Composer;
use crate::location::Location;
use crate::spec::yaml::input;
use crate::spec::yaml::node::{Kind, Node};
use crate::spec::yaml::refusal::Refusal;

/// The anchors of one document.
#[derive(Default)]
pub(super) struct Anchors<'a> {
    /// The newest anchor of each name, as an index of `targets`.
    by_name: BTreeMap<&'a str, usize>,
    /// What stands behind each anchor; `None` until it is read to its end.
    targets: Vec<Option<Target>>,
    /// Anchors, aliases and `%TAG` lines of the whole file.
    used: usize,
}

/// What an anchor names, and what a repetition of it costs.
#[derive(Clone)]
struct Target {
    node: Node,
    nodes: usize,
    bytes: usize,
    height: usize,
}

/// What was counted when an anchored node began.
pub(super) struct Opened {
    index: usize,
    nodes: usize,
    repeated: usize,
    deepest: usize,
}

impl Anchors<'_> {
    /// Forgets the names: a document ends.
    pub(super) fn clear(&mut self) {
        self.by_name.clear();
        self.targets.clear();
    }
}

impl<'a> Composer<'a> {
    /// Notes that a node with the anchor `name` begins. From here on the name is this node's, also inside of it.
    pub(super) fn open_anchor(&mut self, name: &'a str, location: Location) -> Result<Opened, Refusal> {
        self.count_anchor(location)?;
        let index = self.anchors.targets.len();
        self.anchors.targets.push(None);
        self.anchors.by_name.insert(name, index);
        let opened = Opened { index, nodes: self.nodes, repeated: self.repeated, deepest: self.deepest };
        self.deepest = self.depth;
        Ok(opened)
    }

    /// Notes what the anchored node turned out to be.
    pub(super) fn close_anchor(&mut self, opened: &Opened, node: &Node) {
        let bytes = match &node.kind {
            Kind::Scalar { text, .. } => text.len(),
            Kind::List { .. } | Kind::Map { .. } => (node.location.end - node.location.start) as usize,
        };
        self.anchors.targets[opened.index] = Some(Target {
            node: node.clone(),
            nodes: self.nodes - opened.nodes,
            bytes: bytes + (self.repeated - opened.repeated),
            height: self.deepest - self.depth,
        });
        self.deepest = self.deepest.max(opened.deepest);
    }

    /// Returns the node that the alias `name` repeats.
    pub(super) fn alias(&mut self, name: &str, location: Location) -> Result<Node, Refusal> {
        self.count_anchor(location)?;
        let Some(index) = self.anchors.by_name.get(name).copied() else {
            let message = format!("the alias `*{name}` has no anchor `&{name}` before it in this document");
            return Err(self
                .refuse(location, message)
                .hint(format!("quote a text that begins with `*{name}`"))
                .into());
        };
        let Some(target) = self.anchors.targets[index].clone() else {
            return Err(self.refuse(location, format!("the anchor `&{name}` contains itself")).into());
        };
        self.count(target.nodes, location)?;
        self.check_depth(self.depth + target.height, location)?;
        self.deepest = self.deepest.max(self.depth + target.height);
        self.repeated = self.repeated.saturating_add(target.bytes);
        let most = self.options.limits.bytes;
        if self.repeated > most {
            let message = format!("aliases repeat more bytes of the file than the limit of {most}");
            return Err(input::limit(location, message));
        }
        Ok(target.node)
    }

    pub(super) fn count_anchor(&mut self, location: Location) -> Result<(), Refusal> {
        self.anchors.used += 1;
        let most = self.options.limits.aliases;
        if self.anchors.used <= most {
            return Ok(());
        }
        Err(input::limit(
            location,
            format!("the file has more anchors, aliases and `%TAG` lines than the limit of {most}"),
        ))
    }
}

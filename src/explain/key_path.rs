//! A path as people write it: fields between dots, items of lists by their name or number.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Report};
use crate::spec::schema::{Schema, Type};
use crate::spec::yaml::{Kind, Node};

/// A path whose dots may stand between fields or in their names: only the data can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KeyPath(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    text: String,
    /// Whether it was written in brackets, and so is one key as it stands.
    exact: bool,
}

impl KeyPath {
    /// Reads `a.b[name].c["x.y"]`, or a JSON pointer.
    ///
    /// # Errors
    /// Reports brackets and quotes that are not closed, and empty parts.
    pub(super) fn read(text: &str) -> Result<Self, Report> {
        if let Some(pointer) = text.strip_prefix('/') {
            let exact =
                |step: &str| Segment { text: step.replace("~1", "/").replace("~0", "~"), exact: true };
            return Ok(Self(pointer.split('/').map(exact).collect()));
        }
        let refused = |why: &str| -> Report {
            Diagnostic::error_nowhere("unknown-path", format!("`{text}` is no path: {why}"))
                .hint("write `controlPlane.replicas` or `nodePools[default].labels[\"example.com/team\"]`")
                .into()
        };
        let mut segments = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(inner) = rest.strip_prefix('[') {
                let (text, behind) = bracketed(inner).ok_or_else(|| refused("a bracket is not closed"))?;
                segments.push(Segment { text, exact: true });
                rest = behind.strip_prefix('.').unwrap_or(behind);
                continue;
            }
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            if end == 0 {
                return Err(refused("a part is empty"));
            }
            segments.push(Segment { text: rest[..end].to_owned(), exact: false });
            rest = rest[end..].strip_prefix('.').unwrap_or(&rest[end..]);
        }
        if segments.is_empty() { Err(refused("it is empty")) } else { Ok(Self(segments)) }
    }

    /// Returns the steps from `roots`, which are laid over each other, to what the path means: of the ways to split
    /// it, the one with the longest keys that are there.
    pub(super) fn steps(&self, roots: &[&Node], schema: Option<&Arc<Schema>>) -> Vec<String> {
        let mut nodes: Vec<&Node> = roots.to_vec();
        let mut schema = schema.cloned();
        let mut steps = Vec::new();
        let mut rest = &self.0[..];
        while !rest.is_empty() {
            let taken = (1..=joinable(rest)).rev().find(|count| {
                let key = joined(&rest[..*count]);
                nodes.iter().any(|node| step_into(node, &key).is_some())
                    || schema.as_ref().is_some_and(|schema| has_own(schema, &key))
            });
            let count = taken.unwrap_or(1);
            let key = joined(&rest[..count]);
            nodes = nodes.iter().filter_map(|node| step_into(node, &key)).collect();
            schema = schema.as_ref().and_then(|schema| schema_at(schema, &key));
            steps.push(key);
            rest = &rest[count..];
        }
        steps
    }
}

/// Returns how many segments from the first on may be one key.
fn joinable(segments: &[Segment]) -> usize {
    if segments[0].exact { 1 } else { segments.iter().take_while(|segment| !segment.exact).count() }
}

fn joined(segments: &[Segment]) -> String {
    segments.iter().map(|segment| segment.text.as_str()).collect::<Vec<_>>().join(".")
}

/// Returns what stands in brackets, quotes taken off, and what stands behind them.
fn bracketed(inner: &str) -> Option<(String, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = inner.strip_prefix(quote) {
            let (text, behind) = quoted.split_once(quote)?;
            return Some((text.to_owned(), behind.strip_prefix(']')?));
        }
    }
    let (text, behind) = inner.split_once(']')?;
    Some((text.to_owned(), behind))
}

/// Returns the field, or the item of this name (`files`: this path) or number.
pub(super) fn step_into<'n>(node: &'n Node, step: &str) -> Option<&'n Node> {
    match &node.kind {
        Kind::Map { .. } => node.get(step),
        Kind::List { items, .. } => {
            let is_called = |item: &&Node| {
                ["name", "path"].iter().any(|field| item.get(field).and_then(Node::as_str) == Some(step))
            };
            items.iter().find(is_called).or_else(|| items.get(step.parse::<usize>().ok()?))
        }
        Kind::Scalar { .. } => None,
    }
}

/// Returns what the schema says of a step.
pub(super) fn schema_at(schema: &Arc<Schema>, step: &str) -> Option<Arc<Schema>> {
    let map = schema.alternative(Type::Object);
    let list = schema.alternative(Type::Array);
    map.property(step).or(list.items.as_ref()).cloned()
}

fn has_own(schema: &Arc<Schema>, step: &str) -> bool {
    schema.alternative(Type::Object).properties.iter().any(|(name, _)| &**name == step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::FileId;
    use crate::spec::yaml::{Options, parse};

    #[test]
    fn dots_part_fields_unless_a_key_has_them() -> Result<(), Report> {
        let root = &parse(
            FileId(0),
            b"{labels: {example.com/team: a, x: {y: 1}}, nodePools: [{name: default, zones: [a]}]}",
            Options::SPEC,
        )?[0]
            .root;
        for (path, expected) in [
            ("labels.example.com/team", &["labels", "example.com/team"][..]),
            ("labels.x.y", &["labels", "x", "y"]),
            ("labels[\"example.com/team\"]", &["labels", "example.com/team"]),
            ("nodePools[default].zones[0]", &["nodePools", "default", "zones", "0"]),
            ("nodePools.default.zones.0", &["nodePools", "default", "zones", "0"]),
            ("/labels/example.com~1team", &["labels", "example.com/team"]),
            ("nope.at.all", &["nope", "at", "all"]),
        ] {
            assert_eq!(KeyPath::read(path)?.steps(&[root], None), expected, "{path}");
        }
        for wrong in ["", "a..b", "a[b", "a[\"b]", ".a"] {
            assert!(KeyPath::read(wrong).is_err(), "{wrong}");
        }
        Ok(())
    }
}

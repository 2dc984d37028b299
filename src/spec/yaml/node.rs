//! YAML as a tree: what was written and what it means.

use std::sync::Arc;

use crate::location::Location;

/// One node and where it stands. Clones are cheap: children and texts are shared.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the node's text stands, quotes and brackets included; a node merged in through `<<` or an alias
    /// points at its anchor's text.
    pub location: Location,
    /// What it is.
    pub kind: Kind,
}

/// A scalar, a list or a map, aliases resolved and merge keys applied.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A single value.
    Scalar {
        /// The text after YAML's escapes and folding, before it is given a type: `1.30`, `yes`.
        text: Arc<str>,
        /// How it was written.
        style: Style,
        /// What it means.
        value: Scalar,
    },
    /// A list, in the order written.
    List {
        /// The items.
        items: Arc<[Node]>,
        /// Written in `[]`; otherwise in block form.
        flow: bool,
    },
    /// A map, in the order written, merged-in entries last.
    Map {
        /// The entries.
        entries: Arc<[Entry]>,
        /// Written in `{}`; otherwise in block form.
        flow: bool,
    },
}

/// One entry of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as the text JSON gives it: `true` for a key written `yes`.
    pub key: Arc<str>,
    /// Where the key stands.
    pub key_location: Location,
    /// The value.
    pub value: Node,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes; also a value that was left out.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As `|` or `>`.
    Block,
}

/// What a scalar means to Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar {
    /// `null`, `~` or nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites, in YAML 1.1's spellings.
    Bool(bool),
    /// A whole number that fits; octal, hexadecimal, binary and `_` as YAML 1.1 has them.
    Integer(i64),
    /// A whole number above `i64::MAX`.
    Unsigned(u64),
    /// Any other number; finite.
    Float(f64),
    /// Text.
    String,
}

//! YAML as a tree: what was written and what it means.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

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

impl Node {
    /// Returns the value of the entry `key`; `None` where there is none or the node is no map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()?.iter().rev().find(|entry| &*entry.key == key).map(|entry| &entry.value)
    }

    /// Returns the node at a JSON pointer: `/spec/nodePools/0`; `""` is the node itself.
    pub fn at(&self, pointer: &str) -> Option<&Self> {
        let Some(steps) = pointer.strip_prefix('/') else { return pointer.is_empty().then_some(self) };
        steps.split('/').try_fold(self, |node, step| match &node.kind {
            Kind::Map { .. } => node.get(&step.replace("~1", "/").replace("~0", "~")),
            Kind::List { items, .. } => items.get(step.parse::<usize>().ok()?),
            Kind::Scalar { .. } => None,
        })
    }

    /// Returns the entries of a map.
    pub fn entries(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Map { entries, .. } => Some(entries),
            Kind::List { .. } | Kind::Scalar { .. } => None,
        }
    }

    /// Returns the items of a list.
    pub fn items(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::List { items, .. } => Some(items),
            Kind::Map { .. } | Kind::Scalar { .. } => None,
        }
    }

    /// Returns what a scalar means.
    pub fn scalar(&self) -> Option<Scalar> {
        match &self.kind {
            Kind::Scalar { value, .. } => Some(*value),
            Kind::List { .. } | Kind::Map { .. } => None,
        }
    }

    /// Returns the text of a scalar that is text to Kubernetes; numbers, booleans and null are none.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar { text, value: Scalar::String, .. } => Some(text),
            Kind::Scalar { .. } | Kind::List { .. } | Kind::Map { .. } => None,
        }
    }

    /// Returns whether the node is null: written, or left out.
    pub fn is_null(&self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    /// Says what the node is, for messages: `a list`, `a boolean`.
    pub fn description(&self) -> &'static str {
        match &self.kind {
            Kind::List { .. } => "a list",
            Kind::Map { .. } => "a map",
            Kind::Scalar { value, .. } => match value {
                Scalar::Null => "null",
                Scalar::Bool(_) => "a boolean",
                Scalar::Integer(_) | Scalar::Unsigned(_) | Scalar::Float(_) => "a number",
                Scalar::String => "text",
            },
        }
    }

    /// Returns the node as JSON, entries in order; of two entries with one key the last holds.
    ///
    /// A float without a fraction is a whole number where one of 64 bits can hold it, as Go's `encoding/json` writes
    /// it: `1e3` is `1000`.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar { text, value, .. } => scalar_to_json(text, *value),
            Kind::List { items, .. } => Value::Array(items.iter().map(Self::to_json).collect()),
            Kind::Map { entries, .. } => {
                let entry = |entry: &Entry| (entry.key.to_string(), entry.value.to_json());
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
        }
    }
}

fn scalar_to_json(text: &str, value: Scalar) -> Value {
    match value {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Integer(value) => Value::Number(value.into()),
        Scalar::Unsigned(value) => Value::Number(value.into()),
        Scalar::Float(value) => float_to_json(value),
        Scalar::String => Value::String(text.to_owned()),
    }
}

/// Writes whole floats below 10^21 as Go does: the shortest digits that name the float, then zeros.
fn float_to_json(value: f64) -> Value {
    let whole = value.fract() == 0.0 && value.abs() < 1e21 && !(value == 0.0 && value.is_sign_negative());
    let digits = if whole { value.to_string() } else { String::new() };
    if let Ok(integer) = digits.parse::<i64>() {
        return Value::Number(integer.into());
    }
    if let Ok(integer) = digits.parse::<u64>() {
        return Value::Number(integer.into());
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

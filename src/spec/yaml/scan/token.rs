//! What the scanner hands to the composer.

use std::borrow::Cow;

use super::super::node::Style;

/// A token and its bytes.
#[derive(Debug)]
pub(in super::super) struct Token<'a> {
    pub(in super::super) kind: TokenKind<'a>,
    pub(in super::super) start: usize,
    pub(in super::super) end: usize,
}

/// The tokens of YAML 1.1. Starts and ends of block collections, and most keys, are not written but follow from
/// indentation and `:`.
#[derive(Debug)]
pub(in super::super) enum TokenKind<'a> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    VersionDirective { major: u8, minor: u8 },
    TagDirective(Box<Tag<'a>>),
    BlockListStart,
    BlockMapStart,
    BlockEnd,
    FlowListStart,
    FlowListEnd,
    FlowMapStart,
    FlowMapEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'a str),
    Anchor(&'a str),
    Tag(Box<Tag<'a>>),
    Scalar { text: Cow<'a, str>, style: Style },
}

/// A tag, or what a `%TAG` line says of its handle.
#[derive(Debug)]
pub(in super::super) struct Tag<'a> {
    /// `!`, `!!`, `!name!`, or empty for a tag in full.
    pub(in super::super) handle: &'a str,
    /// What follows the handle, `%` escapes decoded; of a `%TAG` line the prefix.
    pub(in super::super) suffix: String,
}

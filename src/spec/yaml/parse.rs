//! From bytes to nodes.

use super::node::Node;
use crate::diagnostic::Report;
use crate::location::FileId;

/// What to do with a key that stands twice in one map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// An error at both places: our own specs and templates.
    Refuse,
    /// The last one holds, as for Argo CD, and [`Document::duplicates`] names it: files written by others.
    LastHolds,
}

/// What to do with private-use characters, which mark the holes of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivateUse {
    /// An error: everything that people write.
    Refuse,
    /// They pass: a rendered template.
    Allow,
}

/// How much one file may make of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Nodes after aliases are expanded.
    pub nodes: usize,
    /// Aliases and merge keys.
    pub aliases: usize,
    /// Nesting of lists and maps.
    pub depth: usize,
}

/// How to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Keys that stand twice.
    pub duplicates: Duplicates,
    /// Private-use characters.
    pub private_use: PrivateUse,
    /// Limits.
    pub limits: Limits,
}

/// One document of a file; empty documents are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The root.
    pub root: Node,
}

/// Reads every document of a file.
///
/// # Errors
/// Reports the first syntax error, or every duplicate key, or the limit that was exceeded.
pub fn parse(file: FileId, bytes: &[u8], options: Options) -> Result<Vec<Document>, Report> {
    let _ = (file, bytes, options);
    unimplemented!()
}

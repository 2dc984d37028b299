//! How much one template may do and make.
//!
//! Fuel is minijinja's: an instruction costs one, and so do 64 bytes of text that are made, whether they are printed
//! or only kept in a variable, and 2 to 32 items of lists, by what is done with them. So [`FUEL`] bounds time and
//! memory alike, and a string of 90 MB is refused before it is made.

use crate::spec::yaml;

/// Fuel of one rendering: half a million instructions, or 32 MB of text.
pub(super) const FUEL: u64 = 500_000;
/// Bytes of a template file.
pub(super) const TEMPLATE_BYTES: usize = 1 << 20;
/// Bytes of one expression or statement line.
pub(super) const TAG_BYTES: usize = 4096;
/// Nesting of one expression, operands and filters included.
pub(super) const EXPRESSION_DEPTH: usize = 100;
/// Nesting of `if`, `for`, `macro`, `set` and `call`; and `elif` lines of one `if`.
pub(super) const STATEMENT_DEPTH: usize = 50;
/// Nesting of lists and maps that a variable may hold.
pub(super) const VALUE_DEPTH: usize = 64;
/// Frames of macros and loops within each other; a macro takes four.
pub(super) const RECURSION: usize = 200;
/// Bytes of the text that a template renders to, before values fill it.
pub(super) const SKELETON_BYTES: usize = 8 << 20;
/// Bytes of text in the documents of one filling.
pub(super) const FILLED_BYTES: usize = 16 << 20;
/// Scalars, lists and maps in the documents of one filling.
pub(super) const FILLED_NODES: usize = 500_000;
/// Bytes of the rendered texts whose shapes are remembered.
pub(super) const REMEMBERED_BYTES: usize = 4 << 20;

/// How a rendered template is read.
pub(super) const SKELETON: yaml::Options = yaml::Options {
    limits: yaml::Limits { bytes: SKELETON_BYTES, nodes: FILLED_NODES, aliases: 1000, depth: 64 },
    ..yaml::Options::SKELETON
};

//! JSON as Go's `encoding/json` writes and reads it (Go 1.26).
//!
//! It must not know what the values are for.

mod read;
mod write;

pub use read::{Read, read};
pub(super) use write::json_float;
pub use write::{Escape, to_json, to_pretty_json};

use crate::argocd::Fault;

/// How deeply lists and maps may be nested. Go reads 10,000 levels and writes any number.
pub(super) const DEPTH: usize = 200;

pub(super) fn too_deep() -> Fault {
    Fault::refused(format!("nesting of more than {DEPTH} levels is not supported"))
}

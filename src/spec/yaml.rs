//! The only reader of YAML: YAML 1.1 as Kubernetes reads it (sigs.k8s.io/yaml v1.6.0), with every place kept.
//!
//! Reading gives [`Node`]s: what was written, where, in which style, and what the scalar means. It must not know
//! what any key is for.
//!
//! What sigs.k8s.io/yaml refuses is refused. What it accepts gives the same JSON, but for this:
//!
//! - Every document of a file is read; sigs reads the first and ignores what follows, so it does not see that a
//!   second `]`, a wrong indentation or the `: a` of `{}: a` (an empty map as a key) is left over.
//! - A key that stands twice is refused under [`Duplicates::Refuse`]; also two `<<` in one map, and a `<<` that brings
//!   a key which stands before it: Kubernetes would let the merged value win.
//! - What exceeds [`Limits`] is refused, and private-use characters under [`PrivateUse::Refuse`]; those written as an
//!   escape (`"\uE000"`) or hidden in `!!binary` always, since they would be taken for the holes of templates.
//! - `.inf` and `.nan` are refused also where a later key of the same name would replace them.
//! - UTF-16 and a second byte order mark are refused.

mod build;
mod compose;
mod input;
mod node;
mod parse;
mod part;
mod refusal;
mod resolve;
mod scalar;
mod scan;
mod timestamp;

pub use node::{Entry, Kind, Node, Scalar, Style};
pub use parse::{Document, Duplicate, Duplicates, Limits, Options, PrivateUse, parse, parse_first};
pub use part::{Part, parts};

/// Returns whether go-yaml v2 takes `text` for text where it stands without quotes and without a tag; a date is none.
pub fn is_text(text: &str) -> bool {
    matches!(resolve::resolve(text), Scalar::String) && !timestamp::is_timestamp(text)
}

//! The only reader of YAML: YAML 1.1 as Kubernetes reads it (sigs.k8s.io/yaml v1.6.0), with every place kept.
//!
//! Reading gives [`Node`]s: what was written, where, in which style, and what the scalar means. It must not know
//! what any key is for.

mod build;
mod node;
mod parse;
mod resolve;

pub use node::{Entry, Kind, Node, Scalar, Style};
pub use parse::{Document, Duplicate, Duplicates, Limits, Options, PrivateUse, parse};

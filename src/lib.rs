//! A GitOps manifest generator for fleets of Kubernetes clusters.
//!
//! A rendering is a function from a tree of files to a tree of files:
//!
//! ```text
//! worktree ─┐                                                              ┌─► write
//!           ├─► FileTree ──► Catalog ──► Expansion ──► Objects ──► files ──┼─► compare
//! git tree ─┘    tree/        spec/       expand/       emit/              └─► diff
//!                              └────── check/ ────────────┘
//! ```
//!
//! The modules stand in reading order, and imports point only upward in this list.

pub mod base64;
pub mod harmless;
pub mod trailer;
pub mod tree;
pub mod location;
pub mod credential;
pub mod diagnostic;
pub mod error;
pub mod spec;
pub mod expand;
pub mod emit;
pub mod argocd;
pub mod crd;
pub mod check;
pub mod render;
pub mod golden;
pub mod impact;
pub mod explain;
pub mod branch;

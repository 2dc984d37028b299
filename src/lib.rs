//! A GitOps manifest generator for fleets of Kubernetes clusters.
pub mod diagnostic;
pub mod error;
pub mod location;
pub mod spec;
pub mod tree;

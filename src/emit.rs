//! From an expansion to Kubernetes objects and to files.
//!
//! Pure: objects come out with the place that made them; who writes them where is not known here.

pub mod access;
pub mod application;
pub mod application_set;
pub mod cluster_api;
pub mod cluster_secret;
pub mod external_secret;
pub mod fingerprint;
#[cfg(test)]
pub(crate) mod fixture;
pub mod fold;
pub mod kustomization;
pub mod layout;
pub mod look_up;
pub mod manifest;
pub mod patch;
pub mod project;
pub mod rollout;
pub mod root;
pub mod source_kind;
pub mod template;
pub mod values;
pub mod variables;
pub mod variant;
mod wave;
pub mod yaml;

use serde_json::Value;

use crate::location::Location;

/// A Kubernetes object, and what made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The object, keys in the order in which they are written.
    pub body: Value,
    /// What made it.
    pub origin: Origin,
}

/// What made an object: where to point when something is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The spec it is for.
    pub spec: Location,
    /// The template's document, where a template made it.
    pub template: Option<Location>,
}

impl Object {
    /// Returns the object's kind, `""` where it has none.
    pub fn kind(&self) -> &str {
        text(&self.body, "/kind")
    }

    /// Returns the object's API group without the version; `""` for the core group.
    pub fn group(&self) -> &str {
        text(&self.body, "/apiVersion").rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// Returns the object's name, `""` where it has none.
    pub fn name(&self) -> &str {
        text(&self.body, "/metadata/name")
    }
}

fn text<'a>(body: &'a Value, pointer: &str) -> &'a str {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

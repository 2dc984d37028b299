//! Which versions of its own API each minor of Cluster API serves.
//!
//! Source: the book's `reference/versions` and the notes on migration, as of Cluster API 1.14.

use crate::emit::Object;
use crate::spec::version::Minor;

/// What becomes of an API version of Cluster API's own kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The first minor that serves it.
    pub from: Option<Minor>,
    /// The first minor that warns of it.
    pub deprecated: Option<Minor>,
    /// The first minor that serves it no longer.
    pub until: Option<Minor>,
}

/// The groups that Cluster API has to itself, or shares, and then how the names of its own kinds begin.
const GROUPS: [(&str, &str); 5] = [
    ("cluster.x-k8s.io", ""),
    ("addons.cluster.x-k8s.io", "ClusterResourceSet"),
    ("bootstrap.cluster.x-k8s.io", "Kubeadm"),
    ("controlplane.cluster.x-k8s.io", "Kubeadm"),
    ("ipam.cluster.x-k8s.io", "IPAddress"),
];

/// Returns what becomes of an object's API version; `None` for kinds of others, and versions that are not known.
pub fn life(object: &Object) -> Option<Life> {
    let (group, version) = object.body.get("apiVersion")?.as_str()?.rsplit_once('/')?;
    let minor = |minor| Some(Minor { major: 1, minor });
    if group == "infrastructure.cluster.x-k8s.io" && object.kind().starts_with("Docker") {
        return Some(Life { from: None, deprecated: minor(13), until: minor(15) });
    }
    GROUPS.iter().find(|(known, kinds)| *known == group && object.kind().starts_with(kinds))?;
    match version {
        "v1alpha3" => Some(Life { from: None, deprecated: None, until: minor(5) }),
        "v1alpha4" => Some(Life { from: None, deprecated: None, until: minor(6) }),
        "v1beta1" => Some(Life { from: None, deprecated: minor(11), until: minor(16) }),
        "v1beta2" => Some(Life { from: minor(11), deprecated: None, until: None }),
        _ => None,
    }
}

impl Life {
    /// Returns whether a minor serves it.
    pub fn is_served_by(self, minor: Minor) -> bool {
        self.from.is_none_or(|from| minor >= from) && self.until.is_none_or(|until| minor < until)
    }

    /// Returns whether a minor serves it and warns of it.
    pub fn is_deprecated_in(self, minor: Minor) -> bool {
        self.is_served_by(minor) && self.deprecated.is_some_and(|deprecated| minor >= deprecated)
    }
}

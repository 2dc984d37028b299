//! Patches on emitted objects, as Fleet, Cluster and Addon declare them.

use serde::Deserialize;
use serde_json::Value;

/// One patch: which objects, and what to do to them.
#[derive(Clone, Debug, Deserialize)]
pub struct Patch {
    /// Which objects.
    pub target: PatchTarget,
    /// RFC 6902 operations, in order; exactly one of `json` and `merge` is there.
    #[serde(default)]
    pub json: Vec<Value>,
    /// An RFC 7386 merge patch.
    pub merge: Option<Value>,
}

/// Which objects a patch is for.
#[derive(Clone, Debug, Deserialize)]
pub struct PatchTarget {
    /// Their kind.
    pub kind: String,
    /// Their base name, a glob is fine; any where absent.
    pub name: Option<String>,
    /// Their API group without the version; any where absent.
    pub group: Option<String>,
}

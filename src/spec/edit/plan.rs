//! What would be edited, before anything is: one entry a cluster.

use crate::diagnostic::Report;
use crate::location::Sources;
use crate::spec::catalog::Catalog;
use crate::spec::edit::choice::Most;
use crate::spec::edit::{Wanted, edit};
use crate::tree::FileTree;

/// One field of a cluster that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The field, from the spec: `release`, `nodePools[default].kubernetes`.
    pub field: String,
    /// What it is now; `None` where it is not set.
    pub from: Option<String>,
    /// What it becomes.
    pub to: String,
}

/// What becomes of one of the clusters that were chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// What is written.
    pub wanted: Wanted,
    /// What that changes; empty where the cluster is there already.
    pub changes: Vec<Change>,
    /// Whether its turn is later: so many change at once, and others come first.
    pub waits: bool,
}

impl Planned {
    /// Notes that a field changes.
    pub(super) fn change(&mut self, field: impl Into<String>, from: Option<String>, to: &str) {
        self.changes.push(Change { field: field.into(), from, to: to.to_owned() });
    }

    /// Returns a cluster of which nothing changes.
    pub(super) fn nothing(cluster: usize) -> Self {
        Self { wanted: Wanted::nothing(cluster), changes: Vec::new(), waits: false }
    }
}

/// Lets those wait that are beyond `most` of all that were chosen; those that are there already are not counted.
pub fn stage(planned: &mut [Planned], most: Option<Most>) {
    let chosen = planned.len();
    let Some(most) = most.map(|most| most.of(chosen)) else { return };
    for later in planned.iter_mut().filter(|one| !one.changes.is_empty()).skip(most) {
        later.waits = true;
    }
}

/// Returns the files that change when those that do not wait are edited.
///
/// # Errors
/// Those of [`edit`].
pub fn carry_out(catalog: &Catalog, sources: &Sources, planned: &[Planned]) -> Result<FileTree, Report> {
    let now = planned.iter().filter(|one| !one.waits).map(|one| one.wanted.clone());
    edit(catalog, sources, &now.collect::<Vec<_>>())
}

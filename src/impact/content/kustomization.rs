//! The files that a kustomization is made of: its own, and whatever it refers to in this repository, over and over. What
//! lies outside of the repository is not read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::files::At;
use super::top;
use crate::emit::kustomization::{NAMES, references, resolved};
use crate::error::Failure;
use crate::tree::{FileTree, RepoPath, Selection};

/// Files by path.
type Found = BTreeMap<RepoPath, Arc<[u8]>>;

/// Returns every file that the kustomization in a folder is made of.
///
/// # Errors
/// Passes on what the repository refused.
pub fn closure(at: At<'_>, folder: &RepoPath) -> Result<Found, Failure> {
    let mut found = Found::new();
    let mut seen = BTreeSet::from([folder.clone()]);
    let mut waiting = vec![folder.clone()];
    while let Some(path) = waiting.pop() {
        let beneath = at.beneath(&path)?.unwrap_or_default();
        let own = |file: &&(RepoPath, Arc<[u8]>)| {
            file.0.folder() == path.as_str() && NAMES.contains(&file.0.file_name())
        };
        let Some((file, bytes)) = beneath.iter().find(own) else {
            // A file, or a folder that is taken as a whole.
            found.extend(beneath);
            continue;
        };
        found.insert(file.clone(), bytes.clone());
        for reference in references(bytes) {
            let target = resolved(&path, &reference);
            waiting.extend(target.filter(|target| seen.insert(target.clone())));
        }
    }
    Ok(found)
}

/// Returns whether any kustomization of a tree refers to something that a rendering does not read.
pub fn lead_elsewhere(tree: &FileTree) -> bool {
    let kustomizations = tree.0.iter().filter(|(path, _)| NAMES.contains(&path.file_name()));
    kustomizations.into_iter().any(|(path, bytes)| {
        let Ok(folder) = RepoPath::new(path.folder()) else { return false };
        // Texts that are no paths lead into the kustomization's own folder.
        let targets = references(bytes).into_iter().filter_map(|text| resolved(&folder, &text));
        targets.into_iter().any(|target| !Selection::FLEET.folders.contains(&top(&target)))
    })
}

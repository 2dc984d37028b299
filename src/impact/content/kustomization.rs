//! The files that a kustomization is made of: its own, and whatever it refers to in this repository, over and over.
//!
//! A reference is any text in a kustomization that names a file or a folder that is there: which field it stands in
//! does not matter, so that no field is forgotten. What lies outside of the repository is not read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::files::At;
use super::top;
use crate::error::Failure;
use crate::impact::document::objects_in;
use crate::impact::side::Which;
use crate::tree::{FileTree, RepoPath, Selection};

/// The names of the file that makes a folder a kustomization (kustomize 5).
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

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
        for reference in references(file, bytes) {
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
        let targets = references(path, bytes).into_iter().filter_map(|text| resolved(&folder, &text));
        targets.into_iter().any(|target| !Selection::FLEET.folders.contains(&top(&target)))
    })
}

/// Returns every text in a kustomization that may be a path.
fn references(file: &RepoPath, bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    // Whether it is a kustomization at all is for kustomize to say.
    for object in objects_in(file.as_str(), Which::Head, bytes).unwrap_or_default() {
        add_texts(&object, &mut texts);
    }
    texts
}

fn add_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains('\n') || text.contains("://") => {}
        // `configMapGenerator.files` gives files other names: `name=path`.
        Value::String(text) => texts.push(text.rsplit('=').next().unwrap_or(text).to_owned()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, texts)),
        Value::Object(map) => map.values().for_each(|value| add_texts(value, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Returns where a reference leads from a folder; `None` where that is outside of the repository, or no path.
fn resolved(folder: &RepoPath, reference: &str) -> Option<RepoPath> {
    if reference.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = folder.as_str().split('/').collect();
    for part in reference.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    RepoPath::new(&parts.join("/")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_from_the_folder_and_never_out_of_the_repository() {
        let folder = RepoPath::new("addons/x/overlay").expect("because it is confined");
        let resolved = |reference: &str| resolved(&folder, reference).map(|path| path.to_string());
        for (reference, expected) in [
            ("../base", Some("addons/x/base")),
            ("./patch.yaml", Some("addons/x/overlay/patch.yaml")),
            ("../../../shared/base/", Some("shared/base")),
            ("../../../../etc", None),
            ("/etc/passwd", None),
            ("", Some("addons/x/overlay")),
        ] {
            assert_eq!(resolved(reference).as_deref(), expected, "{reference}");
        }
    }
}

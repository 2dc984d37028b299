//! What a kustomization refers to in this repository.
//!
//! A reference is any text in a kustomization that may name a file or a folder: which field it stands in does not
//! matter, so that no field is forgotten. Whether anything lies there is for whoever follows it.

use crate::location::FileId;
use crate::spec::yaml::{Kind, Node, Options, parse};
use crate::tree::RepoPath;

/// The names of the file that makes a folder a kustomization (kustomize 5).
pub const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Returns every text in a kustomization that may be a path; none where it is no YAML, which is for kustomize to say.
pub fn references(bytes: &[u8]) -> Vec<String> {
    let mut texts = Vec::new();
    for document in parse(FileId(0), bytes, Options::FOREIGN).unwrap_or_default() {
        add_texts(&document.root, &mut texts);
    }
    texts
}

fn add_texts(node: &Node, texts: &mut Vec<String>) {
    match &node.kind {
        Kind::Scalar { .. } => {
            let text = node.as_str().filter(|text| !text.contains('\n') && !text.contains("://"));
            // `configMapGenerator.files` gives files other names: `name=path`.
            texts.extend(text.map(|text| text.rsplit('=').next().unwrap_or(text).to_owned()));
        }
        Kind::List { items, .. } => items.iter().for_each(|item| add_texts(item, texts)),
        Kind::Map { entries, .. } => entries.iter().for_each(|entry| add_texts(&entry.value, texts)),
    }
}

/// Returns where a reference leads from a folder; `None` where that is outside of the repository, or no path.
pub fn resolved(folder: &RepoPath, reference: &str) -> Option<RepoPath> {
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
